export type { Fetch } from "@remote-log/core/adapter";
export {
  type KeepOnceOptions,
  type KeepOptions,
  type KeepPass,
  type KeptRecord,
  keepName,
  keepNameOnce,
} from "./keeper.ts";
export {
  type HeadStorage,
  type IpnsNames,
  type IpnsNamesOptions,
  ipnsNames,
  type PutOutcome,
} from "./names.ts";
export type { IpfsStorageOptions } from "./options.ts";
export { IpnsName } from "./record/ipns-name.ts";
export { expiredFor, type IpnsRecord } from "./record/ipns-record.ts";
export { readRecord } from "./record/read-record.ts";
export {
  type IpfsRemote,
  type IpfsRemoteOptions,
  type IpfsUriOptions,
  ipfsRemote,
  ipfsRemoteFromUri,
} from "./remote.ts";
export { type DelegatedRouteOptions, delegatedRoute } from "./routes/delegated.ts";
export { kuboRoute } from "./routes/kubo.ts";
export { type IpnsRoute, LARGEST_RECORD } from "./routes/route.ts";
export type { KuboClient, KuboEndpoint, KuboGetOptions, KuboPutOptions } from "./rpc/kubo-client.ts";
export type { KuboNode, NodeOptions } from "./rpc/node.ts";
export { type IpfsStorage, ipfsStorage } from "./storage.ts";
