// Ed25519 in JavaScript, for runtimes whose Web Cryptography API does not have it.

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesEqual, concatBytes } from "../bytes.ts";
import { isStrictlyEncoded, littleEndian } from "./ed25519-encoding.ts";
import { copySeed, type Ed25519, type SigningKey } from "./signing-key.ts";

/** Ed25519 in plain JavaScript, by `@noble/curves`, for runtimes whose Web Cryptography API does not have it. */
export const nobleEd25519: Ed25519 = {
  async signingKey(seed: Uint8Array): Promise<SigningKey> {
    const secret = copySeed(seed, "key.create");
    return {
      publicKey: ed25519.getPublicKey(secret),
      async sign(message: Uint8Array): Promise<Uint8Array> {
        return ed25519.sign(new Uint8Array(message), secret);
      },
    };
  },

  async verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    return isStrictlyEncoded(publicKey, signature) && matchesEquation(publicKey, message, signature);
  },
};

/**
 * Whether encode([S]B − [k]A) equals the bytes of R: the equation without the cofactor, which the Web
 * Cryptography API, OpenSSL and Go use. The library's own `verify` multiplies by the cofactor, and so accepts
 * signatures that those refuse.
 */
function matchesEquation(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const { Point } = ed25519;
  const { Fn } = Point;
  const encodedR = signature.subarray(0, 32);
  let a: InstanceType<typeof Point>;
  try {
    a = Point.fromBytes(publicKey);
  } catch {
    return false; // not a point of the curve
  }
  const s = littleEndian(signature.subarray(32));
  const k = Fn.create(littleEndian(sha512(concatBytes([encodedR, publicKey, message]))));
  const r = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
  return bytesEqual(r.toBytes(), encodedR);
}
