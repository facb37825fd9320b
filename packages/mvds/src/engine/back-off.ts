// When a record is sent again; 2/MVDS, "Retransmission".

import { InvalidInputError } from "@remote-log/core";

/**
 * How many epochs to wait before a record is sent again.
 *
 * @param count - how often it was sent: 1 after the first time. It begins anew when the peer comes online
 * @param random - gives numbers from 0 to below 1
 * @returns at least 1; less counts as 1
 */
export type BackOff = (count: number, random: () => number) => number;

/**
 * Waits the same number of epochs each time.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for anything but a whole number from 1
 *
 * @example
 * ```ts
 * import { constantBackOff, type SyncOptions } from "@remote-log/mvds";
 *
 * export const eagerly: Partial<SyncOptions> = { backOff: constantBackOff(1), maxSendCount: 20 }; // in each epoch, twenty times
 * ```
 */
export function constantBackOff(epochs: number): BackOff {
  checkEpochs(epochs, "epochs");
  return () => epochs;
}

/**
 * Waits `step · count` epochs, as the programs of both Go implementations do with a step of 2.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for anything but whole numbers from 1
 *
 * @example
 * ```ts
 * import { linearBackOff } from "@remote-log/mvds";
 *
 * const backOff = linearBackOff({ step: 2, most: 10 });
 * console.log([1, 2, 3, 9].map((count) => backOff(count, Math.random))); // [2, 4, 6, 10]
 * ```
 */
export function linearBackOff({ step = 2, most = 3600 }: LinearBackOffOptions = {}): BackOff {
  checkEpochs(step, "step");
  checkEpochs(most, "most");
  return (count) => Math.min(step * count, most);
}

/** Options of {@link linearBackOff}. */
export interface LinearBackOffOptions {
  /** How many epochs more each time. Default 2. */
  readonly step?: number | undefined;
  /** The most epochs. Default 3,600: an hour, at an epoch a second. */
  readonly most?: number | undefined;
}

/** Options of {@link exponentialBackOff}. */
export interface ExponentialBackOffOptions {
  /** The first wait, in epochs. Default 2. status-go has 90, at an epoch of 300 milliseconds. */
  readonly first?: number | undefined;
  /** How many epochs chance adds at most, so that peers do not fall into step. Default 0. status-go has 30. */
  readonly spread?: number | undefined;
  /** The upper bound: a wait over this begins again with the first, as the standard says. Default 3,600. */
  readonly most?: number | undefined;
}

/**
 * Waits `first · 2^(count − 1)` epochs, and up to `spread` more by chance. Beyond `most` it goes back to the first, as the
 * standard asks. With `{ first: 90, spread: 30 }` it is what status-go does.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for anything but whole numbers: `first` and `most` from 1, `spread` from 0
 *
 * @example
 * ```ts
 * import { exponentialBackOff } from "@remote-log/mvds";
 *
 * const backOff = exponentialBackOff({ first: 2, most: 9 });
 * console.log([1, 2, 3, 4].map((count) => backOff(count, Math.random))); // [2, 4, 8, 2]
 * ```
 */
export function exponentialBackOff(options: ExponentialBackOffOptions = {}): BackOff {
  const { first = 2, spread = 0, most = 3600 } = options;
  checkEpochs(first, "first");
  checkEpochs(most, "most");
  checkEpochs(spread + 1, "spread");
  // How many waits there are before one would exceed the bound.
  const steps = Math.max(1, Math.floor(Math.log2(most / first)) + 1);
  return (count, random) => first * 2 ** ((count - 1) % steps) + Math.floor(random() * spread);
}

function checkEpochs(value: number, name: string): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new InvalidInputError(`\`${name}\` of a back-off must be a whole number of epochs.`, {
    operation: "mvds.open",
  });
}
