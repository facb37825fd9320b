// Databases of devices.

import { MemoryLevel } from "memory-level";

/** A database in memory. */
export function newDatabase(): MemoryLevel<Uint8Array, Uint8Array> {
  return new MemoryLevel({ keyEncoding: "view", valueEncoding: "view", storeEncoding: "view" });
}
