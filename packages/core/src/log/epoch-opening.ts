// Opens the entries of a private log by the keys of its epochs, as far as they are known; docs/protocol.md, "Epochs". Only readers
// of logs that name epochs load this.

import { NoKeyError } from "../errors/index.ts";
import { epochAt, epochKeys } from "./epoch-keys.ts";
import type { IdentifiedGenesis } from "./genesis.ts";
import type { Epoch } from "./manifest.ts";
import { privateSealing } from "./private-sealing.ts";
import type { Held, Opened, Sealing } from "./sealing.ts";

/** A log, and what it says of its epochs. */
export interface LogOfEpochs extends Pick<IdentifiedGenesis, "genesis" | "logId"> {
  readonly epochs: readonly Epoch[];
}

/** The opening of entries by a read key, or by the key of one epoch, 32 bytes. */
export function openingOf(
  key: Uint8Array,
  { genesis, logId }: Pick<IdentifiedGenesis, "genesis" | "logId">,
  epochs: readonly Epoch[],
): Pick<Sealing, "open"> {
  return epochOpening(epochKeys(key, logId, epochs), { genesis, logId, epochs }, "other-epoch");
}

/**
 * The opening of entries by the keys of some epochs.
 *
 * @param keys - the key of each epoch that is known, by its number
 * @param reason - why others are not
 */
export function epochOpening(
  keys: ReadonlyMap<number, Uint8Array>,
  log: LogOfEpochs,
  reason: "other-epoch" | "not-granted",
): Pick<Sealing, "open"> {
  const opened = new Map<number, Sealing>();
  return {
    open(sequence: number, held: Held): Opened {
      const epoch = epochAt(log.epochs, sequence);
      let sealing = opened.get(epoch);
      if (sealing === undefined) {
        const key = keys.get(epoch);
        if (key === undefined) throw missing(sequence, epoch, log, keys.size === 0 ? "wrong-key" : reason);
        sealing = privateSealing(key, log);
        opened.set(epoch, sealing);
      }
      return sealing.open(sequence, held);
    },
  };
}

function missing(
  sequence: number,
  epoch: number,
  { logId }: LogOfEpochs,
  reason: "wrong-key" | "other-epoch" | "not-granted",
): NoKeyError {
  const why = {
    "wrong-key":
      "the key given here is none of those that the log names. Ask the writer for the newest link; if that is what you have, it is " +
      "newer than what is published.",
    "other-epoch":
      "the key given here is that of another: the writer has changed the key. Ask the writer for a new link.",
    "not-granted": "the writer has not named you as a reader of it. Ask the writer to grant you access.",
  }[reason];
  return new NoKeyError(
    `Entry ${sequence} of log ${logId} is sealed with the key of epoch ${epoch}, and ${why}`,
    {
      operation: "entry.open",
      reason,
    },
  );
}
