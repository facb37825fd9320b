// The messages of docs/protocol.md, and the rules for each that need nothing else.

import { ADDRESS_BYTES, rawDigest } from "./address.mjs";
import { sha256, splitHashes } from "./bytes.mjs";
import { decode, packedNumbers } from "./decode.mjs";
import { Refused, wellFormed } from "./refused.mjs";

/** @typedef {import("./decode.mjs").Message} Message */

const MiB = 1024 * 1024;
const NOTE = 64 * 1024;
const PAIRS = 65_536;
const LEVELS = 16;
const REFS = 256;
const EPOCHS = 1024;
const REMOVALS = 8192;

/** @type {Message} */
const PAIR = {
  name: "Pair",
  fields: {
    1: { name: "remoteHash", type: "bytes", most: ADDRESS_BYTES },
    2: { name: "localHash", type: "bytes" },
    3: { name: "data", type: "bytes" },
    100: { name: "contentHash", type: "bytes" },
  },
};

/** @type {Message} */
const LEVEL = {
  name: "Level",
  fields: {
    1: { name: "node", type: "bytes", most: ADDRESS_BYTES },
    2: { name: "peaks", type: "bytes" },
    3: { name: "addresses", type: "bytes", repeated: REFS, most: ADDRESS_BYTES },
    4: { name: "hashes", type: "bytes" },
  },
};

/** @type {Message} */
const STORED_OBJECT = {
  name: "StoredObject",
  fields: { 1: { name: "hash", type: "bytes" }, 2: { name: "address", type: "bytes", most: ADDRESS_BYTES } },
};

/** @type {Message} */
const REMOTE_LOG = {
  name: "RemoteLog",
  fields: {
    1: { name: "pairs", type: PAIR, repeated: PAIRS },
    2: { name: "tail", type: "bytes", most: ADDRESS_BYTES },
    100: { name: "genesis", type: "bytes" },
    101: { name: "checkpoint", type: "bytes", most: NOTE },
    102: { name: "levels", type: LEVEL, repeated: LEVELS },
    103: { name: "head", type: "bytes", most: ADDRESS_BYTES },
    104: { name: "manifest", type: "bytes" },
    105: { name: "manifestAddress", type: "bytes", most: ADDRESS_BYTES },
    106: { name: "manifestCheckpoint", type: "bytes", most: NOTE },
    107: { name: "manifestPath", type: "bytes" },
    108: { name: "remoteId", type: "bytes" },
    109: { name: "manifestLeaves", type: "bytes", most: ADDRESS_BYTES },
    110: { name: "objects", type: STORED_OBJECT, repeated: EPOCHS },
    111: { name: "snapshotContent", type: "bytes" },
  },
};

/** @type {Message} */
const BUNDLE = {
  name: "Bundle",
  fields: {
    1: { name: "first", type: "uint32" },
    2: { name: "address", type: "bytes", most: ADDRESS_BYTES },
    3: { name: "lengths", type: "bytes" },
  },
};

/** @type {Message} */
const INDEX_NODE = {
  name: "IndexNode",
  fields: {
    1: { name: "addresses", type: "bytes", repeated: REFS, most: ADDRESS_BYTES },
    2: { name: "hashes", type: "bytes" },
    3: { name: "bundles", type: "bytes", repeated: REFS },
  },
};

/** @type {Message} */
const GENESIS = {
  name: "Genesis",
  canonical: true,
  noUnknownUpTo: Number.POSITIVE_INFINITY,
  fields: {
    1: { name: "version", type: "uint32" },
    2: { name: "signingKey", type: "bytes" },
    3: { name: "recoveryKeyHash", type: "bytes" },
    4: { name: "identifiers", type: "uint32" },
    5: { name: "visibility", type: "uint32" },
    6: { name: "leafSize", type: "uint32" },
    7: { name: "fanOut", type: "uint32" },
    9: { name: "unpadded", type: "uint32" },
  },
};

/** @type {Message} */
const EPOCH = {
  name: "Epoch",
  fields: {
    1: { name: "first", type: "uint64" },
    2: { name: "keyId", type: "bytes" },
    3: { name: "keyring", type: "bytes" },
    4: { name: "earlier", type: "bytes" },
  },
};

/** @type {Message} */
const REMOVAL = {
  name: "Removal",
  fields: { 1: { name: "first", type: "uint64" }, 2: { name: "count", type: "uint64" } },
};

/** @type {Message} */
export const MANIFEST = {
  name: "Manifest",
  noUnknownUpTo: 31,
  fields: {
    1: { name: "version", type: "uint64" },
    2: { name: "previous", type: "bytes" },
    3: { name: "successions", type: "bytes", repeated: 255 },
    4: { name: "epochs", type: EPOCH, repeated: EPOCHS },
    5: { name: "removed", type: REMOVAL, repeated: REMOVALS },
    6: { name: "firstKept", type: "uint64" },
    7: { name: "snapshot", type: "uint64" },
    8: { name: "remotes", type: "bytes" },
  },
};

/**
 * A content as a page or head shows it.
 *
 * @typedef {object} Pair
 * @property {"embedded" | "pointer" | "removed"} form
 * @property {Uint8Array} localHash
 * @property {Uint8Array} contentHash SHA-256 of the bytes as stored
 * @property {Uint8Array} [data] the bytes as stored, if they are embedded
 * @property {Uint8Array} [address] where they are, if they are not
 */

/**
 * @typedef {{ address: Uint8Array, hash: Uint8Array }} Ref in a node with bundles, `address` may be empty
 * @typedef {{ first: number, address: Uint8Array, lengths: number[] }} Bundle `first` is counted from the first ref of its node
 * @typedef {{ node: Uint8Array, peaks: Uint8Array[], refs: Ref[] }} Level
 */

/** @param {Uint8Array} bytes */
export function decodeRemoteLog(bytes) {
  wellFormed(bytes.length <= 4 * MiB, "a head or page of more than 4 MiB");
  const message = decode(REMOTE_LOG, bytes);
  wellFormed(
    !message.present.has(108) || message["remoteId"].length === 16,
    "the id of a remote has not 16 bytes",
  );
  for (const { hash } of message["objects"])
    wellFormed(hash.length === 32, "an object without a hash of 32 bytes");
  for (const { localHash, contentHash, present } of message["pairs"]) {
    wellFormed(!present.has(2) || localHash.length === 32, "a localHash that has not 32 bytes");
    wellFormed(!present.has(100) || contentHash.length === 32, "a contentHash that has not 32 bytes");
  }
  return message;
}

/**
 * The pairs of a page or head, oldest first.
 *
 * @param {import("./decode.mjs").Decoded} remoteLog
 * @returns {Pair[]}
 */
export function pairsOf(remoteLog) {
  return remoteLog["pairs"].map(pairOf).reverse();
}

/**
 * @param {import("./decode.mjs").Decoded} pair
 * @returns {Pair}
 */
function pairOf({ remoteHash, localHash, data, contentHash }) {
  wellFormed(localHash.length === 32, "a pair without a localHash");
  const given = contentHash.length === 32;
  if (remoteHash.length === 0) {
    if (!given) return { form: "embedded", localHash, data, contentHash: sha256(data) };
    wellFormed(data.length === 0, "an embedded content beside a contentHash");
    return { form: "removed", localHash, contentHash };
  }
  wellFormed(data.length === 0, "an embedded content beside an address");
  const digest = rawDigest(remoteHash);
  wellFormed(given === (digest === undefined), "a contentHash that is missing, or is one too many");
  return { form: "pointer", localHash, address: remoteHash, contentHash: digest ?? contentHash };
}

/**
 * The pairs of a bundle, oldest first. An identifier that follows from the content may be left out.
 *
 * @param {import("./decode.mjs").Decoded} remoteLog
 * @returns {Pair[]}
 */
export function pairsOfBundle(remoteLog) {
  return remoteLog["pairs"]
    .map((/** @type {import("./decode.mjs").Decoded} */ pair) => {
      const { remoteHash, data, present } = pair;
      const leftOut = !present.has(2) && !present.has(100) && remoteHash.length === 0;
      return pairOf(leftOut ? { ...pair, localHash: sha256(data) } : pair);
    })
    .reverse();
}

/**
 * @param {readonly Uint8Array[]} addresses
 * @param {Uint8Array} joined
 * @returns {Ref[]}
 */
function refsOf(addresses, joined) {
  const hashes = splitHashes(joined, "refs");
  wellFormed(hashes.length === addresses.length, "refs with more or fewer addresses than hashes");
  return hashes.map((hash, i) => ({ address: addresses[i], hash }));
}

/**
 * @param {import("./decode.mjs").Decoded} level
 * @returns {Level}
 */
export function levelOf({ node, peaks, addresses, hashes }) {
  return { node, peaks: splitHashes(peaks, "peaks"), refs: refsOf(addresses, hashes) };
}

/**
 * @param {Uint8Array} bytes
 * @returns {{ refs: Ref[], bundles: Uint8Array[] }} the bundles still as bytes
 */
export function decodeIndexNode(bytes) {
  wellFormed(bytes.length <= 64 * 1024, "an index node of more than 64 KiB");
  const { addresses, hashes, bundles } = decode(INDEX_NODE, bytes);
  return { refs: refsOf(addresses, hashes), bundles };
}

/**
 * @param {Uint8Array} bytes
 * @returns {Bundle}
 */
export function decodeBundleMessage(bytes) {
  const { first, address, lengths } = decode(BUNDLE, bytes);
  wellFormed(address.length > 0, "a bundle without address");
  const numbers = packedNumbers(lengths, "Bundle.lengths");
  wellFormed(numbers.length <= REFS, "a bundle of more pages than a node has");
  return { first, address, lengths: numbers };
}

/**
 * @typedef {object} Genesis
 * @property {Uint8Array} logId
 * @property {Uint8Array} signingKey
 * @property {Uint8Array} recoveryKeyHash
 * @property {boolean} mvds
 * @property {boolean} isPublic
 * @property {boolean} unpadded
 * @property {number} leafSize
 * @property {number} fanOut
 */

/**
 * @param {Uint8Array} bytes
 * @returns {Genesis}
 */
export function decodeGenesis(bytes) {
  const g = decode(GENESIS, bytes);
  wellFormed(g["version"] >= 1, "a genesis record without a version");
  if (g["version"] > 1) throw new Refused("unsupported", "a genesis record of another version");
  wellFormed(g["signingKey"].length === 32, "a signing key that has not 32 bytes");
  wellFormed([0, 32].includes(g["recoveryKeyHash"].length), "a hash of a recovery key that has not 32 bytes");
  for (const name of ["identifiers", "visibility", "unpadded"])
    wellFormed(g[name] <= 1, `a genesis record with an unknown value of ${name}`);
  wellFormed(isPowerOfTwo(g["leafSize"], 1, 65_536), "a leaf size that no log has");
  wellFormed(isPowerOfTwo(g["fanOut"], 2, 256), "a fan-out that no log has");
  wellFormed(g["visibility"] === 0 || g["unpadded"] === 0, "a public log pads nothing");
  return {
    logId: sha256(bytes),
    signingKey: g["signingKey"],
    recoveryKeyHash: g["recoveryKeyHash"],
    mvds: g["identifiers"] === 1,
    isPublic: g["visibility"] === 1,
    unpadded: g["unpadded"] === 1,
    leafSize: g["leafSize"],
    fanOut: g["fanOut"],
  };
}

/**
 * @param {number} n
 * @param {number} least
 * @param {number} most
 */
function isPowerOfTwo(n, least, most) {
  return n >= least && n <= most && (n & (n - 1)) === 0;
}
