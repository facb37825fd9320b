// Keys of records in a datastore (`interface-datastore`).

import type { IpnsName } from "../record/ipns-name.ts";
import type { DatastoreKeyLike } from "./stores.ts";

/** The beginning of the keys of records: a folder that no part of Helia or libp2p uses. */
const PREFIX: readonly string[] = ["remote-log", "ipns"];

/** The key of a record in a datastore, `/remote-log/ipns/k51…`, as far as datastores make use of keys. */
export function recordKey(name: IpnsName): DatastoreKeyLike {
  return keyOf([...PREFIX, name.text]);
}

function keyOf(parts: readonly string[]): DatastoreKeyLike {
  return {
    toString: () => `/${parts.join("/")}`,
    parent: () => keyOf(parts.slice(0, -1)),
  };
}
