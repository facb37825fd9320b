// Copying trees into a target in memory, without a reader; and reading what is there then.

import { memoryStorage } from "@remote-log/memory";
import { isRemoteLogError, type StorageBackend } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import type { Pair } from "../../src/log/pair.ts";
import { AnySource } from "../../src/mirror/any-source.ts";
import { copyTree } from "../../src/mirror/copy-tree.ts";
import { KnownTree } from "../../src/mirror/known-tree.ts";
import { TargetStore } from "../../src/mirror/target-store.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import type { WrittenLog } from "../reader/written-log.ts";

/** A head, and all that a storage has below it. */
export type Tree = Pick<WrittenLog, "head"> & { readonly contents: ReadonlyMap<string, Uint8Array> };

/** A tree without some of its objects. */
export const without = (tree: Tree, lacks: readonly string[]): Tree => ({
  head: tree.head,
  contents: new Map([...tree.contents].filter(([text]) => !lacks.includes(text))),
});

/** What is copied, and into what. */
export interface Copy {
  /** What the sources show of the newest state, the preferred first. */
  readonly views: readonly Tree[];
  /** What the target has: objects, and trees of this log that it shows. */
  readonly has?: ReadonlyMap<string, Uint8Array>;
  readonly held?: readonly Tree[];
  readonly known?: Tree;
  readonly missing?: readonly { readonly from: number; readonly to: number }[];
  readonly unchanged?: boolean;
  readonly concurrency?: number;
  readonly before?: ScriptedStorage["before"];
  readonly signal?: AbortSignal;
}

/** Copies, and tells what was stored and read. */
export async function copyTrees(
  logId: string,
  { signal = new AbortController().signal, views, has, before, ...copy }: Copy,
) {
  const { held = [], known, missing = [], unchanged = false, concurrency = 4 } = copy;
  const stored = new Map(has);
  const sources = views.map((tree) => new ScriptedStorage(tree.contents));
  if (before) for (const source of sources) source.before = before;
  const any = new AnySource(sources);
  const inner = memoryStorage({ contents: stored });
  const puts: string[] = [];
  const storage: StorageBackend = {
    ...inner,
    put: async (content, options) => {
      const address = await inner.put(content, options);
      puts.push(`${address}`);
      return address;
    },
  };
  const viewOf = async (tree: Tree, from: StorageBackend) =>
    new TreeView(await verifyHead(tree.head, logId), from, defaultLimits, signal);
  const counts: number[] = [];
  const result = copyTree(
    {
      views: await Promise.all(views.map((tree) => viewOf(tree, any))),
      others: [],
      sources: any,
      target: new TargetStore(storage, { resume: false, retries: 0 }, signal),
      known: new KnownTree(known && (await viewOf(known, storage)), missing),
      held: await Promise.all([...(known ? [known] : []), ...held].map((tree) => viewOf(tree, storage))),
      unchanged,
      removed: [],
      concurrency,
      onProgress: ({ entries }) => counts.push(entries),
    },
    signal,
  );
  return { result, stored, puts, sources, counts };
}

/** The entries that can be read below a head. */
export async function readableBelow(
  logId: string,
  head: Uint8Array,
  stored: ReadonlyMap<string, Uint8Array>,
): Promise<number[]> {
  const { signal } = new AbortController();
  const view = new TreeView(
    await verifyHead(head, logId),
    new ScriptedStorage(stored),
    defaultLimits,
    signal,
  );
  const found: number[] = [];
  const look = async (pairs: readonly Pair[], first: number): Promise<void> => {
    for (const [i, { place, contentHash }] of pairs.entries()) {
      if (place.kind === "removed") continue;
      if (place.kind === "pointer") await view.content(place.address, contentHash, signal);
      found.push(first + i);
    }
  };
  for (let index = 0; index < view.pages; index++) {
    try {
      await look((await view.page(index)).pairs, index * view.leafSize);
    } catch (error) {
      if (!isRemoteLogError(error)) throw error;
    }
  }
  await look(view.head.pairs, view.pages * view.leafSize);
  return found;
}
