export { memoryNames } from "./names.ts";
export { type MemoryNamesOptions, type MemoryStorageOptions, NameTable } from "./options.ts";
export { type MemoryRemoteOptions, memoryRemote } from "./remote.ts";
export { memoryStorage } from "./storage.ts";
