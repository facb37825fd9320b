// Signed notes (C2SP signed-note) and checkpoints (C2SP tlog-checkpoint), signed with Ed25519 (RFC 8032).

import { createPublicKey, verify } from "node:crypto";
import { concat, equal, fromBase64, fromUtf8, hex, sha256 } from "./bytes.mjs";
import { verified, wellFormed } from "./refused.mjs";

const NOTE_BYTES = 64 * 1024;
const NOTE_SIGNATURES = 100;
const ED25519 = Uint8Array.of(1);
const SPKI = new Uint8Array(Buffer.from("302a300506032b6570032100", "hex"));
const P = 2n ** 255n - 19n;
/** The y of the points of small order. */
const SMALL_ORDER = [
  0n,
  1n,
  P - 1n,
  littleEndian("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
  littleEndian("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
];

/** @param {string} digits */
function littleEndian(digits) {
  return BigInt(`0x${hex(new Uint8Array(Buffer.from(digits, "hex").reverse()))}`);
}

/** @param {Uint8Array} point */
function isSound(point) {
  const y = littleEndian(hex(point)) & (2n ** 255n - 1n);
  return y < P && !SMALL_ORDER.includes(y);
}

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} message
 * @param {Uint8Array} signature
 */
function isSigned(key, message, signature) {
  if (signature.length !== 64 || !isSound(key) || !isSound(signature.subarray(0, 32))) return false;
  const publicKey = createPublicKey({ key: Buffer.from(concat(SPKI, key)), format: "der", type: "spki" });
  return verify(null, message, publicKey, signature);
}

/**
 * @param {Uint8Array} bytes
 * @returns {{ text: string, signatures: { name: string, keyHash: Uint8Array, signature: Uint8Array }[] }}
 */
export function decodeNote(bytes) {
  wellFormed(bytes.length <= NOTE_BYTES, "a note of more than 64 KiB");
  const note = fromUtf8(bytes);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a note has no control character but the line feed.
  wellFormed(!/[\u0000-\u0009\u000b-\u001f]/.test(note), "a note with control characters");
  const split = note.lastIndexOf("\n\n");
  wellFormed(split >= 0 && note.endsWith("\n"), "a note without signatures");
  const lines = note.slice(split + 2, -1).split("\n");
  wellFormed(lines.length <= NOTE_SIGNATURES, "a note with more than 100 signatures");
  const signatures = lines.map((line) => {
    const [, name, base64] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
    wellFormed(name !== undefined && base64 !== undefined, "a line that is no signature");
    const value = fromBase64(base64, "base64");
    wellFormed(value.length >= 5, "a signature that is too short");
    return { name, keyHash: value.slice(0, 4), signature: value.slice(4) };
  });
  return { text: note.slice(0, split + 1), signatures };
}

/**
 * Size and root of a checkpoint that a key has signed for an origin.
 *
 * @param {Uint8Array} bytes
 * @param {string} origin also the name of the key
 * @param {Uint8Array} key
 */
export function verifyCheckpoint(bytes, origin, key) {
  const checkpoint = decodeCheckpoint(decodeNote(bytes).text, origin);
  verifySignedText(bytes, origin, key);
  return checkpoint;
}

/**
 * The text of a note that a key has signed under a name.
 *
 * @param {Uint8Array} bytes
 * @param {string} origin the name of the key
 * @param {Uint8Array} key
 */
export function verifySignedText(bytes, origin, key) {
  const { text, signatures } = decodeNote(bytes);
  const keyHash = sha256(origin, "\n", ED25519, key).subarray(0, 4);
  const own = signatures.filter(({ name, keyHash: other }) => name === origin && equal(other, keyHash));
  verified(own.length > 0, "a checkpoint that the key of the log has not signed");
  const message = new Uint8Array(Buffer.from(text));
  for (const { signature } of own)
    verified(isSigned(key, message, signature), "a checkpoint with a wrong signature");
  return text;
}

/**
 * @param {string} text
 * @param {string} origin
 */
function decodeCheckpoint(text, origin) {
  const lines = text.split("\n");
  wellFormed(lines.length === 4 && lines[3] === "", "a checkpoint that has not three lines");
  const [first, size, root] = /** @type {[string, string, string]} */ (/** @type {unknown} */ (lines));
  verified(first === origin, "a checkpoint of another log");
  wellFormed(
    /^(?:0|[1-9][0-9]*)$/.test(size) && Number.isSafeInteger(Number(size)),
    "a size that is no number",
  );
  const hash = fromBase64(root, "base64");
  wellFormed(hash.length === 32, "a root that has not 32 bytes");
  return { size: Number(size), root: hash };
}
