// What the copying of a tree works with.

import type { HeadManifest } from "../log/head-manifest.ts";
import type { SequenceRanges } from "../log/sequence-ranges.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { AnySource } from "./any-source.ts";
import type { KnownTree } from "./known-tree.ts";
import type { MirrorProgress } from "./mirror-options.ts";
import type { TargetStore } from "./target-store.ts";

/** What is copied, from where and to where. */
export interface TreeCopy {
  /** The trees of one state, as the sources show it; the first is preferred. Each reads from any source. */
  readonly views: readonly TreeView[];
  /** Trees of other states that the sources show. */
  readonly others: readonly TreeView[];
  readonly sources: AnySource;
  readonly target: TargetStore;
  readonly known: KnownTree;
  /** Trees of this log that the target has. */
  readonly held: readonly TreeView[];
  /** Whether the copy is the first tree as it is, address by address, instead of the best of all. */
  readonly unchanged: boolean;
  /** What the head of the copy says of the manifest; absent if the log has none. */
  readonly manifest?: HeadManifest | undefined;
  /** The entries whose contents the writer removed, by the manifest. */
  readonly removed: SequenceRanges;
  /** The largest head that the target's name holds, in bytes. Default: any. */
  readonly largestInName?: number | undefined;
  /** Whether pages that no source stores together are bundled. Default: `"copied"`. */
  readonly bundles?: "copied" | "made" | undefined;
  readonly concurrency: number;
  readonly onProgress: ((progress: MirrorProgress) => void) | undefined;
}
