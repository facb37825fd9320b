// Private logs and their epochs (docs/protocol.md, "Private logs", "Epochs").

import { concat, equal, hkdf, hmac, sha256 } from "./bytes.mjs";
import { Refused, verified, wellFormed } from "./refused.mjs";
import { open } from "./xchacha.mjs";

const MOST_PADDED = 16_777_200;

/**
 * @typedef {import("./manifest.mjs").Epoch} Epoch
 * @typedef {import("./messages.mjs").Genesis} Genesis
 */

/**
 * @param {Uint8Array} key K of an epoch
 * @param {Uint8Array} logId
 */
function keyIdOf(key, logId) {
  return hkdf(key, logId, "remote-log/v1/key-id").subarray(0, 16);
}

/**
 * @param {Uint8Array} readKey R of an epoch
 * @param {number} epoch
 * @param {Uint8Array} logId
 */
function contentKeyOf(readKey, epoch, logId) {
  return epoch === 0 ? readKey : hkdf(readKey, logId, "remote-log/v1/epoch-key");
}

/**
 * The keys K that a key of 32 bytes leads to, by the number of the epoch.
 *
 * @param {Uint8Array} key R or K of any epoch
 * @param {Uint8Array} logId
 * @param {readonly Epoch[]} epochs of the manifest; none: there is epoch 0 alone
 * @returns {Map<number, Uint8Array>}
 */
export function epochKeys(key, logId, epochs) {
  wellFormed(key.length === 32, "a key that has not 32 bytes");
  /** @type {Map<number, Uint8Array>} */
  const keys = new Map();
  if (epochs.length === 0) return keys.set(0, key);
  for (let e = epochs.length - 1; e >= 0; e--) {
    if (equal(keyIdOf(contentKeyOf(key, e, logId), logId), epochs[e].keyId))
      followEarlier(keys, key, e, logId, epochs);
    else if (equal(keyIdOf(key, logId), epochs[e].keyId)) keys.set(e, key);
  }
  return keys;
}

/**
 * @param {Map<number, Uint8Array>} keys
 * @param {Uint8Array} readKey
 * @param {number} from
 * @param {Uint8Array} logId
 * @param {readonly Epoch[]} epochs
 */
function followEarlier(keys, readKey, from, logId, epochs) {
  /** @type {Uint8Array | undefined} */
  let key = readKey;
  for (let e = from; e >= 0 && key !== undefined; e--) {
    const contentKey = contentKeyOf(key, e, logId);
    if (!equal(keyIdOf(contentKey, logId), epochs[e].keyId)) return;
    keys.set(e, contentKey);
    const sealing = hkdf(key, logId, "remote-log/v1/earlier");
    key = open(sealing, new Uint8Array(24), new Uint8Array(), epochs[e].earlier);
  }
}

/**
 * The number of the epoch in which an entry stands.
 *
 * @param {number} index
 * @param {readonly Epoch[]} epochs
 */
export function epochOf(index, epochs) {
  return Math.max(
    epochs.findLastIndex(({ first }) => first <= index),
    0,
  );
}

/**
 * The length of a content of that number of bytes, once it is padded (Padmé).
 *
 * @param {number} bytes
 */
export function paddedLength(bytes) {
  const length = Math.max(bytes + 1, 32);
  const e = Math.floor(Math.log2(length));
  const s = Math.floor(Math.log2(e)) + 1;
  const step = 2 ** (e - s);
  const padded = Math.ceil(length / step) * step;
  return padded > MOST_PADDED ? Math.max(length, MOST_PADDED) : padded;
}

/** @param {Uint8Array} padded */
function withoutPadding(padded) {
  const end = padded.findLastIndex((byte) => byte !== 0);
  wellFormed(
    end >= 0 && padded[end] === 0x80 && padded.length === paddedLength(end),
    "a content with wrong padding",
  );
  return padded.slice(0, end);
}

/**
 * Opens what is stored of an entry, and checks it against what identifies the entry.
 *
 * @param {{ index: number, stored: Uint8Array, localHash: Uint8Array }} entry
 * @param {Uint8Array} key K of its epoch
 * @param {Genesis} genesis
 * @param {(content: Uint8Array) => Uint8Array} identify H1 of a content
 * @returns {Uint8Array | undefined} `undefined` if the key is wrong
 */
export function openEntry({ index, stored, localHash }, key, { logId, unpadded }, identify) {
  const sealing = hkdf(key, logId, "remote-log/v1/seal");
  const padded = open(sealing, localHash.subarray(0, 24), logId, stored);
  if (padded === undefined) return undefined;
  const content = unpadded ? padded : withoutPadding(padded);
  const number = new DataView(new ArrayBuffer(8));
  number.setBigUint64(0, BigInt(index));
  const identifier = hmac(
    hkdf(key, logId, "remote-log/v1/identify"),
    new Uint8Array(number.buffer),
    identify(content),
    sha256(content),
  );
  verified(equal(identifier, localHash), "a sealed entry that is not the one it is called");
  return content;
}

/**
 * The URIs of the remotes that a manifest names; `undefined` if no key opens them.
 *
 * @param {Uint8Array} sealed
 * @param {Uint8Array} key K of the newest epoch
 * @param {Uint8Array} logId
 */
export function openRemotes(sealed, key, logId) {
  if (sealed.length < 40) throw new Refused("malformed", "sealed remotes that are too short");
  const sealing = hkdf(key, logId, "remote-log/v1/remotes");
  const padded = open(sealing, sealed.subarray(0, 24), logId, sealed.subarray(24));
  if (padded === undefined) return undefined;
  const length = padded.findLastIndex((byte) => byte !== 0) + 1;
  const nonce = hmac(hkdf(key, logId, "remote-log/v1/remotes-nonce"), padded).subarray(0, 24);
  verified(equal(nonce, sealed.subarray(0, 24)), "remotes that are sealed with another nonce than theirs");
  wellFormed(length > 0 && padded.length === Math.ceil(length / 256) * 256, "remotes with wrong padding");
  return concat(padded.subarray(0, length));
}
