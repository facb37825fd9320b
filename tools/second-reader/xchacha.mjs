// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): HChaCha20 here, the rest by Node.

import { createDecipheriv } from "node:crypto";
import { concat } from "./bytes.mjs";

const ROUNDS = /** @type {const} */ ([
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
]);

/**
 * HChaCha20 (§2.2).
 *
 * @param {Uint8Array} key 32 bytes
 * @param {Uint8Array} nonce 16 bytes
 */
export function hchacha20(key, nonce) {
  const input = concat(new Uint8Array(Buffer.from("expand 32-byte k")), key, nonce);
  const view = new DataView(input.buffer, input.byteOffset);
  const s = Array.from({ length: 16 }, (_, i) => view.getUint32(4 * i, true));
  /**
   * @param {number} to
   * @param {number} add
   * @param {number} mix
   * @param {number} by
   */
  const step = (to, add, mix, by) => {
    s[to] = (s[to] + s[add]) >>> 0;
    const x = s[mix] ^ s[to];
    s[mix] = ((x << by) | (x >>> (32 - by))) >>> 0;
  };
  for (let i = 0; i < 10; i++)
    for (const [a, b, c, d] of ROUNDS) {
      step(a, b, d, 16);
      step(c, d, b, 12);
      step(a, b, d, 8);
      step(c, d, b, 7);
    }
  const output = new DataView(new ArrayBuffer(32));
  [0, 1, 2, 3, 12, 13, 14, 15].forEach((from, i) => {
    output.setUint32(4 * i, s[from], true);
  });
  return new Uint8Array(output.buffer);
}

/**
 * @param {Uint8Array} key 32 bytes
 * @param {Uint8Array} nonce 24 bytes
 * @param {Uint8Array} data associated data
 * @param {Uint8Array} sealed ciphertext and tag
 * @returns {Uint8Array | undefined} `undefined` if it does not open
 */
export function open(key, nonce, data, sealed) {
  if (sealed.length < 16) return undefined;
  const subkey = hchacha20(key, nonce.subarray(0, 16));
  const inner = concat(new Uint8Array(4), nonce.subarray(16, 24));
  const cipher = createDecipheriv("chacha20-poly1305", subkey, inner, { authTagLength: 16 });
  const ciphertext = sealed.subarray(0, -16);
  cipher.setAAD(data, { plaintextLength: ciphertext.length });
  cipher.setAuthTag(sealed.subarray(-16));
  const plain = cipher.update(ciphertext);
  try {
    cipher.final();
  } catch {
    return undefined;
  }
  return new Uint8Array(plain);
}
