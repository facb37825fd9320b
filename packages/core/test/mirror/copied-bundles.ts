// Copying single bundles of a tree into a target in memory; and what was asked, stored and told meanwhile.

import { memoryStorage } from "@remote-log/memory";
import type { MirrorProgress } from "../../src/index.ts";
import type { Bundle } from "../../src/log/bundle.ts";
import { decodeBundle } from "../../src/log/bundled-node.ts";
import { verifyHead } from "../../src/log/head.ts";
import type { Ref } from "../../src/log/page.ts";
import { AnySource } from "../../src/mirror/any-source.ts";
import { BundleCopier, type CopiedBundle } from "../../src/mirror/bundle-copier.ts";
import { KnownTree } from "../../src/mirror/known-tree.ts";
import { PageCopier, type PageTree } from "../../src/mirror/page-copier.ts";
import { RefFinder } from "../../src/mirror/ref-finder.ts";
import { TargetStore } from "../../src/mirror/target-store.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import type { Tree } from "./copied-tree.ts";

/** Bundles of eight pages of two. */
export const settings = { leafSize: 2, fanOut: 8 };
export const PAGES = 8;
export const ENTRIES = 16;
/** The first page of the second bundle. */
export const FIRST = 8;

/** What is copied into a target that has some objects, and shows some trees. */
export interface Given {
  readonly views: readonly Tree[];
  readonly others?: readonly Tree[];
  readonly held?: readonly Tree[];
  readonly has?: ReadonlyMap<string, Uint8Array>;
  readonly resume?: boolean;
  readonly unchanged?: boolean;
}

/** What the copier is told of the pages of a bundle, and of the bundle before it. */
export interface Parts {
  readonly alone?: readonly number[];
  readonly known?: readonly number[];
  readonly before?: CopiedBundle;
}

/** A copier of bundles, and all that it did. */
export async function copierOf(
  logId: string,
  { views, others = [], held = [], has, resume = false, unchanged = false }: Given,
) {
  const controller = new AbortController();
  const { signal } = controller;
  const stored = new Map(has);
  const sources = [...views, ...others].map((tree) => new ScriptedStorage(tree.contents));
  const any = new AnySource(sources);
  const viewOf = async (tree: Tree, from: ScriptedStorage | AnySource): Promise<TreeView> =>
    new TreeView(await verifyHead(tree.head, logId), from, defaultLimits, signal);
  const own = (tree: Tree): Promise<TreeView> => viewOf(tree, new ScriptedStorage(tree.contents));
  const copy = {
    views: await Promise.all(views.map((tree) => viewOf(tree, any))),
    others: await Promise.all(others.map(own)),
    held: await Promise.all(held.map(own)),
    sources: any,
    target: new TargetStore(memoryStorage({ contents: stored }), { resume, retries: 0 }, signal),
    known: new KnownTree(undefined),
    unchanged,
    removed: [],
    concurrency: 4,
    onProgress: undefined,
  };
  const finder = new RefFinder(copy, signal);
  const counted: Partial<MirrorProgress>[] = [];
  const missing: [number, number, unknown][] = [];
  const asked: [number, number][] = [];
  const tree: PageTree = {
    advance: (counts) => void counted.push(counts),
    missing: (from, to, error) => void missing.push([from, to, (error as { code?: string }).code]),
    find: (level, index, errors) => {
      asked.push([level, index]);
      return finder.find(level, index, errors);
    },
    refOf: (view, level, index, errors) => finder.refOf(view, level, index, errors),
  };
  const bundles = new BundleCopier(copy, tree, new PageCopier(copy, tree, signal), signal);
  const total = (what: keyof Omit<MirrorProgress, "soFar">): number =>
    counted.reduce((sum, counts) => sum + (counts[what] ?? 0), 0);
  return { bundles, stored, sources, total, missing, asked, controller };
}

/** A bundle of a tree, and the refs to its pages. */
export async function bundleIn(
  logId: string,
  tree: Tree,
  first = FIRST,
): Promise<{ bundle: Bundle; refs: readonly Ref[] }> {
  const head = await verifyHead(tree.head, logId);
  const view = new TreeView(
    head,
    new ScriptedStorage(tree.contents),
    defaultLimits,
    new AbortController().signal,
  );
  const { bundles } = await view.neighbours(first);
  const refs = await Promise.all(Array.from({ length: PAGES }, (_, i) => view.ref(0, first + i)));
  return { bundle: bundles.find((one) => one.first === first)!, refs };
}

/** Copies a bundle of a tree that is shown whole. */
export async function copied(
  logId: string,
  of: Tree,
  given: Given,
  { alone = [], known = [], before }: Parts = {},
  first = FIRST,
) {
  const { bundle, refs } = await bundleIn(logId, of, first);
  const copier = await copierOf(logId, given);
  const parts = {
    refs,
    alone: new Set(alone),
    known: new Set(known),
    before: before && Promise.resolve(before),
  };
  const result = await copier.bundles.copy(bundle, parts);
  const bytes = result.bundle && copier.stored.get(`${result.bundle.address}`);
  const shown =
    bytes &&
    decodeBundle(
      bytes,
      settings.leafSize,
      refs.map(({ hash }) => hash),
    );
  return { ...copier, result, bundle, refs, bytes, shown };
}
