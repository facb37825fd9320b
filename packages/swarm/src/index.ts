export type { Fetch } from "@remote-log/core/adapter";
export type { BeeClient, BeeNode, NodeOptions } from "./node/bee-api.ts";
export { swarmBmt } from "./chunk/hash-type.ts";
export { NEARLY_FULL, SOON_MILLISECONDS, type SwarmHealth, type SwarmWarning } from "./postage/health.ts";
export { type FeedName, type SwarmNames, type SwarmNamesOptions, swarmNames } from "./names.ts";
export type { SwarmNodeOptions, SwarmStorageOptions } from "./options.ts";
export {
  type SwarmRemote,
  type SwarmRemoteOptions,
  type SwarmUriOptions,
  swarmRemote,
  swarmRemoteFromUri,
} from "./remote.ts";
export { type SwarmStorage, swarmStorage } from "./storage.ts";
