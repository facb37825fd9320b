// Keys and signatures of Ethereum: secp256k1 with a recovery byte, over EIP-191 personal messages.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToNumberBE, numberToBytesBE } from "@noble/curves/utils.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { InvalidInputError } from "@remote-log/core";
import { encodeUtf8 } from "@remote-log/core/adapter";

/** Length of an Ethereum address, in bytes. */
export const OWNER_BYTES = 20;

/** Length of a signature: r, s, and the byte from which the key is recovered. */
export const SIGNATURE_BYTES = 65;

/** The recovery byte, plus one if the y of r's point is odd. */
const FIRST_RECOVERY_BYTE = 27;

/** The prefix of EIP-191, version 0x45, for a message of 32 bytes: no signature over it can pass for a transaction. */
const PREFIX: Uint8Array = encodeUtf8("\x19Ethereum Signed Message:\n32");

const { Point } = secp256k1;
const { Fn } = Point;

/**
 * The Ethereum address of a key: the last 20 bytes of Keccak-256 over its public key.
 *
 * @param key - secret scalar of secp256k1, 32 bytes
 * @throws InvalidInputError `ERR_INVALID_INPUT` if it is none
 */
export function ethereumAddress(key: Uint8Array): Uint8Array {
  return addressOfPoint(Point.BASE.multiply(scalarOf(key)).toBytes(false));
}

/**
 * Signs a hash as an Ethereum personal message. The same key and hash always give the same signature.
 *
 * The nonce is Keccak-256(Keccak-256(key) ‖ hash of the message), as bee-js takes it, and not that of RFC 6979: an update
 * that either of them makes again is the same chunk, byte for byte.
 *
 * @param key - secret scalar of secp256k1, 32 bytes
 * @param hash - 32 bytes
 * @returns r ‖ s ‖ v, 65 bytes: s in the lower half of the order, v = 27 or 28
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the key is none
 */
export function signHash(key: Uint8Array, hash: Uint8Array): Uint8Array {
  const secret = scalarOf(key);
  const message = personalMessage(hash);
  const nonce = Fn.create(
    bytesToNumberBE(keccak_256.create().update(keccak_256(key)).update(message).digest()),
  );
  const point = Point.BASE.multiply(nonce).toAffine();
  const r = Fn.create(point.x);
  // Inverting a multiple of the nonce: how long it takes tells nothing of the nonce.
  const blind = bytesToNumberBE(secp256k1.utils.randomSecretKey());
  const inverse = Fn.mul(Fn.inv(Fn.mul(nonce, blind)), blind);
  const s = Fn.mul(inverse, Fn.add(Fn.create(bytesToNumberBE(message)), Fn.mul(r, secret)));
  const high = s > Fn.ORDER >> 1n;
  const odd = (point.y % 2n === 1n) !== high;
  const signature = new Uint8Array(SIGNATURE_BYTES);
  signature.set(numberToBytesBE(r, 32), 0);
  signature.set(numberToBytesBE(high ? Fn.neg(s) : s, 32), 32);
  signature[64] = FIRST_RECOVERY_BYTE + (odd ? 1 : 0);
  return signature;
}

/**
 * The address whose key signed a hash, or `undefined` if the bytes are no signature at all.
 *
 * Anyone can turn a signature into others of the same key and hash: s into its negative, and v into 31 or 32, which nodes
 * accept too. They are accepted here as well: otherwise anyone who stores such a copy could make an update unreadable.
 *
 * @param signature - r ‖ s ‖ v
 * @param hash - 32 bytes
 */
export function recoverSigner(signature: Uint8Array, hash: Uint8Array): Uint8Array | undefined {
  const recovery = (signature[64] ?? 0) - FIRST_RECOVERY_BYTE;
  if (signature.length !== SIGNATURE_BYTES || recovery < 0 || recovery > 7) return undefined;
  try {
    const compact = secp256k1.Signature.fromBytes(signature.subarray(0, 64), "compact");
    const key = compact.addRecoveryBit(recovery & 3).recoverPublicKey(personalMessage(hash));
    return addressOfPoint(key.toBytes(false));
  } catch {
    // No such point on the curve, or a number out of range.
    return undefined;
  }
}

function personalMessage(hash: Uint8Array): Uint8Array {
  return keccak_256.create().update(PREFIX).update(hash).digest();
}

/** @param point - uncompressed, 65 bytes */
function addressOfPoint(point: Uint8Array): Uint8Array {
  return keccak_256(point.subarray(1)).slice(-OWNER_BYTES);
}

function scalarOf(key: Uint8Array): bigint {
  if (secp256k1.utils.isValidSecretKey(key)) return bytesToNumberBE(key);
  throw new InvalidInputError(
    "The key of a name is no secret key of secp256k1: it must be 32 bytes, not all zeros, below the order of the curve. " +
      "Take the one that deriveKeys gives for Swarm.",
    { operation: "names.open" },
  );
}
