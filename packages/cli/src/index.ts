export { runRlog } from "./program.ts";
export type {
  Checkup,
  CheckupOptions,
  Finding,
  NameKeys,
  OpenedTarget,
  OpenRemote,
  RemoteContext,
  RemoteKind,
} from "./remote-kind.ts";
export { registerScheme } from "./remotes.ts";
