// What an Ed25519 key (RFC 8032) and an implementation of Ed25519 look like to the rest of the core.

import { InvalidInputError } from "../errors/index.ts";
import { checkArgument } from "../options/check-option-types.ts";
import { bytes } from "../options/option-kinds.ts";

/** An Ed25519 key that signs. It does not give its secret away, nor does it show it when it is printed. */
export interface SigningKey {
  /** The public key: 32 bytes, as RFC 8032 encodes it. Not to be changed. */
  readonly publicKey: Uint8Array;

  /** Signs a message with pure Ed25519 (RFC 8032): 64 bytes, the same ones each time. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** One implementation of Ed25519. All of them sign the same bytes, and give the same verdict on any input. */
export interface Ed25519 {
  /**
   * The key of a seed. The seed is copied.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if the seed does not have 32 bytes
   */
  signingKey(seed: Uint8Array): Promise<SigningKey>;

  /** Whether a signature is good. Never rejects because of what the three arrays hold. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** Length of the seed of a key or of a whole log, in bytes. */
export const SEED_BYTES = 32;

/**
 * A copy of a seed, so that its owner may wipe it.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if it does not have 32 bytes
 */
export function copySeed(seed: Uint8Array, operation: string): Uint8Array {
  checkArgument(seed, bytes, { name: "A seed", operation });
  if (seed.length !== SEED_BYTES) {
    throw new InvalidInputError(`A seed has ${SEED_BYTES} bytes, not ${seed.length}.`, { operation });
  }
  return new Uint8Array(seed);
}
