// Bytes, texts and the hashes that everything else is made of (SHA-256, HMAC, HKDF).

import { createHash, createHmac, hkdfSync } from "node:crypto";
import { wellFormed } from "./refused.mjs";

/** @param {...(Uint8Array | string)} parts */
export function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/**
 * @param {Uint8Array} key
 * @param {...Uint8Array} parts
 */
export function hmac(key, ...parts) {
  const hash = createHmac("sha256", key);
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/**
 * HKDF-SHA-256 with an output of 32 bytes.
 *
 * @param {Uint8Array} key
 * @param {Uint8Array} salt
 * @param {string} info
 */
export function hkdf(key, salt, info) {
  return new Uint8Array(hkdfSync("sha256", key, salt, info, 32));
}

/**
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
export function equal(a, b) {
  return Buffer.compare(a, b) === 0;
}

/** @param {...Uint8Array} parts */
export function concat(...parts) {
  return new Uint8Array(Buffer.concat(parts));
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return Buffer.from(bytes).toString("hex");
}

/** @param {string} text */
export function fromHex(text) {
  wellFormed(/^(?:[0-9a-f]{2})*$/.test(text), "not hexadecimal digits in lower case");
  return new Uint8Array(Buffer.from(text, "hex"));
}

/**
 * The bytes of a text in base64, which has to be the one that they give again.
 *
 * @param {string} text
 * @param {"base64" | "base64url"} alphabet
 */
export function fromBase64(text, alphabet) {
  const bytes = Buffer.from(text, alphabet);
  wellFormed(bytes.toString(alphabet) === text, `not ${alphabet}`);
  return new Uint8Array(bytes);
}

/** @param {Uint8Array} bytes */
export function fromUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    wellFormed(false, "not UTF-8");
    return "";
  }
}

/**
 * The hashes in a field that joins them.
 *
 * @param {Uint8Array} joined
 * @param {string} what
 */
export function splitHashes(joined, what) {
  wellFormed(joined.length % 32 === 0, `${what}: not a whole number of hashes`);
  return Array.from({ length: joined.length / 32 }, (_, i) => joined.slice(32 * i, 32 * i + 32));
}

/**
 * The first line of a log's checkpoints.
 *
 * @param {Uint8Array} logId
 */
export function originOf(logId) {
  return `remote-log/v1/${hex(logId)}`;
}
