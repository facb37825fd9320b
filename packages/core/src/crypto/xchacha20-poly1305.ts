// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): ChaCha20-Poly1305 with a nonce that is long enough to follow from the message.

import { hchacha } from "@stablelib/xchacha20";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { ChaCha20Poly1305, Message, SealedWith } from "./chacha20-poly1305.ts";
import { portableChaCha20Poly1305 } from "./chacha20-poly1305-portable.ts";

/** Length of a nonce, in bytes. */
export const NONCE_BYTES = 24;
/** How much of it goes into the key. */
const KEYED_BYTES = 16;

// From this length on, in bytes, the runtime's cipher is faster. Below, it takes longer to make one, and to collect it, than to do
// without.
const LEAST_NATIVE = 1024;

let native: ChaCha20Poly1305 | undefined;
let looking: Promise<void> | undefined;

/**
 * Looks for the runtime's cipher, once: whoever seals or opens much waits for it first. Without that, and on runtimes that have
 * none, everything is done in JavaScript, with the same result. A browser loads nothing.
 */
export async function lookForNativeCipher(): Promise<void> {
  if (nodeCrypto() === undefined) return;
  looking ??= look();
  await looking;
}

async function look(): Promise<void> {
  const { nativeChaCha20Poly1305 } = await import("./chacha20-poly1305-node.ts");
  native = nativeChaCha20Poly1305(portableChaCha20Poly1305);
}

/** Seals and opens messages under one key and with the same associated data. */
export class XChaCha20Poly1305 {
  readonly #key: Uint8Array;
  readonly #parameters: SealedWith;

  /**
   * @param key - 32 bytes; copied
   * @param associated - 32 bytes, authenticated with each message; copied
   */
  constructor(key: Uint8Array, associated: Uint8Array) {
    this.#key = new Uint8Array(key);
    this.#parameters = {
      key: new Uint8Array(32),
      nonce: new Uint8Array(12),
      associated: new Uint8Array(associated),
    };
  }

  /**
   * Seals a message, with the tag of 16 bytes at its end.
   *
   * @param nonce - 24 bytes, which no other message under the key has
   * @param sealed - gets it: as long as both parts of the message and the tag
   */
  seal(nonce: Uint8Array, message: Message, sealed: Uint8Array): void {
    cipherFor(sealed.length).seal(message, this.#parametersWith(nonce), sealed);
  }

  /**
   * Opens what was sealed.
   *
   * @returns the message, in memory that is used again by the next call, of whatever key
   * @throws Error if it was not sealed under this key, with this nonce and associated data
   */
  open(nonce: Uint8Array, sealed: Uint8Array): Uint8Array {
    return cipherFor(sealed.length).open(sealed, this.#parametersWith(nonce));
  }

  // A subkey from the first 16 bytes of the nonce; four zeros and the rest are the nonce under it.
  #parametersWith(nonce: Uint8Array): SealedWith {
    hchacha(this.#key, nonce.subarray(0, KEYED_BYTES), this.#parameters.key);
    this.#parameters.nonce.set(nonce.subarray(KEYED_BYTES, NONCE_BYTES), 4);
    return this.#parameters;
  }
}

function cipherFor(length: number): ChaCha20Poly1305 {
  return length < LEAST_NATIVE ? portableChaCha20Poly1305 : (native ?? portableChaCha20Poly1305);
}
