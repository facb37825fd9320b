// The read keys of all epochs, for the writer: each follows from the seed of the generation in which the epoch began;
// docs/protocol.md, "Epochs" and "Key rotation".

import { bytesEqual } from "../bytes.ts";
import type { WriterKeys } from "../crypto/index.ts";
import { epochKeyOf, keyIdOf } from "./epoch-keys.ts";
import type { Epoch } from "./manifest.ts";
import { type ReadKey, readKeyOf } from "./read-key.ts";

/** Where epochs begin, and which keys they have. */
export type KnownEpochs = readonly (Pick<Epoch, "first"> & Partial<Pick<Epoch, "keyId">>)[];

/** The read keys of all epochs of a log. */
export class EpochSecrets {
  readonly #keys: WriterKeys;
  readonly #logId: string;
  readonly #generations = new WeakMap<object, number>();

  constructor(keys: WriterKeys, logId: string) {
    this.#keys = keys;
    this.#logId = logId;
  }

  /** The newest generation of seeds that there is. */
  get newest(): number {
    return this.#keys.newest;
  }

  /** The read key of an epoch that began in a generation. */
  readKey(epoch: number, generation: number): ReadKey {
    return readKeyOf(this.#keys.readSecret(generation), epoch);
  }

  /**
   * In which generation an epoch began: its key tells.
   *
   * @param otherwise - the generation if the epoch is not known, or its key is none of this log's
   */
  generationOf(epoch: number, epochs: KnownEpochs, otherwise: number): number {
    const known = epochs[epoch];
    if (this.newest === 0 || known?.keyId === undefined) return otherwise;
    const found = this.#generations.get(known);
    if (found !== undefined) return found;
    for (let generation = this.newest; generation >= 0; generation--) {
      const readKey = this.readKey(epoch, generation).toBytes();
      const id = keyIdOf(epochKeyOf(readKey, { logId: this.#logId, epoch }), this.#logId);
      if (!bytesEqual(id, known.keyId)) continue;
      this.#generations.set(known, generation);
      return generation;
    }
    return otherwise;
  }
}
