// The entry `@remote-log/ipfs/embedded`: logs on IPFS within this process.

export { type DatastoreRouteOptions, datastoreRoute } from "./datastore-route.ts";
export { type EmbeddedRemoteOptions, embeddedRemote } from "./remote.ts";
export { routingRoute } from "./routing-route.ts";
export { type BlockstoreStorageOptions, blockstoreStorage } from "./storage.ts";
export type {
  BlockBytes,
  BlockCid,
  BlockPieces,
  BlockstoreLike,
  DatastoreKeyLike,
  DatastoreLike,
  PinsLike,
  RoutingLike,
  StoreOptions,
} from "./stores.ts";
