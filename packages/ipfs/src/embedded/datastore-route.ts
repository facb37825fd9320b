import { NameConflictError, TooLargeError } from "@remote-log/core";
import { Lifetime, type OperationContext, raceSignal } from "@remote-log/core/adapter";
import type { IpnsName } from "../record/ipns-name.ts";
import { compareRecords, type IpnsRecord, saysTheSame } from "../record/ipns-record.ts";
import { readRecord } from "../record/read-record.ts";
import { type IpnsRoute, LARGEST_RECORD } from "../routes/route.ts";
import { recordKey } from "./record-key.ts";
import { saysMissing, translateStoreFailure } from "./store-failure.ts";
import type { DatastoreLike } from "./stores.ts";

/** Options of {@link datastoreRoute}. */
export interface DatastoreRouteOptions {
  /** Where the records are. It is used as it is: opened and closed by whoever made it. */
  readonly datastore: DatastoreLike;
}

/** Who changes which record of a datastore just now: by the datastore, for several routes may be over one. */
const turnsOf = new WeakMap<DatastoreLike, Map<string, Promise<unknown>>>();

/**
 * Keeps IPNS records in a datastore of the application's own, under `/remote-log/ipns/<name>`.
 *
 * A record is replaced by one of a higher sequence number, or by one that says the same and is valid for longer; and what
 * is there but is no record of the name, by any that is. Looking and writing are one step for all routes over one
 * datastore object; two processes that write one name in one datastore at the same moment can pass each other.
 */
export function datastoreRoute({ datastore }: DatastoreRouteOptions): IpnsRoute {
  const lifetime = new Lifetime({ what: "datastore route", translate: translateStoreFailure });
  const turns = turnsOf.get(datastore) ?? new Map<string, Promise<unknown>>();
  turnsOf.set(datastore, turns);

  async function read(name: IpnsName, signal: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      // What a store in memory gives is what it holds.
      return Uint8Array.from(await datastore.get(recordKey(name), { signal }));
    } catch (error) {
      if (saysMissing(error)) return undefined;
      throw error;
    }
  }

  return {
    name: "the datastore",

    get(name, options) {
      const context = contextOf("names.resolve", `reading the record of ${name}`);
      return lifetime.run(context, options.signal, async (signal) => {
        const bytes = await read(name, signal);
        if (bytes !== undefined && bytes.length > LARGEST_RECORD) throw tooLarge(bytes.length, context);
        return bytes;
      });
    },

    async put(name, record, options) {
      const context = contextOf("names.update", `writing the record of ${name}`);
      const offered = await readRecord(record, name);
      await lifetime.run(context, options.signal, (signal) =>
        inTurn(turns, name.text, signal, async () => {
          const held = await recordIn(await read(name, signal), name);
          signal.throwIfAborted();
          if (held !== undefined && !isNewer(offered, held, context)) return;
          await datastore.put(recordKey(name), new Uint8Array(offered.bytes), { signal });
        }),
      );
    },

    close: () => lifetime.close(),
  };
}

/** The record in some bytes; `undefined` where they hold none of this name: then any record mends that. */
async function recordIn(bytes: Uint8Array | undefined, name: IpnsName): Promise<IpnsRecord | undefined> {
  return bytes && readRecord(bytes, name).catch(() => undefined);
}

/**
 * Whether a record is to take the place of the one that is held. One that says the same is, where it is valid for longer.
 *
 * @throws NameConflictError `ERR_NAME_CONFLICT` for one that says something else and has no higher sequence number
 */
function isNewer(offered: IpnsRecord, held: IpnsRecord, { operation, action }: OperationContext): boolean {
  if (offered.sequence > held.sequence) return true;
  if (saysTheSame(offered, held)) return compareRecords(offered, held) > 0;
  throw new NameConflictError(
    `While ${action}: another one is there, of sequence number ${held.sequence}, and the new one has ` +
      `${offered.sequence}. It was left as it is. Resolve the name to see what it holds.`,
    { operation },
  );
}

/** Runs what changes one record after what changed it before. A turn ends with its signal: the next need not wait for ever. */
async function inTurn<T>(
  turns: Map<string, Promise<unknown>>,
  key: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const before = turns.get(key);
  const working = (async () => {
    await before?.catch(() => undefined);
    signal.throwIfAborted();
    return work();
  })();
  const turn = raceSignal(working, signal);
  turns.set(key, turn);
  try {
    return await turn;
  } finally {
    if (turns.get(key) === turn) turns.delete(key);
  }
}

function tooLarge(bytes: number, { operation, action }: OperationContext): TooLargeError {
  return new TooLargeError(
    `While ${action}: it has ${bytes} bytes, and a record has at most ${LARGEST_RECORD}.`,
    { operation, limit: LARGEST_RECORD },
  );
}

function contextOf(operation: string, action: string): OperationContext {
  return { operation, action: `${action} in the datastore` };
}
