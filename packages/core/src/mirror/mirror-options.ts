// Options and results of a mirroring.

import type { Address } from "../address/address.ts";
import type { Retry } from "../async/retry.ts";
import type { Cosigner } from "../cosign/cosigner.ts";
import type { NameResolver } from "../remote/name-resolver.ts";
import type { OperationOptions, StorageBackend } from "../remote/storage-backend.ts";
import type { LogSource } from "../tree/log-source.ts";
import type { MissingEntries } from "./missing-entries.ts";

/** Where a log is mirrored to: a `Remote`, or a storage alone. */
export interface MirrorTarget {
  /** Gets the contents, pages and index nodes. */
  readonly storage: StorageBackend;
  /**
   * Where the log's name is set to the head, which is signed, so that anyone may carry it. Leave it out if the name
   * belongs to a key (IPNS, for example): then the head is returned, and no name is set.
   */
  readonly names?: NameResolver | undefined;
  /** The name. Default: the log id. */
  readonly name?: string | undefined;
  /** What the target is called in errors. Default: the name of the storage. */
  readonly label?: string | undefined;
}

/** Options of `mirrorLog`. */
export interface MirrorOptions extends OperationOptions {
  /** A reader of the log. It keeps the newest verified state, so that a source that was rolled back is noticed. */
  readonly reader: LogSource;
  /** The target. */
  readonly to: MirrorTarget;
  /**
   * The head that an earlier mirroring to this target returned: everything below it is assumed to be there. A wrong one
   * leaves gaps in the copy. Or that of a mirroring that did not finish, with its `missing`. Default: everything is copied.
   */
  readonly known?: Uint8Array | undefined;
  /** What that mirroring could not get (`missing` of its result): it is looked for again. Default: nothing. */
  readonly missing?: readonly Pick<MissingEntries, "from" | "to">[] | undefined;
  /**
   * Whether to continue a mirroring that did not finish: what the target says it has is neither read from a source nor stored
   * again. Pages are read from the target and verified; of contents, its word is taken. A target without names is a network, where
   * others may hold what it finds: there this does nothing, and `soFar` of {@link MirrorProgress} says where to continue. Default
   * false.
   */
  readonly resume?: boolean | undefined;
  /** Whether the head is stored too, after everything below it. Default false. */
  readonly storeHead?: boolean | undefined;
  /**
   * How often a request to the target is repeated at most, after a failure that may pass; if many fail, fewer are. Default 4.
   * With 0, the first failure ends the mirroring.
   */
  readonly retries?: number | undefined;
  /**
   * What becomes of pages that no source stores together. `"made"`: the copy has bundles of them besides, so that all of a long log is
   * read from it with few requests; nobody's key is needed. A target without names gets the tree of the source as it is. Default
   * `"copied"`: the copy has the bundles that the sources have.
   */
  readonly bundles?: "copied" | "made" | undefined;
  /**
   * Signs that the target keeps the log: everything that was stored is read back from it first, then the checkpoint is cosigned, and the
   * name is set to a head that bears the signature. A copy that lacks entries is not signed. Default: nothing is read back or signed.
   */
  readonly cosign?: MirrorCosigning | undefined;
  /** How many pages are copied at once, and how many contents. Default 16. */
  readonly concurrency?: number | undefined;
  /** Called after each object that was stored. */
  readonly onProgress?: ((progress: MirrorProgress) => void) | undefined;
  /** Called before each wait after a failure that may pass, of a source or of the target. Those of the reader call its own. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

/** How a mirror signs that it keeps a log. */
export interface MirrorCosigning {
  /** Its key and what it signed before: a `Cosigner` of `@remote-log/core/cosign`. */
  readonly by: Cosigner;
  /**
   * `head` of an earlier mirroring to this target that was cosigned: what it shares with the new one is not read back again. Default:
   * everything is.
   */
  readonly readBack?: Uint8Array | undefined;
}

/** What a mirror signed. */
export interface CosignedCopy {
  /** The checkpoint with the log's signature and the mirror's: a C2SP signed note. */
  readonly note: string;
  /** That of the manifest; absent if the log has none. */
  readonly manifestNote?: string;
}

/** How far a mirroring is. */
export interface MirrorProgress {
  /** Number of entries of the log. */
  readonly size: number;
  /** Entries that are in the target: found there, or copied. */
  readonly entries: number;
  /** Contents that were stored on their own. */
  readonly contents: number;
  /** Leaf pages that were stored. */
  readonly pages: number;
  /** Index nodes that were stored. */
  readonly nodes: number;
  /** Bytes of all that was stored, without the head. */
  readonly bytes: number;
  /**
   * With a target without names: what it has by now, as a mirroring is told that continues this one if it does not finish. Absent
   * as long as that is not more than what `known` said.
   *
   * @example
   * ```ts
   * import { type MirrorOptions, type MirrorProgress, mirrorLog } from "@remote-log/core";
   *
   * let soFar: MirrorProgress["soFar"];
   * export function copy(options: MirrorOptions) {
   *   const onProgress = (progress: MirrorProgress) => {
   *     soFar = progress.soFar ?? soFar;
   *   };
   *   return mirrorLog({ ...options, ...soFar, onProgress });
   * }
   * ```
   */
  readonly soFar?: MirrorPart | undefined;
}

/** A part of a log that a target has: options of the mirroring that copies the rest. */
export interface MirrorPart {
  /** The head of the state that is being mirrored. */
  readonly known: Uint8Array;
  /** The entries that are not there yet: those that no source could show, and last all that were not copied so far. */
  readonly missing: readonly Pick<MissingEntries, "from" | "to">[];
}

/** What `mirrorLog` did. */
export interface MirrorResult extends Omit<MirrorProgress, "soFar"> {
  /**
   * What no source could show, in order; empty if the copy is complete. Pass it to the next mirroring, together with the head.
   * There are at most 4,096 ranges: if more is missing, the last covers entries that are there as well.
   */
  readonly missing: readonly MissingEntries[];
  /** Number of entries that no source could show. */
  readonly missingEntries: number;
  /** The head of the mirrored state: `known` of the next mirroring. */
  readonly head: Uint8Array;
  /**
   * What was signed, with `cosign`: then `head` is `readBack` of the next mirroring. Absent if entries are missing, and if the target's
   * name holds a later state.
   */
  readonly cosigned?: CosignedCopy;
  /** Where the head was stored, with `storeHead`. */
  readonly headAddress?: Address;
  /**
   * What became of the name; absent if the target has no names.
   *
   * - `"updated"`: it was set to the head
   * - `"current"`: it held this state already
   * - `"newer"`: it holds a later state of this log, and was left unchanged
   */
  readonly name?: "updated" | "current" | "newer";
}
