// Seals the entries of a private log, each with the key of the epoch in which it stands; docs/protocol.md, "Epochs".

import { bytesEqual } from "../bytes.ts";
import { epochAt, epochKeyOf } from "./epoch-keys.ts";
import type { EpochSecrets, KnownEpochs } from "./epoch-secrets.ts";
import type { IdentifiedGenesis } from "./genesis.ts";
import { privateSealing } from "./private-sealing.ts";
import type { Held, Identified, Opened, Sealed, Sealing } from "./sealing.ts";

/** The most epochs that a log can have. With them, a manifest has room for what else it says. */
export const MOST_EPOCHS = 256;

/** The sealing of a private log by its writer, who has the keys of all epochs. */
export class EpochSealing implements Sealing {
  readonly #secrets: EpochSecrets;
  readonly #log: Pick<IdentifiedGenesis, "genesis" | "logId">;
  readonly #epochs: () => KnownEpochs;
  readonly #sealings: Map<number, Sealing>;
  /** The key of the last entry that was found under another than it should be under. */
  #found = 0;

  /**
   * @param secrets - the read keys of all epochs
   * @param epochs - the epochs of the log, as they are when an entry is sealed
   */
  constructor(
    secrets: EpochSecrets,
    log: Pick<IdentifiedGenesis, "genesis" | "logId">,
    epochs: () => KnownEpochs,
    sealings: Map<number, Sealing> = new Map(),
  ) {
    this.#secrets = secrets;
    this.#log = log;
    this.#epochs = epochs;
    this.#sealings = sealings;
  }

  /** The same keys, with epochs that begin elsewhere: as another device has published them. */
  under(epochs: KnownEpochs): EpochSealing {
    return new EpochSealing(this.#secrets, this.#log, () => epochs, this.#sealings);
  }

  /**
   * Identifies a content with the key of the epoch in which its number stands. A journal that was restored, or whose manifest is
   * damaged, holds entries of other epochs as well: with `localHash`, the epoch is the one that gives it.
   */
  identify(sequence: number, content: Uint8Array, localHash?: Uint8Array): Identified {
    const present = this.#keyAt(sequence);
    const expected = this.#identify(present, sequence, content);
    if (localHash === undefined || bytesEqual(expected.localHash, localHash)) return expected;
    const all = MOST_EPOCHS * (this.#secrets.newest + 1);
    for (let tried = 0; tried < all; tried++) {
      const found = (this.#found + tried) % all;
      const key = { epoch: found % MOST_EPOCHS, generation: Math.floor(found / MOST_EPOCHS) };
      const identified = this.#identify(key, sequence, content);
      if (!bytesEqual(identified.localHash, localHash)) continue;
      this.#found = found;
      return identified;
    }
    return expected;
  }

  contentHash(content: Uint8Array, identified: Identified): Uint8Array {
    return this.#of(keyOf(identified)).contentHash(content, identified);
  }

  seal(sequence: number, content: Uint8Array, localHash?: Uint8Array): Sealed {
    const expected = this.#of(this.#keyAt(sequence)).seal(sequence, content);
    if (localHash === undefined || bytesEqual(expected.localHash, localHash)) return expected;
    return this.#of(keyOf(this.identify(sequence, content, localHash))).seal(sequence, content);
  }

  open(sequence: number, held: Held): Opened {
    return this.#of(this.#keyAt(sequence)).open(sequence, held);
  }

  // The key of an entry, by its number. A log that names no epochs is in its first generation.
  #keyAt(sequence: number): EpochKey {
    const epochs = this.#epochs();
    const epoch = epochAt(epochs, sequence);
    return { epoch, generation: this.#secrets.generationOf(epoch, epochs, 0) };
  }

  #identify(key: EpochKey, sequence: number, content: Uint8Array): Identified {
    const { id, localHash, hash } = this.#of(key).identify(sequence, content);
    const { epoch, generation } = key;
    return generation > 0 ? { id, localHash, hash, epoch, generation } : { id, localHash, hash, epoch };
  }

  #of({ epoch, generation }: EpochKey): Sealing {
    const name = generation * MOST_EPOCHS + epoch;
    let sealing = this.#sealings.get(name);
    if (sealing === undefined) {
      const readKey = this.#secrets.readKey(epoch, generation).toBytes();
      sealing = privateSealing(epochKeyOf(readKey, { logId: this.#log.logId, epoch }), this.#log);
      this.#sealings.set(name, sealing);
    }
    return sealing;
  }
}

/** Which key seals. */
interface EpochKey {
  readonly epoch: number;
  /** The generation of the seed from which it follows. */
  readonly generation: number;
}

function keyOf({ epoch = 0, generation = 0 }: Identified): EpochKey {
  return { epoch, generation };
}
