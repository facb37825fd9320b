import type { NameResolver } from "./name-resolver.ts";
import type { StorageBackend } from "./storage-backend.ts";

/**
 * One CAS and one NS used together (as git uses the word). A log can have several; any storage goes with any
 * resolver.
 */
export interface Remote {
  /** What this remote is called in receipts, states and errors; unique among the remotes of a log. */
  readonly label: string;
  /** Where contents, pages and index nodes are. */
  readonly storage: StorageBackend;
  /** Where the head is found. */
  readonly names: NameResolver;
  /** The name under which the head is found. Default: the log id as 64 hexadecimal digits. */
  readonly name?: string;
}
