// The entry of the adapter in memory, which is the bare reference: it does without the shell.

export { NameTable } from "./name-table.ts";
export { memoryNames } from "./names.ts";
export type { MemoryNamesOptions, MemoryStorageOptions } from "./options.ts";
export { type MemoryRemoteOptions, memoryRemote } from "./remote.ts";
export { memoryStorage } from "./storage.ts";
