// The public API of the package: run `rlog` inside another program, add kinds of remotes to it, and ask places of strangers.

export { runRlog } from "./program/program.ts";
export { type GuardedFetchOptions, guardedFetch } from "./remotes/linked/guarded-fetch.ts";
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
