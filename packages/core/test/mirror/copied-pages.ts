// Copying single pages of a tree, without the tree above them; and what was asked, stored and told meanwhile.

import { memoryStorage } from "@remote-log/memory";
import { type MirrorProgress, NotFoundError } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { decodePage, type Ref } from "../../src/log/page.ts";
import { AnySource } from "../../src/mirror/any-source.ts";
import { KnownTree } from "../../src/mirror/known-tree.ts";
import { PageCopier } from "../../src/mirror/page-copier.ts";
import { TargetStore } from "../../src/mirror/target-store.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { smallCuts } from "../reader/written-log.ts";
import type { Tree } from "./copied-tree.ts";

/** A tree, and the log that it is of. */
interface PagedTree extends Tree {
  readonly logId: string;
}

/** The ref to a page in a tree. */
export async function refIn({ logId, ...tree }: PagedTree, index: number): Promise<Ref> {
  const storage = new ScriptedStorage(tree.contents);
  const { signal } = new AbortController();
  return new TreeView(await verifyHead(tree.head, logId), storage, defaultLimits, signal).ref(0, index);
}

/** What is copied into a target that has some objects, and shows some trees. */
export interface Given {
  readonly views: readonly Tree[];
  readonly others?: readonly Tree[];
  readonly held?: readonly Tree[];
  readonly has?: ReadonlyMap<string, Uint8Array>;
  readonly resume?: boolean;
  readonly unchanged?: boolean;
  /** Whether only the first of the trees shows where its pages are. */
  readonly hidesRefs?: boolean;
  /** What the copier is told of the page before. */
  readonly before?: Ref | undefined;
}

/** A copier of pages, and all that it did. */
export async function copierOf(logId: string, given: Given) {
  const { views, others = [], held = [], resume = false, unchanged = false } = given;
  const controller = new AbortController();
  const { signal } = controller;
  const stored = new Map(given.has);
  const storageOf = ({ contents: objects }: Tree): ScriptedStorage => new ScriptedStorage(objects);
  const sources = [...views, ...others].map(storageOf);
  const any = new AnySource(sources);
  const viewOf = async (tree: Tree, from: ScriptedStorage | AnySource): Promise<TreeView> =>
    new TreeView(await verifyHead(tree.head, logId), from, defaultLimits, signal);
  const counted: Partial<MirrorProgress>[] = [];
  const missing: [number, number, unknown][] = [];
  const asked: [number, number][] = [];
  const heldFrom = held.map(storageOf);
  const otherFrom = others.map(storageOf);
  const copier = new PageCopier(
    {
      views: await Promise.all(views.map((tree) => viewOf(tree, any))),
      others: await Promise.all(others.map((tree, i) => viewOf(tree, otherFrom[i]!))),
      held: await Promise.all(held.map((tree, i) => viewOf(tree, heldFrom[i]!))),
      sources: any,
      target: new TargetStore(memoryStorage({ contents: stored }), { resume, retries: 0 }, signal),
      known: new KnownTree(undefined),
      unchanged,
      removed: [],
      concurrency: 4,
      onProgress: undefined,
    },
    {
      advance: (counts) => void counted.push(counts),
      missing: (from, to, error) => void missing.push([from, to, (error as { code?: string }).code]),
      find: async (level, index) => {
        asked.push([level, index]);
        return given.before && { ref: given.before };
      },
      refOf: async (view, level, index, errors) => {
        if (given.hidesRefs !== true) return view.ref(level, index, signal);
        errors.push(new NotFoundError("no", { operation: "storage.get" }));
        return undefined;
      },
    },
    signal,
  );
  const page = async (index: number, previous?: Promise<Ref>): Promise<Ref> =>
    copier.page(index, await refIn({ ...views[0]!, logId }, index), previous);
  /** The page that was stored at a ref, and which of its entries can be read in the target. */
  const readAt = (ref: Ref) => {
    const { pairs, tail } = decodePage(stored.get(`${ref.address}`)!, smallCuts.leafSize!, ref.hash);
    const readable = pairs.flatMap(({ place }, at) => {
      const isThere =
        place.kind === "embedded" || (place.kind === "pointer" && stored.has(`${place.address}`));
      return isThere ? [at] : [];
    });
    return { pairs, tail, readable };
  };
  const total = (what: keyof Omit<MirrorProgress, "soFar">): number =>
    counted.reduce((sum, counts) => sum + (counts[what] ?? 0), 0);
  return { copier, page, readAt, stored, counted, total, missing, asked, sources, heldFrom, controller };
}
