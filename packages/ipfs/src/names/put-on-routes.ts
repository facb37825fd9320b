// Puts a record on routes, and finds out what became of it there.

import { isRemoteLogError, UnreachableError } from "@remote-log/core";
import { monotonicNow, startTimer, stopTimer, type Timer, withDeadline } from "@remote-log/core/adapter";
import type { IpnsName } from "../record/ipns-name.ts";
import { compareRecords, type IpnsRecord, saysTheSame } from "../record/ipns-record.ts";
import type { IpnsRoute, PublishingRoute } from "../routes/route.ts";
import { askRoute } from "./ask-routes.ts";

/**
 * What became of a record on one route.
 *
 * - `"taken"`: it is published there
 * - `"outdone"`: the route showed another record of the name, with the same sequence number or a higher one
 * - `"failed"`: the outcome is unknown, or the route can't publish it
 */
export type PutOutcome =
  | { readonly route: string; readonly status: "taken" }
  | { readonly route: string; readonly status: "outdone"; readonly by: IpnsRecord }
  | { readonly route: string; readonly status: "failed"; readonly error: unknown };

/** Options of {@link putOnRoute}. */
export interface PutOptions {
  /** How long it may take, in milliseconds. */
  readonly milliseconds: number;
  readonly signal: AbortSignal;
}

/** Puts a record on one route. If the route refuses it for another one, that one is read: a refusal alone proves nothing. */
export async function putOnRoute(
  route: PublishingRoute,
  record: IpnsRecord,
  { milliseconds, signal }: PutOptions,
): Promise<PutOutcome> {
  const { name, bytes } = record;
  const until = monotonicNow() + milliseconds;
  const deadline = { operation: "ipns.put", backend: route.name, signal };
  try {
    await withDeadline({ ...deadline, milliseconds }, (inner) => route.put(name, bytes, { signal: inner }));
    return { route: route.name, status: "taken" };
  } catch (error) {
    const isConflict = isRemoteLogError(error) && error.code === "ERR_NAME_CONFLICT";
    if (!isConflict) return { route: route.name, status: "failed", error };
  }
  try {
    const left = Math.max(1, Math.ceil(until - monotonicNow()));
    const held = await askRoute(route, name, { milliseconds: left, signal });
    if (held !== undefined && saysTheSame(held, record)) return { route: route.name, status: "taken" };
    if (held !== undefined && held.sequence >= record.sequence) {
      return { route: route.name, status: "outdone", by: held };
    }
    return { route: route.name, status: "failed", error: refusedWithoutReason(route, name) };
  } catch (error) {
    return { route: route.name, status: "failed", error };
  }
}

/**
 * Waits until enough is known of a record that is being put on several routes: until one has a newer one, or one took it and
 * the patience with the others is over, or all have ended.
 *
 * @param outcomes - none of them rejects
 */
export function enoughOutcomes(
  outcomes: readonly Promise<PutOutcome>[],
  patienceMilliseconds: number,
): Promise<readonly PutOutcome[]> {
  return new Promise((resolve) => {
    const come: PutOutcome[] = [];
    let patience: Timer | undefined;
    const end = (): void => {
      stopTimer(patience);
      resolve([...come]);
    };
    for (const outcome of outcomes) {
      void outcome.then((one) => {
        come.push(one);
        if (come.length === outcomes.length || one.status === "outdone") end();
        else if (one.status === "taken") patience ??= startTimer(end, patienceMilliseconds);
      });
    }
  });
}

/** The highest of the records that outdid ours; `undefined` if none did. */
export function outdoneBy(outcomes: readonly PutOutcome[]): IpnsRecord | undefined {
  const records = outcomes.flatMap((one) => (one.status === "outdone" ? [one.by] : []));
  return [...records].sort((one, other) => compareRecords(other, one))[0];
}

function refusedWithoutReason(route: IpnsRoute, name: IpnsName): UnreachableError {
  return new UnreachableError(
    `${route.name} refused a record of ${name}, and shows none that is higher. Try again, or use another route.`,
    { operation: "ipns.put" },
  );
}
