export { runRlog } from "./program.ts";
export { type OpenRemote, registerScheme } from "./remotes.ts";
