// Heads, pages and index nodes (docs/protocol.md, "Pages, nodes, head"): checked before any part of them is used.

import { decodeAddress } from "./address.mjs";
import { equal, originOf } from "./bytes.mjs";
import { readManifest } from "./manifest.mjs";
import { GrowingTree, leafHash, peakSizes, treeOf } from "./merkle.mjs";
import { decodeGenesis, decodeIndexNode, decodeRemoteLog, levelOf, pairsOf } from "./messages.mjs";
import { verifyCheckpoint } from "./note.mjs";
import { verified, wellFormed } from "./refused.mjs";

/**
 * @typedef {import("./messages.mjs").Pair} Pair
 * @typedef {import("./messages.mjs").Ref} Ref
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
 * @param {Uint8Array} bytes
 * @param {number} count of refs
 * @param {readonly Uint8Array[]} peaks the hashes of the perfect subtrees of its refs, largest first
 * @returns {Ref[]}
 */
export function verifyNode(bytes, count, peaks) {
  const refs = decodeIndexNode(bytes);
  wellFormed(refs.length === count, "an index node with a wrong number of refs");
  for (const { address } of refs) decodeAddress(address);
  const own = treeOf(refs.map(({ hash }) => hash)).peaks;
  verified(
    own.length === peaks.length && own.every((peak, i) => equal(peak, peaks[i])),
    "an index node that does not add up to the hashes above it",
  );
  return refs;
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
    else for (const ref of verifyNode(bytes, fanOut, [hash])) yield* below(ref, level - 1);
  }
  for (let l = levels.length - 1; l >= 0; l--) {
    const { node, peaks, refs } = levels[l];
    const older = counts[l] - refs.length;
    if (older > 0) for (const ref of verifyNode(read(node), older, peaks)) yield* below(ref, l);
    for (const ref of refs) yield* below(ref, l);
  }
  yield* pairs;
}
