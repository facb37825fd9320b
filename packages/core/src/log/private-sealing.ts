// Contents of a private log: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), with a nonce that follows from what is sealed;
// docs/protocol.md, "Private logs".

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { NoKeyError } from "../errors/index.ts";
import { encodeUtf8 } from "../utf8.ts";
import type { IdentifiedGenesis } from "./genesis.ts";
import { identify, identifyOpened, wrongIdentifier } from "./identifier.ts";
import { pad, unpad } from "./padding.ts";
import type { Held, Opened, Sealed, Sealing } from "./sealing.ts";

const NONCE_BYTES = 24;
const KEY_BYTES = 32;

/**
 * The sealing of a private log under one read key.
 *
 * @param readKey - 32 bytes
 */
export function privateSealing(
  readKey: Uint8Array,
  { genesis, logId }: Pick<IdentifiedGenesis, "genesis" | "logId">,
): Sealing {
  return new PrivateSealing(readKey, { genesis, logId });
}

class PrivateSealing implements Sealing {
  readonly #genesis: IdentifiedGenesis["genesis"];
  readonly #associated: Uint8Array;
  readonly #sealKey: Uint8Array;
  /** HMAC under the identifier key, before it has taken anything in. */
  readonly #identify: ReturnType<typeof hmac.create>;

  constructor(readKey: Uint8Array, { genesis, logId }: Pick<IdentifiedGenesis, "genesis" | "logId">) {
    this.#genesis = genesis;
    this.#associated = hexToBytes(logId);
    // With the log id: two logs of one key, which differ in their settings alone, must not seal with the same one.
    const derive = (label: string): Uint8Array =>
      hkdf(nobleSha256, readKey, this.#associated, encodeUtf8(`remote-log/v1/${label}`), KEY_BYTES);
    this.#sealKey = derive("seal");
    this.#identify = hmac.create(nobleSha256, derive("identify"));
  }

  seal(sequence: number, content: Uint8Array): Sealed {
    const hash = sha256(content);
    const id = identify(this.#genesis.identifiers, content, hash);
    const localHash = this.#localHash(sequence, id, hash);
    const stored = this.#cipher(localHash).encrypt(pad(content, this.#genesis.padding));
    return { id, localHash, stored, contentHash: sha256(stored) };
  }

  open(sequence: number, { localHash, stored }: Held): Opened {
    const padded = this.#decrypt(sequence, localHash, stored);
    const content = unpad(padded, this.#genesis.padding);
    if (content === undefined) throw wrongIdentifier(sequence, "its content is not padded as it must be");
    const hash = sha256(content);
    const id = identifyOpened(this.#genesis.identifiers, sequence, content, hash);
    // Poly1305 does not commit to the key: somebody who knows two can seal what opens under both. This does.
    if (!bytesEqual(this.#localHash(sequence, id, hash), localHash))
      throw wrongIdentifier(sequence, "it names another content");
    return { id, content };
  }

  // Of all that is sealed, so that no two plaintexts ever share a nonce: how they are padded is fixed with the log, and so is the key.
  #localHash(sequence: number, id: Uint8Array, hash: Uint8Array): Uint8Array {
    const place = new Uint8Array(8);
    new DataView(place.buffer).setBigUint64(0, BigInt(sequence));
    return this.#identify.clone().update(place).update(id).update(hash).digest();
  }

  #cipher(localHash: Uint8Array): ReturnType<typeof xchacha20poly1305> {
    return xchacha20poly1305(this.#sealKey, localHash.subarray(0, NONCE_BYTES), this.#associated);
  }

  #decrypt(sequence: number, localHash: Uint8Array, stored: Uint8Array): Uint8Array {
    const cipher = this.#cipher(localHash);
    try {
      return cipher.decrypt(stored);
    } catch (cause) {
      // The writer signed the hash of these bytes: they are what was sealed.
      throw new NoKeyError(
        `Entry ${sequence} of this log can't be opened: the key is not the one that it was sealed with. Ask the writer for the ` +
          "newest link with the key.",
        { operation: "entry.open", reason: "wrong-key", cause },
      );
    }
  }
}
