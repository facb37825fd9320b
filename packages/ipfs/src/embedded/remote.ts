// A remote within this process: blocks in a blockstore, the head under an IPNS name in a datastore.

import type { Remote } from "@remote-log/core";
import { ipnsNames } from "../names/names.ts";
import type { IpnsNamesOptions } from "../names/options.ts";
import { checkTypes } from "../option-types.ts";
import { type RemoteNameOptions, remoteName } from "../record/remote-name.ts";
import { type DatastoreRouteOptions, datastoreRoute } from "./datastore-route.ts";
import { routingRoute } from "./routing-route.ts";
import { type BlockstoreStorageOptions, blockstoreStorage } from "./storage.ts";
import type { RoutingLike } from "./stores.ts";

/** Options of {@link embeddedRemote}. One of `nameKey` and `name` has to be given. */
export interface EmbeddedRemoteOptions
  extends BlockstoreStorageOptions,
    DatastoreRouteOptions,
    RemoteNameOptions,
    Omit<IpnsNamesOptions, "storage" | "routes" | "nameKey"> {
  /** What the remote is called in receipts, states and errors. Default: `ipfs-embedded`. */
  readonly label?: string | undefined;
  /**
   * Routings on which records are published and read besides the datastore, such as `ipns(helia).routers`. Default: none;
   * then only those who have the datastore find the name.
   */
  readonly routings?: readonly RoutingLike[] | undefined;
}

/**
 * Contents as blocks in a blockstore, and the head under an IPNS name whose record is in a datastore and on any number of
 * routings, all within this process. The stores may be those of a Helia node, or plain ones.
 *
 * @returns the remote; its `name` is the IPNS name, `k51…`, which is what readers need
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { embeddedRemote } from "@remote-log/ipfs/embedded";
 * import { MemoryBlockstore } from "blockstore-core";
 * import { MemoryDatastore } from "datastore-core";
 *
 * const nameKey = crypto.getRandomValues(new Uint8Array(32)); // `deriveKeys(seed).ipns` of the log's seed.
 * const stores = { blockstore: new MemoryBlockstore(), datastore: new MemoryDatastore() };
 * const remote = await embeddedRemote({ ...stores, nameKey });
 * ```
 */
export async function embeddedRemote(options: EmbeddedRemoteOptions): Promise<Remote> {
  checkTypes(options, ["label", "routings", "blockstore", "datastore", "name", "nameKey"], {
    name: "embeddedRemote",
    operation: "ipfs.open",
  });
  const { label = "ipfs-embedded", routings = [] } = options;
  const name = await remoteName(options);
  const routes = routings.map((routing, i) => routingRoute(routing, `IPNS routing ${i + 1}`));
  // Either half can be closed without the other: the names have a storage of their own for the heads.
  const heads = blockstoreStorage(options);
  return {
    label,
    storage: blockstoreStorage(options),
    names: ipnsNames({ ...options, storage: heads, routes: [datastoreRoute(options), ...routes] }),
    name: name.text,
  };
}
