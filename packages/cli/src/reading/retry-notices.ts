// What a reading command tells while it waits to try again, on standard error.

import type { Retry } from "@remote-log/core";
import { counted } from "../terminal/counted.ts";
import { messageOf } from "../terminal/describe-error.ts";
import type { Invocation } from "../terminal/invocation.ts";

/** How long nothing more is told after a line, in milliseconds: many reads may wait at once. */
const QUIET_MILLISECONDS = 2_000;

/** Waits that are shorter than this are not told. */
const WORTH_TELLING = 250;

/** Tells that a read failed and will be tried again: a line every few seconds at most, and none for a short wait. */
export class RetryNotices {
  readonly #invocation: Invocation;
  #told = Number.NEGATIVE_INFINITY;

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  /** Takes in that a retry is about to be made. */
  readonly hear = ({ error, tries, milliseconds }: Retry): void => {
    const now = performance.now();
    if (milliseconds < WORTH_TELLING || now - this.#told < QUIET_MILLISECONDS) return;
    this.#told = now;
    const seconds = Math.ceil(milliseconds / 100) / 10;
    const why = messageOf(error, undefined, false);
    void this.#invocation.note(`rlog: tried ${counted(tries, "time")}, again in ${seconds} s: ${why}`);
  };
}
