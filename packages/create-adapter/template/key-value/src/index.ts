// The entry of the adapter.

export { Service } from "./client.ts";
export type { TemplateRemoteOptions } from "./options.ts";
export { templateRemote } from "./remote.ts";
