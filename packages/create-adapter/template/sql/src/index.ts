// The entry of the adapter.

export { Service } from "./client.ts";
export { type Database, openDatabase } from "./database.ts";
export { templateNames } from "./names.ts";
export type { TemplateOptions } from "./options.ts";
export { type TemplateRemoteOptions, templateRemote } from "./remote.ts";
export { templateStorage } from "./storage.ts";
