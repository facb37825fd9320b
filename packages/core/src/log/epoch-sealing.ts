// Seals the entries of a private log, each with the key of the epoch in which it stands; docs/protocol.md, "Epochs".

import { bytesEqual } from "../bytes.ts";
import { epochAt, epochKeyOf } from "./epoch-keys.ts";
import type { IdentifiedGenesis } from "./genesis.ts";
import type { Epoch } from "./manifest.ts";
import { privateSealing } from "./private-sealing.ts";
import { readKeyOf } from "./read-key.ts";
import type { Held, Identified, Opened, Sealed, Sealing } from "./sealing.ts";

/** The most epochs that a log can have. With them, a manifest has room for what else it says. */
export const MOST_EPOCHS = 256;

/** Where epochs begin. */
type Beginnings = readonly Pick<Epoch, "first">[];

/** The sealing of a private log by its writer, who has the keys of all epochs. */
export class EpochSealing implements Sealing {
  readonly #secret: Uint8Array;
  readonly #log: Pick<IdentifiedGenesis, "genesis" | "logId">;
  readonly #epochs: () => Beginnings;
  readonly #sealings: Map<number, Sealing>;
  /** The epoch of the last entry that was found in another than it should be in. */
  #found = 0;

  /**
   * @param secret - what all read keys of the log follow from, `deriveKeys(seed).read`
   * @param epochs - the epochs of the log, as they are when an entry is sealed
   */
  constructor(
    secret: Uint8Array,
    log: Pick<IdentifiedGenesis, "genesis" | "logId">,
    epochs: () => Beginnings,
    sealings: Map<number, Sealing> = new Map(),
  ) {
    this.#secret = secret;
    this.#log = log;
    this.#epochs = epochs;
    this.#sealings = sealings;
  }

  /** The same keys, with epochs that begin elsewhere: as another device has published them. */
  under(epochs: Beginnings): EpochSealing {
    return new EpochSealing(this.#secret, this.#log, () => epochs, this.#sealings);
  }

  /**
   * Identifies a content with the key of the epoch in which its number stands. A journal that was restored, or whose manifest is
   * damaged, holds entries of other epochs as well: with `localHash`, the epoch is the one that gives it.
   */
  identify(sequence: number, content: Uint8Array, localHash?: Uint8Array): Identified {
    const expected = this.#identify(epochAt(this.#epochs(), sequence), sequence, content);
    if (localHash === undefined || bytesEqual(expected.localHash, localHash)) return expected;
    for (let tried = 0; tried < MOST_EPOCHS; tried++) {
      const epoch = (this.#found + tried) % MOST_EPOCHS;
      const identified = this.#identify(epoch, sequence, content);
      if (!bytesEqual(identified.localHash, localHash)) continue;
      this.#found = epoch;
      return identified;
    }
    return expected;
  }

  contentHash(content: Uint8Array, identified: Identified): Uint8Array {
    return this.#of(identified.epoch ?? 0).contentHash(content, identified);
  }

  seal(sequence: number, content: Uint8Array, localHash?: Uint8Array): Sealed {
    const expected = this.#of(epochAt(this.#epochs(), sequence)).seal(sequence, content);
    if (localHash === undefined || bytesEqual(expected.localHash, localHash)) return expected;
    return this.#of(this.identify(sequence, content, localHash).epoch!).seal(sequence, content);
  }

  open(sequence: number, held: Held): Opened {
    return this.#of(epochAt(this.#epochs(), sequence)).open(sequence, held);
  }

  #identify(epoch: number, sequence: number, content: Uint8Array): Identified {
    return { ...this.#of(epoch).identify(sequence, content), epoch };
  }

  #of(epoch: number): Sealing {
    let sealing = this.#sealings.get(epoch);
    if (sealing === undefined) {
      const readKey = readKeyOf(this.#secret, epoch).toBytes();
      sealing = privateSealing(epochKeyOf(readKey, { logId: this.#log.logId, epoch }), this.#log);
      this.#sealings.set(epoch, sealing);
    }
    return sealing;
  }
}
