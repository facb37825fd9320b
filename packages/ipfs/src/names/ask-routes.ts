// Asks all routes for the record of a name, at the same time.

import { TimeoutError } from "@remote-log/core";
import {
  abortWith,
  startTimer,
  stopTimer,
  type Timer,
  throwIfAborted,
  withAnySignal,
  withDeadline,
} from "@remote-log/core/adapter";
import type { IpnsName } from "../record/ipns-name.ts";
import { compareRecords, type IpnsRecord } from "../record/ipns-record.ts";
import { readRecord } from "../record/read-record.ts";
import type { IpnsRoute } from "../routes/route.ts";

/** Options of {@link askRoutes}. */
export interface AskOptions {
  /** How long each route may take, in milliseconds. */
  readonly milliseconds: number;
  /** How long to wait for the others once one has shown a record that is good enough, in milliseconds. */
  readonly patienceMilliseconds: number;
  /** Whether a record is good enough. */
  readonly isEnough: (record: IpnsRecord) => boolean;
  /** The most bytes that a record may have. Default: `LARGEST_RECORD`. */
  readonly maxBytes?: number | undefined;
  readonly signal: AbortSignal;
}

/** What the routes showed together. */
export interface Shown {
  /** The highest record of all that are signed by the key of the name. */
  readonly record: IpnsRecord | undefined;
  /** The failures of the routes that gave no answer, or showed what is no record of the name. */
  readonly failures: readonly unknown[];
}

/** Asks all routes for the record of a name, at the same time. None of them is believed, and none delays the others. */
export async function askRoutes(
  routes: readonly IpnsRoute[],
  name: IpnsName,
  options: AskOptions,
): Promise<Shown> {
  const { milliseconds, patienceMilliseconds, isEnough, signal } = options;
  const limit = options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes };
  const failures: unknown[] = [];
  const late = new AbortController();
  let record: IpnsRecord | undefined;
  let patience: Timer | undefined;
  const ask = async (route: IpnsRoute, linked: AbortSignal): Promise<void> => {
    try {
      const shown = await askRoute(route, name, { milliseconds, ...limit, signal: linked });
      if (shown === undefined) return;
      if (record === undefined || compareRecords(shown, record) > 0) record = shown;
      if (isEnough(shown))
        patience ??= startTimer(() => abortWith(late, tooLate(patienceMilliseconds)), patienceMilliseconds);
    } catch (error) {
      failures.push(error);
    }
  };
  try {
    await withAnySignal([signal, late.signal], (linked) =>
      Promise.all(routes.map((route) => ask(route, linked))),
    );
  } finally {
    stopTimer(patience);
  }
  throwIfAborted(signal);
  return { record, failures };
}

/**
 * Asks one route for the record of a name.
 *
 * @returns the record, signed by the key of the name; it may have expired
 * @throws IntegrityError, MalformedError, TooLargeError for what is no record of the name
 * @throws TimeoutError `ERR_TIMEOUT`
 * @throws whatever the route throws
 */
export async function askRoute(
  route: IpnsRoute,
  name: IpnsName,
  { milliseconds, maxBytes, signal }: Pick<AskOptions, "milliseconds" | "maxBytes" | "signal">,
): Promise<IpnsRecord | undefined> {
  const deadline = { milliseconds, operation: "ipns.get", backend: route.name, signal };
  const limit = maxBytes === undefined ? {} : { maxBytes };
  const bytes = await withDeadline(deadline, (inner) => route.get(name, { ...limit, signal: inner }));
  return bytes === undefined ? undefined : readRecord(bytes, name);
}

function tooLate(milliseconds: number): TimeoutError {
  return new TimeoutError(`No answer within ${milliseconds} ms after another route had shown a record.`, {
    operation: "ipns.get",
  });
}
