// The public API of the package: run `rlog` inside another program, and add kinds of remotes to it.

export { runRlog } from "./program/program.ts";
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
