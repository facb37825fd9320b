// The entry `@remote-log/layers/folder`: a cache in a folder, for Node.js.

export { type FolderCacheOptions, folderCache } from "./folder-cache.ts";
