// The public API of the package: run `rlog` inside another program, add kinds of remotes to it, ask places of strangers,
// and ask through proxies.

export { runRlog } from "./program/program.ts";
export { type GuardedFetchOptions, guardedFetch } from "./remotes/linked/guarded-fetch.ts";
export { proxiedFetch } from "./remotes/proxy/proxied-fetch.ts";
export type { ProxyReason } from "./remotes/proxy/proxy-errors.ts";
export { registerScheme } from "./remotes/registry.ts";
export type {
  Checkup,
  CheckupOptions,
  Finding,
  LinkAccess,
  NameKeys,
  OpenedTarget,
  OpenFromLink,
  OpenRemote,
  RemoteContext,
  RemoteKind,
} from "./remotes/remote-kind.ts";
