// How long a postage batch lasts and how full it is, and what to warn of.

import { buy, dilute, foreign, MUTABLE, TOO_NEW, topUp } from "./advice.ts";
import type { Batch } from "./batch.ts";

/** Something that a person should act on while there is time. */
export interface SwarmWarning {
  /**
   * - `"expires-soon"`: in less than {@link SOON_MILLISECONDS}; then the network drops what was stored with the batch.
   * - `"nearly-full"`: the fullest bucket is at {@link NEARLY_FULL} or above; when it is full, writes are refused.
   * - `"mutable"`: once the batch is full, new chunks replace old ones without a word.
   * - `"not-usable"`: the node can't stamp with it: it is too new, or belongs to another node.
   */
  readonly code: "expires-soon" | "nearly-full" | "mutable" | "not-usable";
  /** What is wrong, and what to do about it. */
  readonly message: string;
}

/** The state of the postage batch that pays for what is stored. */
export interface SwarmHealth {
  /** The batch, as 64 hexadecimal digits. */
  readonly stamp: string;
  /** Whether the node can stamp with it. */
  readonly usable: boolean;
  /** Whether it refuses new chunks when it is full. */
  readonly immutable: boolean;
  /** It has room for at most 2^depth chunks. */
  readonly depth: number;
  /** How long it is paid for at today's price, in milliseconds; `undefined` if the node does not know. */
  readonly remainingMilliseconds: number | undefined;
  /** When the log is lost unless the batch is topped up; `undefined` if the node does not know. */
  readonly lostOn: Date | undefined;
  /** How full its fullest bucket is, 0 to 1; `undefined` if the node does not know. */
  readonly utilization: number | undefined;
  /** What to do something about; empty if all is well. */
  readonly warnings: readonly SwarmWarning[];
}

/** `health` warns of a batch that lasts for less than this, in milliseconds: 14 days. */
export const SOON_MILLISECONDS: number = 14 * 24 * 60 * 60 * 1000;

/** `health` warns of a batch whose fullest bucket is at least as full as this. */
export const NEARLY_FULL = 0.8;

/** The last moment that a `Date` can tell. */
const LAST_MOMENT = 8.64e15;

/** Judges a batch. */
export function healthOf(
  batch: Batch,
  { place, now }: { readonly place: string; readonly now: number },
): SwarmHealth {
  const { id, state, immutable, depth, utilization, remainingMilliseconds } = batch;
  const lostOn = remainingMilliseconds === undefined ? undefined : dateAt(now + remainingMilliseconds);
  const warnings: SwarmWarning[] = [];
  if (state === "new") {
    warnings.push({ code: "not-usable", message: `The batch ${id} is not usable yet: ${TOO_NEW}.` });
  }
  if (state === "foreign") {
    warnings.push({ code: "not-usable", message: `The batch ${id} ${foreign(place)}.` });
  }
  if (remainingMilliseconds !== undefined && remainingMilliseconds < SOON_MILLISECONDS) {
    const days = (remainingMilliseconds / 86_400_000).toFixed(1);
    const message =
      `The batch ${id} is paid for ${days} more days, until ${lostOn?.toISOString()} if the clock of this machine is right: then the network drops what was ` +
      `stored with it. ${topUp(id)}`;
    warnings.push({ code: "expires-soon", message });
  }
  if (utilization !== undefined && utilization >= NEARLY_FULL) {
    const message = `The fullest bucket of the batch ${id} is ${Math.floor(utilization * 100)} % full. ${dilute(batch)}`;
    warnings.push({ code: "nearly-full", message });
  }
  if (!immutable) {
    const message = `The batch ${id} is mutable: ${MUTABLE} ${buy(depth)}`;
    warnings.push({ code: "mutable", message });
  }
  const usable = state === "usable";
  return { stamp: id, usable, immutable, depth, remainingMilliseconds, lostOn, utilization, warnings };
}

function dateAt(moment: number): Date {
  return new Date(Math.min(moment, LAST_MOMENT));
}
