// A part of a database that is a database itself: several journals, or a store beside others, in one.

import type { KeyRange, KeyValueDatabase, ViewEncoding } from "@remote-log/core";
import { joined } from "../wire/position.ts";

/** What a database in a browser has besides: the name of its IndexedDB, in two parts, by which tabs lock each other out. */
interface NamedDatabase {
  readonly location?: unknown;
  readonly namePrefix?: unknown;
}

/**
 * The part of a database whose keys begin with a prefix. It opens the whole one, and leaves it open when it is closed: several
 * parts share it, and whoever owns it closes it after them. In browsers it has a name of its own, so that its owner locks other tabs out
 * of this part.
 */
export function prefixedDatabase(
  whole: KeyValueDatabase & NamedDatabase,
  prefix: Uint8Array,
): KeyValueDatabase & NamedDatabase {
  const { location, namePrefix } = whole;
  let closed = false;
  const within = (key: Uint8Array): Uint8Array => joined(prefix, key);
  return {
    get status() {
      return closed ? "closed" : whole.status;
    },
    ...(typeof location === "string" && { location: `${location}/${prefix.join(".")}`, namePrefix }),
    async open() {
      await whole.open();
      closed = false;
    },
    async close() {
      closed = true;
    },
    get: (key, options) => whole.get(within(key), options),
    batch(operations, options) {
      const moved = operations.map((operation) => ({ ...operation, key: within(operation.key) }));
      return whole.batch(moved, options);
    },
    iterator: (options) => without(prefix, whole, options, within),
    ...(whole.compactRange && {
      compactRange: (start: Uint8Array, end: Uint8Array, options: { readonly keyEncoding: "view" }) =>
        whole.compactRange!(within(start), within(end), options),
    }),
  };
}

async function* without(
  prefix: Uint8Array,
  whole: KeyValueDatabase,
  { gte, lt, ...options }: ViewEncoding & KeyRange,
  within: (key: Uint8Array) => Uint8Array,
): AsyncGenerator<[Uint8Array, Uint8Array], void, undefined> {
  for await (const [key, value] of whole.iterator({ ...options, gte: within(gte), lt: within(lt) }))
    yield [key.subarray(prefix.length), value];
}
