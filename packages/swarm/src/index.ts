// `@remote-log/swarm`: contents of a log as chunks on Swarm, and its head in a sequence feed.

export type { Fetch } from "@remote-log/core/adapter";
// Addresses.
export { swarmBmt } from "./chunk/hash-type.ts";
export type { FeedName } from "./feed/feed-name.ts";
export { type SwarmNames, swarmNames } from "./names.ts";
// The node.
export type { BeeNode, NodeOptions } from "./node/bee-api.ts";
export type {
  BeeClient,
  BeeRequestOptions,
  BeeUploadOptions,
} from "./node/bee-client.ts";
export type { SwarmNamesOptions, SwarmNodeOptions, SwarmStorageOptions } from "./options.ts";
// The postage batch.
export type { BatchReason } from "./postage/errors.ts";
export { NEARLY_FULL, SOON_MILLISECONDS, type SwarmHealth, type SwarmWarning } from "./postage/health.ts";
// A remote, by options or by a URI.
export {
  type SwarmRemote,
  type SwarmRemoteOptions,
  type SwarmUriOptions,
  swarmRemote,
  swarmRemoteFromUri,
} from "./remote.ts";
// Its two halves.
export { type SwarmStorage, swarmStorage } from "./storage.ts";
