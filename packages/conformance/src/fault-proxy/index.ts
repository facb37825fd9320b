// The proxies that make a service fail: one for HTTP, one for every other protocol over TCP.

export type { FaultProxyOptions, FaultReplies, FaultReply, FaultRequest } from "./options.ts";
export { type FaultProxy, startFaultProxy } from "./proxy.ts";
export type {
  TcpConnection,
  TcpFault,
  TcpFaultProxyOptions,
  TcpReplies,
  TcpReply,
  TcpSender,
} from "./tcp-options.ts";
export { startTcpFaultProxy, type TcpFaultControl, type TcpFaultProxy } from "./tcp-proxy.ts";
