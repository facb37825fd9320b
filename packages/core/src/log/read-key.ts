// The key that opens the contents of a private log; docs/protocol.md, "Private logs" and "Epochs".

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { lookForNativeCipher } from "../crypto/xchacha20-poly1305.ts";
import { InvalidInputError } from "../errors/index.ts";
import { checkArgument } from "../options/check-option-types.ts";
import { bytes } from "../options/option-kinds.ts";
import { encodeUtf8 } from "../utf8.ts";
import type { IdentifiedGenesis } from "./genesis.ts";
import type { Epoch } from "./manifest.ts";
import { privateSealing } from "./private-sealing.ts";
import type { Sealing } from "./sealing.ts";

/** Length of a read key, in bytes. */
export const READ_KEY_BYTES = 32;

type Opens = Pick<Sealing, "open">;

/** An entry, sealed or opened. */
interface SealedEntry {
  readonly sequence: number;
  readonly id: Uint8Array;
  readonly content: Uint8Array;
}

/**
 * The key that opens the contents of a private log: whoever has it and the log id can read the log, and can't write it. It comes
 * with a link, as `parseLink` returns it, or from the writer, `Writer.readKey`. It opens everything up to the end of its epoch: the entry at which the writer
 * changes the key.
 *
 * Printing, inspecting or serialising it does not show the key.
 */
export class ReadKey {
  readonly #bytes: Uint8Array;
  #sealing: { readonly logId: string; readonly sealing: Sealing } | undefined;

  /**
   * @param key - 32 bytes; copied
   * @throws InvalidInputError `ERR_INVALID_INPUT` if it does not have 32 bytes
   */
  constructor(key: Uint8Array) {
    checkArgument(key, bytes, { name: "A read key", operation: "read-key.create" });
    if (key.length !== READ_KEY_BYTES) {
      throw new InvalidInputError(`A read key has ${READ_KEY_BYTES} bytes, not ${key.length}.`, {
        operation: "read-key.create",
      });
    }
    this.#bytes = new Uint8Array(key);
  }

  /** The key itself, 32 bytes, as a copy: for whoever keeps it in a safe place. */
  toBytes(): Uint8Array {
    return new Uint8Array(this.#bytes);
  }

  /**
   * Opens an entry that a reader without a key delivered sealed (`withoutKey: "sealed"`), if the log never changed its key.
   * {@link ReadKey.openingOf} opens those of any log.
   *
   * @param log - the log's genesis record, `Reader.genesis`
   * @throws NoKeyError `ERR_NO_KEY` with the reason `"wrong-key"` if it was sealed with another key
   * @throws IntegrityError `ERR_INTEGRITY` if the writer signed another identifier for it
   */
  open(
    log: Pick<IdentifiedGenesis, "genesis" | "logId">,
    { sequence, id: localHash, content: stored }: SealedEntry,
  ): SealedEntry {
    if (log.genesis.visibility === "public") return { sequence, id: localHash, content: stored };
    return { sequence, ...this.sealingOf(log).open(sequence, { localHash, stored }) };
  }

  /**
   * What opens the entries of a log, as far as this key goes.
   *
   * @param log - the log's genesis record, `Reader.genesis`
   * @param epochs - the epochs that the log names, `Reader.manifest.epochs`
   * @returns an object whose `open` throws NoKeyError `ERR_NO_KEY`, with the reason `"other-epoch"` for entries of an epoch to which
   * this key does not lead, and `"wrong-key"` if it leads to none
   */
  async openingOf(
    log: Pick<IdentifiedGenesis, "genesis" | "logId">,
    epochs: readonly Epoch[] | undefined,
  ): Promise<Opens> {
    await lookForNativeCipher();
    // It has the first alone, and does not say which key is its.
    if (!epochs?.length) return this.sealingOf(log);
    return (await import("./epoch-opening.ts")).openingOf(this.#bytes, log, epochs);
  }

  /** @internal The sealing of a private log under this key, if it has no other. */
  sealingOf(log: Pick<IdentifiedGenesis, "genesis" | "logId">): Sealing {
    if (this.#sealing?.logId !== log.logId)
      this.#sealing = { logId: log.logId, sealing: privateSealing(this.#bytes, log) };
    return this.#sealing.sealing;
  }

  /** What serialisers get: not the key. */
  toJSON(): string {
    return "[read key]";
  }

  /** What string conversion gives: not the key. */
  toString(): string {
    return "[read key]";
  }
}

/**
 * The read key of an epoch of a log: from its first epoch on, each has another.
 *
 * @param secret - what all read keys of the log follow from, `deriveKeys(seed).read`; readers never get it
 * @param epoch - its number, from 0
 */
export function readKeyOf(secret: Uint8Array, epoch: number): ReadKey {
  return new ReadKey(
    hkdf(nobleSha256, secret, undefined, encodeUtf8(`remote-log/v1/epoch/${epoch}`), READ_KEY_BYTES),
  );
}
