export { templateNames } from "./names.ts";
export type { TemplateOptions, TemplateService } from "./options.ts";
export { type TemplateRemoteOptions, templateRemote } from "./remote.ts";
export { templateStorage } from "./storage.ts";
