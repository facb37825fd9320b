// The entry `@remote-log/ipfs`: logs on a Kubo node, names as IPNS records, and the keeper of records.

// A remote on a node: contents and a name.
export {
  type IpfsRemote,
  type IpfsRemoteOptions,
  type IpfsUriOptions,
  ipfsRemote,
  ipfsRemoteFromUri,
} from "./node/remote.ts";
export type { KuboNode, NodeOptions } from "./node/rpc.ts";
export type { KuboClient, KuboEndpoint, KuboGetOptions, KuboPutOptions } from "./node/kubo-client.ts";
export type { Fetch } from "@remote-log/core/adapter";

// Contents.
export { ipfsStorage } from "./node/storage.ts";
export type { IpfsStorageOptions } from "./node/options.ts";
export type { IpfsStorage } from "./blocks/ipfs-storage.ts";

// Names.
export { type IpnsNames, ipnsNames } from "./names/names.ts";
export type { HeadStorage, IpnsNamesOptions } from "./names/options.ts";
export type { PutOutcome } from "./names/put-on-routes.ts";

// Routes: ways to publish and to read records.
export { kuboRoute } from "./node/route.ts";
export { type DelegatedRouteOptions, delegatedRoute } from "./routes/delegated.ts";
export type { IpnsRoute } from "./routes/route.ts";

// Records, and what keeps them alive.
export { IpnsName } from "./record/ipns-name.ts";
export { expiredFor, type IpnsRecord, LARGEST_RECORD } from "./record/ipns-record.ts";
export { readRecord } from "./record/read-record.ts";
export {
  type KeepOnceOptions,
  type KeepOptions,
  type KeepPass,
  type KeptRecord,
  keepName,
  keepNameOnce,
} from "./names/keeper.ts";
