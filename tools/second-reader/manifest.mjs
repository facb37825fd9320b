// What a log says of itself (docs/protocol.md, "The manifest").

import { decodeAddress } from "./address.mjs";
import { equal, fromUtf8, originOf, sha256, splitHashes } from "./bytes.mjs";
import { decode } from "./decode.mjs";
import { leafHash, nodeHash, peakSizes, treeOf } from "./merkle.mjs";
import { MANIFEST } from "./messages.mjs";
import { verifyCheckpoint } from "./note.mjs";
import { Refused, verified, wellFormed } from "./refused.mjs";
import { verifySuccessions } from "./successions.mjs";

/** The fields of a head that are about the manifest. */
const FIELDS = [
  "manifest",
  "manifestAddress",
  "manifestCheckpoint",
  "manifestPath",
  "manifestLeaves",
  "objects",
];

/**
 * @typedef {{ first: number, keyId: Uint8Array, keyring: Uint8Array, earlier: Uint8Array }} Epoch
 *
 * @typedef {object} Manifest
 * @property {number} version
 * @property {Uint8Array} previous
 * @property {Uint8Array[]} successions
 * @property {Epoch[]} epochs
 * @property {{ first: number, count: number }[]} removed
 * @property {number} firstKept
 * @property {number} snapshot sequence number plus 1; 0: there is none
 * @property {Uint8Array} remotes
 */

/**
 * @param {Uint8Array} bytes
 * @returns {Manifest}
 */
export function decodeManifest(bytes) {
  wellFormed(bytes.length <= 65_536, "a manifest of more than 65,536 bytes");
  const m = decode(MANIFEST, bytes);
  const version = m["version"];
  wellFormed(version >= 1 && version <= 65_536, "a manifest with a version that none has");
  wellFormed(
    m["previous"].length === (version === 1 ? 0 : 32),
    "a manifest that does not name the one before",
  );
  for (const note of m["successions"]) {
    wellFormed(note.length > 0 && note.length <= 1024, "a succession of a wrong length");
    fromUtf8(note);
  }
  /** @type {Epoch[]} */
  const epochs = m["epochs"];
  epochs.forEach(({ first, keyId, keyring, earlier }, e) => {
    wellFormed(
      e === 0 ? first === 0 : first >= epochs[e - 1].first,
      "an epoch that begins too early or too late",
    );
    wellFormed(keyId.length === 16, "an epoch without an id of its key");
    wellFormed(keyring.length === 0 || keyring.length === 32, "an epoch with a keyring that is not a hash");
    wellFormed(
      earlier.length === 0 || (e > 0 && earlier.length === 48),
      "an epoch with a key of the one before that is none",
    );
  });
  let end = -1;
  for (const { first, count } of m["removed"]) {
    wellFormed(
      count >= 1 && first > end && first + count < Number.MAX_SAFE_INTEGER,
      "ranges of removed entries that no manifest has",
    );
    end = first + count;
  }
  wellFormed(m["remotes"].length <= 32_768, "too much about remotes");
  return /** @type {Manifest} */ (/** @type {unknown} */ (m));
}

/**
 * A version of a manifest, verified.
 *
 * @typedef {object} ManifestState
 * @property {Manifest} manifest
 * @property {Uint8Array} root of the tree of its versions
 * @property {Uint8Array} [before] the root without this version
 * @property {import("./successions.mjs").Succession[]} successions checked, but for what they say of other versions and of entries
 * @property {() => Uint8Array[] | undefined} leaves the leaf hashes of all versions; `undefined` if no object with them is there
 */

/**
 * The newest version of the manifest that a head shows, verified; `undefined` if the log says nothing of itself.
 *
 * @param {import("./decode.mjs").Decoded} message the head
 * @param {import("./messages.mjs").Genesis} genesis
 * @param {(address: Uint8Array) => Uint8Array} read
 * @returns {ManifestState | undefined}
 */
export function readManifest(message, genesis, read) {
  if (FIELDS.every((name) => message[name].length === 0)) return undefined;
  const [embedded, address] = [message["manifest"], message["manifestAddress"]];
  wellFormed(
    message.present.has(106) && embedded.length + address.length > 0,
    "a head with a part of a manifest",
  );
  for (const other of [address, message["manifestLeaves"]]) if (other.length > 0) decodeAddress(other);
  for (const object of message["objects"]) decodeAddress(object.address);
  const origin = `${originOf(genesis.logId)}/manifest`;
  const bytes = embedded.length > 0 ? embedded : read(address);
  const manifest = decodeManifest(bytes);
  const successions = verifySuccessions(manifest.successions, genesis);
  const last = successions.at(-1);
  const { size, root } = verifyCheckpoint(
    message["manifestCheckpoint"],
    origin,
    last?.signingKey ?? genesis.signingKey,
  );
  verified(manifest.version === size, "a manifest whose version is not the size of its checkpoint");
  const path = splitHashes(message["manifestPath"], "the path of a manifest");
  wellFormed(path.length === peakSizes(size - 1).length, "the path of a manifest has a wrong length");
  const own = path.reduce((right, left) => nodeHash(left, right), leafHash(bytes));
  verified(equal(own, root), "a manifest that does not add up to the signed root");
  const before = path.length === 0 ? {} : { before: path.reduce((right, left) => nodeHash(left, right)) };
  if (last !== undefined) wellFormed(manifest.version > last.versions.size, "a succession that is not new");
  if (last !== undefined && last.versions.size === size - 1)
    verified(equal(before.before ?? sha256(), last.versions.root), "a succession to other versions");
  return {
    manifest,
    root,
    successions,
    ...before,
    leaves: () => leavesOf(message["manifestLeaves"], size, root, read),
  };
}

/**
 * @param {Uint8Array} address
 * @param {number} size
 * @param {Uint8Array} root
 * @param {(address: Uint8Array) => Uint8Array} read
 */
function leavesOf(address, size, root, read) {
  if (address.length === 0) return undefined;
  try {
    const leaves = splitHashes(read(address), "the leaf hashes of a manifest");
    return leaves.length === size && equal(treeOf(leaves).root, root) ? leaves : undefined;
  } catch (error) {
    // Nothing signs the address: what is wrong there proves nothing.
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/**
 * The newest state of a manifest: the one that is shown, if it is proven to extend the one that is kept.
 *
 * @param {ManifestState | undefined} kept
 * @param {ManifestState | undefined} shown
 */
export function newestManifest(kept, shown) {
  if (kept === undefined) return shown;
  const size = kept.manifest.version;
  if (shown === undefined || shown.manifest.version < size)
    throw new Refused("contradiction", "an older manifest is shown than was known");
  const beginning =
    shown.manifest.version === size
      ? shown.root
      : shown.manifest.version === size + 1
        ? shown.before
        : shown.leaves() && treeOf(/** @type {Uint8Array[]} */ (shown.leaves()).slice(0, size)).root;
  if (beginning === undefined) return kept;
  if (!equal(beginning, kept.root))
    throw new Refused("contradiction", "two manifests that contradict each other");
  return shown;
}

/**
 * @param {Manifest | undefined} manifest
 * @param {number} index of an entry
 */
export function isRemoved(manifest, index) {
  if (manifest === undefined) return false;
  const { firstKept, removed } = manifest;
  return index < firstKept || removed.some(({ first, count }) => first <= index && index < first + count);
}
