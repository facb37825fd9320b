// Heads, pages, bundles and index nodes (docs/protocol.md, "Pages, nodes, head", "Bundles"): checked before any part of them is used.

import { decodeAddress } from "./address.mjs";
import { equal, originOf } from "./bytes.mjs";
import { readManifest } from "./manifest.mjs";
import { GrowingTree, leafHash, peakSizes, treeOf } from "./merkle.mjs";
import {
  decodeBundleMessage,
  decodeGenesis,
  decodeIndexNode,
  decodeRemoteLog,
  levelOf,
  pairsOf,
  pairsOfBundle,
} from "./messages.mjs";
import { verifyCheckpoint } from "./note.mjs";
import { Refused, verified, wellFormed } from "./refused.mjs";

/**
 * @typedef {import("./messages.mjs").Pair} Pair
 * @typedef {import("./messages.mjs").Ref} Ref
 * @typedef {import("./messages.mjs").Bundle} Bundle
 */

/** @param {Pair} pair */
export function leafOf({ localHash, contentHash }) {
  return leafHash(localHash, contentHash);
}

/**
 * How many refs the rightmost node of each level has, lowest level first.
 *
 * @param {number} pages
 * @param {number} fanOut
 */
function refCounts(pages, fanOut) {
  const counts = [];
  for (let children = pages; children > 0; ) {
    const full = Math.floor((children - 1) / fanOut);
    counts.push(children - full * fanOut);
    children = full;
  }
  return counts;
}

/**
 * What a name holds: a head, or the address of one.
 *
 * @param {Uint8Array} bytes
 * @returns {{ remoteId?: Uint8Array } & ({ head: Uint8Array } | { pointer: Uint8Array })}
 */
export function decodeName(bytes) {
  const message = decodeRemoteLog(bytes);
  const remoteId = message.present.has(108) ? { remoteId: message["remoteId"] } : {};
  if (message["head"].length === 0) return { head: bytes, ...remoteId };
  for (const number of message.present)
    wellFormed(number === 103 || number === 108, "a pointer to a head with other fields");
  decodeAddress(message["head"]);
  return { pointer: message["head"], ...remoteId };
}

/**
 * @param {Uint8Array} bytes
 * @param {Uint8Array} logId
 * @param {(address: Uint8Array) => Uint8Array} read of a manifest that is stored apart
 */
export function verifyHead(bytes, logId, read) {
  const message = decodeRemoteLog(bytes);
  wellFormed(message["head"].length === 0, "a pointer in the place of a head");
  const genesis = decodeGenesis(message["genesis"]);
  verified(equal(genesis.logId, logId), "a head of another log");
  // First: it says which key has to have signed the rest.
  const manifest = readManifest(message, genesis, read);
  const last = manifest?.successions.at(-1);
  const signingKey = last?.signingKey ?? genesis.signingKey;
  const { size, root } = verifyCheckpoint(message["checkpoint"], originOf(logId), signingKey);
  if (last !== undefined) {
    wellFormed(size >= last.entries.size, "fewer entries than the last succession has");
    verified(size > last.entries.size || equal(root, last.entries.root), "a succession to other entries");
  }
  const { leafSize, fanOut } = genesis;
  const pages = size === 0 ? 0 : Math.floor((size - 1) / leafSize);
  const pairs = pairsOf(message);
  wellFormed(pairs.length === size - pages * leafSize, "a head with a wrong number of pairs");
  const counts = refCounts(pages, fanOut);
  const levels = message["levels"].map(levelOf);
  wellFormed(levels.length === counts.length, "a head with a wrong number of levels");
  const newestPage = levels[0]?.refs.at(-1)?.address ?? new Uint8Array();
  wellFormed(equal(message["tail"], newestPage), "a head whose tail is not its newest page");

  const tree = new GrowingTree();
  for (let l = levels.length - 1; l >= 0; l--) {
    const { node, peaks, refs } = levels[l];
    const older = counts[l] - refs.length;
    wellFormed(refs.length > 0 && older >= 0, "a level with a wrong number of refs");
    const sizes = peakSizes(older);
    wellFormed(peaks.length === sizes.length && node.length > 0 === older > 0, "a level with wrong peaks");
    if (older > 0) decodeAddress(node);
    const below = leafSize * fanOut ** l;
    sizes.forEach((peak, i) => {
      tree.add(peak * below, peaks[i]);
    });
    for (const { address, hash } of refs) {
      decodeAddress(address);
      tree.add(below, hash);
    }
  }
  for (const pair of pairs) tree.add(1, leafOf(pair));
  verified(equal(tree.root, root), "a head that does not add up to the signed root");
  return { genesis, size, root, pairs, levels, counts, manifest };
}

/**
 * @param {Uint8Array} bytes
 * @param {number} leafSize
 * @param {Uint8Array} hash
 * @returns {Pair[]}
 */
export function verifyPage(bytes, leafSize, hash) {
  const message = decodeRemoteLog(bytes);
  for (const number of message.present) wellFormed(number <= 2, "a page with the fields of a head");
  const pairs = pairsOf(message);
  wellFormed(pairs.length === leafSize, "a page with a wrong number of pairs");
  verified(equal(treeOf(pairs.map(leafOf)).root, hash), "a page that does not add up to its hash");
  return pairs;
}

/**
 * The pages of a bundle, oldest first.
 *
 * @param {Uint8Array} bytes
 * @param {number} leafSize
 * @param {readonly Uint8Array[]} hashes of its pages, oldest first
 * @returns {Pair[][]}
 */
export function verifyBundle(bytes, leafSize, hashes) {
  const message = decodeRemoteLog(bytes);
  for (const number of message.present) wellFormed(number <= 2, "a bundle with the fields of a head");
  const pairs = pairsOfBundle(message);
  wellFormed(pairs.length === leafSize * hashes.length, "a bundle with a wrong number of pairs");
  return hashes.map((hash, page) => {
    const own = pairs.slice(page * leafSize, (page + 1) * leafSize);
    verified(equal(treeOf(own.map(leafOf)).root, hash), "a bundle that does not add up to its hashes");
    return own;
  });
}

/**
 * @param {Uint8Array} bytes
 * @param {number} count of refs
 * @param {readonly Uint8Array[]} peaks the hashes of the perfect subtrees of its refs, largest first
 * @param {number} [level] of the node: its refs lead to pages if it is 1
 * @returns {{ refs: Ref[], bundles: Bundle[] }}
 */
export function verifyNode(bytes, count, peaks, level = 1) {
  const { refs, bundles: messages } = decodeIndexNode(bytes);
  wellFormed(refs.length === count, "an index node with a wrong number of refs");
  wellFormed(messages.length === 0 || level === 1, "bundles in a node that leads to no page");
  const bundles = messages.map(decodeBundleMessage);
  checkPlaces(bundles, count);
  refs.forEach(({ address }, page) => {
    const bundle = bundles.find((one) => holds(one, page));
    if (address.length > 0) decodeAddress(address);
    else wellFormed(bundle !== undefined, "a ref without address that is in no bundle");
    wellFormed(
      bundle === undefined || !equal(address, bundle.address),
      "a ref with the address of its bundle",
    );
  });
  const own = treeOf(refs.map(({ hash }) => hash)).peaks;
  verified(
    own.length === peaks.length && own.every((peak, i) => equal(peak, peaks[i])),
    "an index node that does not add up to the hashes above it",
  );
  return { refs, bundles };
}

/**
 * @param {Bundle} bundle
 * @param {number} page counted from the first ref of the node
 */
function holds({ first, lengths }, page) {
  return first <= page && page < first + lengths.length;
}

/**
 * @param {readonly Bundle[]} bundles of a node
 * @param {number} count of its refs
 */
function checkPlaces(bundles, count) {
  let end = 0;
  for (const { first, address, lengths } of bundles) {
    const pages = lengths.length;
    decodeAddress(address);
    wellFormed(pages >= 2 && (pages & (pages - 1)) === 0, "a bundle whose pages are no power of two");
    wellFormed(first % pages === 0, "a bundle that is not aligned");
    wellFormed(first >= end && first + pages <= count, "a bundle that overlaps another, or has no refs");
    end = first + pages;
  }
}

/**
 * All pairs that a verified head leads to, from entry 0 on.
 *
 * @param {ReturnType<typeof verifyHead>} head
 * @param {(address: Uint8Array) => Uint8Array} read
 * @returns {Generator<Pair>}
 */
export function* pairsBelow({ genesis: { leafSize, fanOut }, pairs, levels, counts }, read) {
  /**
   * @param {Ref} ref
   * @param {number} level of the node that holds it
   * @returns {Generator<Pair>}
   */
  function* below({ address, hash }, level) {
    const bytes = read(address);
    if (level === 0) yield* verifyPage(bytes, leafSize, hash);
    else yield* children(verifyNode(bytes, fanOut, [hash], level), level - 1);
  }

  /**
   * @param {{ refs: Ref[], bundles: Bundle[] }} node
   * @param {number} level of its children
   * @returns {Generator<Pair>}
   */
  function* children({ refs, bundles }, level) {
    for (let i = 0; i < refs.length; ) {
      const bundle = bundles.find(({ first }) => first === i);
      if (bundle === undefined) yield* below(refs[i++], level);
      else {
        const own = refs.slice(i, i + bundle.lengths.length);
        yield* bundled(bundle, own);
        i += own.length;
      }
    }
  }

  /**
   * The pages of a bundle, one by one if it can't be read and they can.
   *
   * @param {Bundle} bundle
   * @param {readonly Ref[]} refs to its pages
   * @returns {Generator<Pair>}
   */
  function* bundled({ address }, refs) {
    /** @type {Pair[][]} */
    let pages = [];
    try {
      const hashes = refs.map(({ hash }) => hash);
      pages = verifyBundle(read(address), leafSize, hashes);
    } catch (error) {
      if (!(error instanceof Refused) || refs.some((ref) => ref.address.length === 0)) throw error;
      for (const ref of refs) yield* below(ref, 0);
    }
    for (const page of pages) yield* page;
  }

  for (let l = levels.length - 1; l >= 0; l--) {
    const { node, peaks, refs } = levels[l];
    const older = counts[l] - refs.length;
    if (older > 0) yield* children(verifyNode(read(node), older, peaks, l + 1), l);
    for (const ref of refs) yield* below(ref, l);
  }
  yield* pairs;
}
