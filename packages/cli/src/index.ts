export { runRlog } from "./program.ts";
export { type OpenRemote, type RemoteContext, type RemoteKind, registerScheme } from "./remotes.ts";
