// The entry of the adapter for folders.

export { fsNames } from "./names.ts";
export type { FsNamesOptions, FsOptions, FsRemoteOptions, FsStorageOptions } from "./options.ts";
export { fsRemote, fsRemoteFromUri } from "./remote.ts";
export { type LoadOrCreateSeedOptions, loadOrCreateSeed } from "./seed-file.ts";
export { staticRemote } from "./static/remote.ts";
export { fsStorage } from "./storage.ts";
export { fileWitness } from "./witness.ts";
