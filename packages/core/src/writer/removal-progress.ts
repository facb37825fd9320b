// How far a remote is with what was removed, and what becomes of it there.

import type { StorageBackend } from "../remote/storage-backend.ts";

/**
 * What becomes of what is removed from a storage:
 *
 * - `"deleted"`: the storage deletes it
 * - `"released"`: the storage stops keeping it for this user; it may stay readable until the service tidies up, and wherever
 *   others keep it
 * - `"never"`: the storage forgets nothing when it is asked to; what was stored can be read for as long as the network keeps it
 */
export type Forgets = "deleted" | "released" | "never";

/** How far a remote is with what was removed. */
export interface RemovalProgress {
  /** What becomes of removed contents there. */
  readonly forgets: Forgets;
  /** Number of objects that are still to be deleted or released. */
  readonly left: number;
  /** When the next of them may be, in milliseconds since 1970: readers on their way get that long. Absent if none waits for that. */
  readonly dueAt?: number;
  /** Why the newest attempt to delete them failed; it is repeated at the next publish. */
  readonly error?: unknown;
}

/** What a storage does about contents that are removed. */
export function forgetsOf(storage: StorageBackend): Forgets {
  if (storage.delete !== undefined) return "deleted";
  return storage.release === undefined ? "never" : "released";
}
