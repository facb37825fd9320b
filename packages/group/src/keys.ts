// The keys of a device in a group: all follow from its seed, so that it can always come back.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { InvalidInputError } from "@remote-log/core";
import { encodeUtf8 } from "@remote-log/core/adapter";
import { bech32 } from "@scure/base";

const SEED_BYTES = 32;

/** The keys of a device in a group. The log of messages has the seed itself. */
export class GroupKeys {
  readonly #seed: Uint8Array;

  /**
   * @param seed - 32 bytes; copied
   * @throws InvalidInputError `ERR_INVALID_INPUT` if it does not have 32 bytes
   */
  constructor(seed: Uint8Array) {
    if (!(seed instanceof Uint8Array) || seed.length !== SEED_BYTES)
      throw new InvalidInputError(
        `The seed of a device has ${SEED_BYTES} bytes: make one with generateSeed(), and keep it.`,
        {
          operation: "group.open",
        },
      );
    this.#seed = seed.slice();
  }

  /** The seed of the log of messages. */
  get messages(): Uint8Array {
    return this.#seed.slice();
  }

  /** The seed of the control log. */
  get control(): Uint8Array {
    return derived(this.#seed, "control");
  }

  /** The seed of the log of attachments. */
  get attachments(): Uint8Array {
    return derived(this.#seed, "attachments");
  }

  /** The identity with which this device reads the logs of others, as a text of `age`. */
  get identity(): string {
    return identityOf(derived(this.#seed, "identity"));
  }

  /** The secret of an invitation, by its number. */
  invitation(number: number): Uint8Array {
    return derived(this.#seed, `invitation/${number}`);
  }

  /** The seed of the log in which this device welcomes who came with an invitation, by its number. */
  welcome(number: number): Uint8Array {
    return derived(this.#seed, `welcome/${number}`);
  }
}

/** The seed of the log in which a newcomer leaves its card, from the secret of an invitation. */
export function mailboxSeed(secret: Uint8Array): Uint8Array {
  return derived(secret, "mailbox");
}

function derived(secret: Uint8Array, label: string): Uint8Array {
  return hkdf(sha256, secret, undefined, encodeUtf8(`remote-log/group/v1/${label}`), SEED_BYTES);
}

/** Any 32 bytes are an X25519 secret; `age` writes one in bech32. */
function identityOf(secret: Uint8Array): string {
  return bech32.encode("AGE-SECRET-KEY-", bech32.toWords(secret)).toUpperCase();
}
