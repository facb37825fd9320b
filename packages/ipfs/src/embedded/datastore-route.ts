// IPNS records in a datastore of the application's own (`interface-datastore`).

import { NameConflictError } from "@remote-log/core";
import {
  checkSize,
  Lifetime,
  type OperationContext,
  raceSignal,
  throwIfAborted,
} from "@remote-log/core/adapter";
import { checkTypes } from "../option-types.ts";
import type { IpnsName } from "../record/ipns-name.ts";
import { compareRecords, type IpnsRecord, LARGEST_RECORD, saysTheSame } from "../record/ipns-record.ts";
import { readRecord } from "../record/read-record.ts";
import type { PublishingRoute } from "../routes/route.ts";
import { saysMissing, translateStoreFailure } from "./errors.ts";
import { recordKey } from "./record-key.ts";
import type { DatastoreLike } from "./stores.ts";

/** Options of {@link datastoreRoute}. */
export interface DatastoreRouteOptions {
  /** Where the records are. It is used as it is: opened and closed by whoever made it. */
  readonly datastore: DatastoreLike;
}

/** Which records are being changed, by datastore: several routes may use one. */
const turnsOf = new WeakMap<DatastoreLike, Map<string, Promise<unknown>>>();

/**
 * Keeps IPNS records in a datastore of the application's own, under `/remote-log/ipns/<name>`.
 *
 * A record is replaced by one with a higher sequence number, or by one that says the same and is valid for longer. What is no
 * record of the name is replaced by any that is. Comparing and writing are one step for all routes over one datastore object;
 * two processes that write one name in one datastore at the same moment can overwrite each other's record.
 *
 * @example
 * ```ts
 * import { ipnsNames } from "@remote-log/ipfs";
 * import { blockstoreStorage, datastoreRoute } from "@remote-log/ipfs/embedded";
 * import { MemoryBlockstore } from "blockstore-core";
 * import { MemoryDatastore } from "datastore-core";
 *
 * const names = ipnsNames({
 *   storage: blockstoreStorage({ blockstore: new MemoryBlockstore() }),
 *   routes: [datastoreRoute({ datastore: new MemoryDatastore() })],
 * });
 * ```
 */
export function datastoreRoute(options: DatastoreRouteOptions): PublishingRoute {
  checkTypes(options, ["datastore"], { name: "datastoreRoute", operation: "ipfs.open" });
  const { datastore } = options;
  const lifetime = new Lifetime({ what: "datastore route", translate: translateStoreFailure });
  const turns = turnsOf.get(datastore) ?? new Map<string, Promise<unknown>>();
  turnsOf.set(datastore, turns);

  async function read(name: IpnsName, signal: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      // A copy: a store in memory gives the very bytes that it holds.
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
        if (bytes !== undefined) checkSize(bytes.length, LARGEST_RECORD, context);
        return bytes;
      });
    },

    async put(name, record, options) {
      const context = contextOf("names.update", `writing the record of ${name}`);
      const offered = await readRecord(record, name);
      await lifetime.run(context, options.signal, (signal) =>
        inTurn(turns, name.text, signal, async () => {
          const held = await recordIn(await read(name, signal), name);
          throwIfAborted(signal);
          if (held !== undefined && !isNewer(offered, held, context)) return;
          await datastore.put(recordKey(name), new Uint8Array(offered.bytes), { signal });
        }),
      );
    },

    close: () => lifetime.close(),
  };
}

/** The record in some bytes; `undefined` if they hold none of this name: then any record may replace them. */
async function recordIn(bytes: Uint8Array | undefined, name: IpnsName): Promise<IpnsRecord | undefined> {
  return bytes && readRecord(bytes, name).catch(() => undefined);
}

/**
 * Whether a record is to replace the one that is held.
 *
 * @throws NameConflictError `ERR_NAME_CONFLICT` for one that says something else and has no higher sequence number
 */
function isNewer(offered: IpnsRecord, held: IpnsRecord, { operation, action }: OperationContext): boolean {
  if (offered.sequence > held.sequence) return true;
  if (saysTheSame(offered, held)) return compareRecords(offered, held) > 0;
  throw new NameConflictError(
    `While ${action}: another one is there, with the sequence number ${held.sequence}, and the new one has ` +
      `${offered.sequence}. It was left as it is. Resolve the name to see what it holds.`,
    { operation },
  );
}

/** Runs changes of one record one after the other. A turn ends when its signal fires, so that the next does not wait for ever. */
async function inTurn<T>(
  turns: Map<string, Promise<unknown>>,
  key: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const before = turns.get(key);
  const working = (async () => {
    await before?.catch(() => undefined);
    throwIfAborted(signal);
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

function contextOf(operation: string, action: string): OperationContext {
  return { operation, action: `${action} in the datastore` };
}
