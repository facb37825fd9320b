// Contents of a private log: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), with a nonce that follows from what is sealed;
// docs/protocol.md, "Private logs".

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { bytesEqual } from "../bytes.ts";
import { TAG_BYTES } from "../crypto/chacha20-poly1305.ts";
import { HmacSha256 } from "../crypto/hmac-sha256.ts";
import { HASH_BYTES, sha256 } from "../crypto/sha256.ts";
import { NONCE_BYTES, XChaCha20Poly1305 } from "../crypto/xchacha20-poly1305.ts";
import { NoKeyError } from "../errors/index.ts";
import { encodeUtf8 } from "../utf8.ts";
import type { IdentifiedGenesis } from "./genesis.ts";
import { identify, identifyOpened, wrongIdentifier } from "./identifier.ts";
import { paddingOf, unpad } from "./padding.ts";
import { storedBytes } from "./sealed-size.ts";
import type { Held, Identified, Opened, Sealed, Sealing } from "./sealing.ts";

const KEY_BYTES = 32;
/** A sequence number, in what names an entry. */
const PLACE_BYTES = 8;

/** What is sealed for its hash alone is sealed in the same memory again and again, up to this length in bytes. */
const SHORT_BYTES = 4096;
const shortRoom = new Uint8Array(SHORT_BYTES);

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
  readonly #cipher: XChaCha20Poly1305;
  readonly #identifier: HmacSha256;
  /** The sequence number in its message. */
  readonly #place: DataView;

  constructor(readKey: Uint8Array, { genesis, logId }: Pick<IdentifiedGenesis, "genesis" | "logId">) {
    this.#genesis = genesis;
    const logBytes = hexToBytes(logId);
    // With the log id: two logs of one key, which differ in their settings alone, must not seal with the same one.
    const derive = (label: string): Uint8Array =>
      hkdf(nobleSha256, readKey, logBytes, encodeUtf8(`remote-log/v1/${label}`), KEY_BYTES);
    this.#cipher = new XChaCha20Poly1305(derive("seal"), logBytes);
    this.#identifier = new HmacSha256(derive("identify"), PLACE_BYTES + 2 * HASH_BYTES);
    const { message } = this.#identifier;
    this.#place = new DataView(message.buffer, message.byteOffset, PLACE_BYTES);
  }

  identify(sequence: number, content: Uint8Array): Identified {
    const hash = sha256(content);
    const id = identify(this.#genesis.identifiers, content, hash);
    return { id, localHash: this.#localHash(sequence, id, hash), hash };
  }

  contentHash(content: Uint8Array, identified: Identified): Uint8Array {
    const bytes = storedBytes(content.length, this.#genesis);
    const room = bytes <= SHORT_BYTES ? shortRoom.subarray(0, bytes) : new Uint8Array(bytes);
    this.#sealInto(room, content, identified);
    return sha256(room);
  }

  seal(sequence: number, content: Uint8Array): Sealed {
    const identified = this.identify(sequence, content);
    const stored = new Uint8Array(storedBytes(content.length, this.#genesis));
    this.#sealInto(stored, content, identified);
    const { id, localHash } = identified;
    return { id, localHash, stored, contentHash: sha256(stored) };
  }

  open(sequence: number, { localHash, stored }: Held): Opened {
    const padded = this.#decrypt(sequence, localHash, stored);
    const unpadded = unpad(padded, this.#genesis.padding);
    if (unpadded === undefined) throw wrongIdentifier(sequence, "its content is not padded as it must be");
    // Not slice(): for a Node Buffer it returns a view of the same memory.
    const content = new Uint8Array(unpadded);
    const hash = sha256(content);
    const id = identifyOpened(this.#genesis.identifiers, sequence, content, hash);
    // Poly1305 does not commit to the key: somebody who knows two can seal what opens under both. This does.
    if (!bytesEqual(this.#localHash(sequence, id, hash), localHash))
      throw wrongIdentifier(sequence, "it names another content");
    return { id, content };
  }

  // Of all that is sealed, so that no two plaintexts ever share a nonce: how they are padded is fixed with the log, and so is the key.
  #localHash(sequence: number, id: Uint8Array, hash: Uint8Array): Uint8Array {
    const { message } = this.#identifier;
    this.#place.setUint32(0, Math.floor(sequence / 2 ** 32));
    this.#place.setUint32(4, sequence);
    message.set(id, PLACE_BYTES);
    message.set(hash, PLACE_BYTES + HASH_BYTES);
    return this.#identifier.digest();
  }

  #sealInto(stored: Uint8Array, content: Uint8Array, { localHash }: Identified): void {
    const padding = paddingOf(stored.length - content.length - TAG_BYTES);
    this.#cipher.seal(localHash.subarray(0, NONCE_BYTES), [content, padding], stored);
  }

  #decrypt(sequence: number, localHash: Uint8Array, stored: Uint8Array): Uint8Array {
    const nonce = localHash.subarray(0, NONCE_BYTES);
    try {
      return this.#cipher.open(nonce, stored);
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
