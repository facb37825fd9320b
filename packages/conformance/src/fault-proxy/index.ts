export type { FaultProxyOptions, FaultReplies, FaultReply, FaultRequest } from "./options.ts";
export { type FaultProxy, startFaultProxy } from "./proxy.ts";
