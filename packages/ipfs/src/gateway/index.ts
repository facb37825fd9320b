// The entry `@remote-log/ipfs/gateway`: logs on IPFS, read through gateways.

export type { Fetch } from "@remote-log/core/adapter";
export type { IpnsRoute } from "../routes/route.ts";
export type { GatewayNames } from "./names.ts";
export type { GatewayOptions, GatewayStorageOptions } from "./options.ts";
export {
  type GatewayRemote,
  type GatewayRemoteOptions,
  type GatewayRemoteSettings,
  gatewayRemote,
  gatewayRemoteFromUri,
} from "./remote.ts";
export { gatewayRoute } from "./route.ts";
export { gatewayStorage } from "./storage.ts";
