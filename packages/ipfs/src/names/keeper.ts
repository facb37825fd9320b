// Keeps records of names alive: routes drop a record unless somebody puts it again (IPNS Record and Protocol, "Overview").

import { isRemoteLogError, NotFoundError, type OperationOptions, StaleError } from "@remote-log/core";
import { byThisClock, checkWhole, delay, throwIfAborted } from "@remote-log/core/adapter";
import { checkTypes } from "../option-types.ts";
import { compareRecords, expiredFor, type IpnsRecord } from "../record/ipns-record.ts";
import { ageText } from "./errors.ts";
import type { IpnsNames } from "./names.ts";
import type { PutOutcome } from "./put-on-routes.ts";

/** Which record is kept, and by what. */
export interface KeepOnceOptions extends OperationOptions {
  /** The names; they need no key. */
  readonly names: Pick<IpnsNames, "record" | "putRecord">;
  /** The name, `k51…`. */
  readonly name: string;
}

/** Options of {@link keepName}. */
export interface KeepOptions extends KeepOnceOptions {
  /**
   * How long it waits after a pass, in milliseconds. Default: 12 hours; the DHT drops a record after 48. After a failed pass
   * it waits for at most 10 minutes.
   */
  readonly everyMilliseconds?: number | undefined;
}

/** A record that was put on the routes again. */
export interface KeptRecord {
  /** The record, unchanged. It can be put again until it expires: `record.expires`. */
  readonly record: IpnsRecord;
  /** What became of it on each route; at least one took it. */
  readonly routes: readonly PutOutcome[];
}

/** How one pass of a keeper ended. */
export type KeepPass =
  | ({ readonly status: "kept" } & KeptRecord)
  | { readonly status: "failed"; readonly error: unknown };

const TWELVE_HOURS = 12 * 60 * 60 * 1000;

/** The longest wait after a failed pass, in milliseconds. */
const AFTER_FAILURE = 10 * 60 * 1000;

const LONGEST_TIME = 2 ** 31 - 1;

/** Failures that last: closed names, a name that can't be used, no route that can publish. */
const FINAL = new Set(["ERR_CLOSED", "ERR_INVALID_INPUT", "ERR_UNSUPPORTED"]);

/**
 * Keeps the record of a name alive: it reads the record from all routes and puts it, unchanged, on all of them, again and
 * again. It needs no key, so anybody can do it for anybody, on any machine. The first pass begins at once.
 *
 * A failed pass does not end it. Within one run it never puts a record that is older than one it has seen. If the routes have
 * dropped the record, it puts the one that it has.
 *
 * @returns yields after each pass, until the signal ends it with its reason
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a name, or an option, that can't be used
 * @throws ClosedError `ERR_CLOSED` once the names are closed
 * @throws UnsupportedError `ERR_UNSUPPORTED` if no route can publish
 *
 * @example
 * ```ts
 * import { type IpnsNames, keepName } from "@remote-log/ipfs";
 *
 * async function keep(names: IpnsNames, name: string, signal: AbortSignal): Promise<void> {
 *   for await (const pass of keepName({ names, name, signal })) console.log(pass.status);
 * }
 * ```
 */
export async function* keepName(options: KeepOptions): AsyncGenerator<KeepPass, never, undefined> {
  checkTypes(options, ["names", "name", "everyMilliseconds", "signal"], {
    name: "keepName",
    operation: "ipns.open",
  });
  const { signal, everyMilliseconds = TWELVE_HOURS } = options;
  checkWhole({ everyMilliseconds }, { operation: "ipns.open", largest: LONGEST_TIME });
  let seen: IpnsRecord | undefined;
  for (;;) {
    let pass: KeepPass;
    try {
      const kept = await keep(options, seen, (record) => {
        seen = record;
      });
      pass = { status: "kept", ...kept };
    } catch (error) {
      throwIfAborted(signal);
      if (isRemoteLogError(error) && FINAL.has(error.code)) throw error;
      pass = { status: "failed", error };
    }
    yield pass;
    const wait = pass.status === "kept" ? everyMilliseconds : Math.min(everyMilliseconds, AFTER_FAILURE);
    await delay(wait, signal);
  }
}

/**
 * One pass of {@link keepName}, for a timer of one's own.
 *
 * @throws NotFoundError `ERR_NOT_FOUND` if no route has a record of the name
 * @throws StaleError `ERR_STALE`, with the reason `"expired"`, if it has expired: only its writer can publish a new one
 * @throws whatever `record` and `putRecord` of the names throw
 */
export async function keepNameOnce(options: KeepOnceOptions): Promise<KeptRecord> {
  checkTypes(options, ["names", "name", "signal"], { name: "keepNameOnce", operation: "ipns.open" });
  return keep(options, undefined, () => undefined);
}

async function keep(
  options: KeepOnceOptions,
  seen: IpnsRecord | undefined,
  see: (record: IpnsRecord) => void,
): Promise<KeptRecord> {
  const { names, name, signal } = options;
  const again = signal === undefined ? {} : { signal };
  const shown = await names.record(name, again).catch((error: unknown) => {
    throwIfAborted(signal);
    // The routes show an older record than was seen; or one is silent, and the others may have dropped it.
    if (seen !== undefined && isRemoteLogError(error) && !FINAL.has(error.code)) return undefined;
    throw error;
  });
  const record = higher(shown, seen);
  if (record === undefined) {
    throw new NotFoundError(
      `No route has a record of the name ${name}: it was never published, or was dropped.`,
      {
        operation: "ipns.keep",
      },
    );
  }
  see(record);
  const age = expiredFor(record);
  if (age !== undefined) throw expiredForGood(name, age);
  return { record, routes: await names.putRecord(name, record.bytes, again) };
}

function higher(one: IpnsRecord | undefined, other: IpnsRecord | undefined): IpnsRecord | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return compareRecords(one, other) > 0 ? one : other;
}

function expiredForGood(name: string, milliseconds: number): StaleError {
  return new StaleError(
    `The newest record of the name ${name} expired ${ageText(milliseconds)} ago, ${byThisClock()}, and ` +
      "nobody accepts it any more. If the clock is right, only its writer can publish a new one.",
    { operation: "ipns.keep", reason: "expired" },
  );
}
