// Copies everything below a head: each object verified, from any source that can show it, merged with what the target has.

import type { Address } from "../address/address.ts";
import { TaskGroup } from "../async/task-group.ts";
import { bytesEqual, lastOf } from "../bytes.ts";
import { type Bundle, isBundleOnly } from "../log/bundle.ts";
import type { HeadLevel } from "../log/head.ts";
import { encodeIndexNode } from "../log/index-node.ts";
import type { Ref } from "../log/page.ts";
import { peaksOf } from "../merkle/index.ts";
import { LARGEST_NODE } from "../tree/reader-limits.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { BundleCopier, type CopiedBundle } from "./bundle-copier.ts";
import { BundleMaker } from "./bundle-maker.ts";
import { CopiedFront } from "./copied-front.ts";
import { copiedHead, notOneTree } from "./copied-head.ts";
import { CopyProgress } from "./copy-progress.ts";
import type { MirrorProgress } from "./mirror-options.ts";
import { gravest, type MissingEntries, MissingRanges } from "./missing-entries.ts";
import { PageCopier, type PageTree } from "./page-copier.ts";
import { RefFinder } from "./ref-finder.ts";
import type { TreeCopy } from "./tree-copy.ts";

/** A copy that was made. */
export interface CopiedTree {
  readonly head: Uint8Array;
  readonly progress: MirrorProgress;
  readonly missing: readonly MissingEntries[];
  readonly missingCount: number;
}

/**
 * Copies everything below a head that a target lacks: contents, then their page; index nodes after everything below them. Each
 * object is verified before it is stored. What no source shows is left out, and told.
 *
 * @throws IntegrityError `ERR_INTEGRITY` and others if what the target has could no longer be reached from the new head
 * @throws TargetFailure with the cause, if the target failed
 */
export async function copyTree(copy: TreeCopy, signal: AbortSignal): Promise<CopiedTree> {
  return new Copier(copy, signal).copy();
}

/** A ref of the copy, once all below it is stored. */
interface Pending {
  readonly ref: Promise<Ref>;
}

/** What a node holds, once all below it is stored. */
interface Children {
  readonly refs: readonly Pending[];
  readonly bundles: readonly Promise<readonly Bundle[]>[];
  /** Number of the first. */
  readonly first: number;
}

/** A node of the right edge, once all below it is stored. */
interface PendingEdge {
  readonly node: Promise<HeadLevel["node"]>;
}

class Copier {
  readonly #copy: TreeCopy;
  readonly #base: TreeView;
  readonly #signal: AbortSignal;
  readonly #window: TaskGroup;
  readonly #pages: PageCopier;
  readonly #bundles: BundleCopier;
  readonly #maker: BundleMaker;
  readonly #finder: RefFinder;
  readonly #missing = new MissingRanges();
  readonly #front = new CopiedFront();
  // The page before the next one, if this copy makes it.
  #previous: Promise<Ref> | undefined;
  // The bundle before the next one, if this copy makes it.
  #previousBundle: Promise<CopiedBundle> | undefined;
  readonly #progress: CopyProgress;

  constructor(copy: TreeCopy, signal: AbortSignal) {
    this.#copy = copy;
    this.#base = copy.views[0]!;
    this.#signal = signal;
    this.#window = new TaskGroup(copy.concurrency);
    this.#finder = new RefFinder(copy, signal);
    const tree: PageTree = {
      advance: (counts) => this.#advance(counts),
      missing: (from, to, error) => this.#missing.add(from, to, error),
      find: (level, index, errors) => this.#finder.find(level, index, errors),
      refOf: (view, level, index, errors) => this.#finder.refOf(view, level, index, errors),
    };
    this.#pages = new PageCopier(copy, tree, signal);
    this.#bundles = new BundleCopier(copy, tree, this.#pages, signal);
    this.#maker = new BundleMaker(copy, this.#pages, signal);
    this.#progress = new CopyProgress(copy, this.#missing);
  }

  async copy(): Promise<CopiedTree> {
    const { head } = this.#base;
    const pending: { readonly edge: PendingEdge; readonly refs: readonly Pending[] }[] = [];
    for (let level = head.levels.length - 1; level >= 0; level--) {
      const edge = await this.#edge(level);
      const { first, refs: count } = head.shape.levels[level]!;
      const refs: Pending[] = [];
      for (let i = head.levels[level]!.node?.refs ?? 0; i < count; i++)
        refs.push(await this.#child(level, first + i));
      pending.unshift({ edge, refs });
    }
    await this.#window.settled();
    const levels: HeadLevel[] = [];
    for (const one of pending) {
      const node = await one.edge.node;
      const refs = await Promise.all(one.refs.map(({ ref }) => ref));
      levels.push({ ...(node && { node }), refs });
    }
    const bytes = await copiedHead(this.#copy, this.#pages, levels);
    const missing = this.#missing.ranges();
    return { head: bytes, progress: this.#progress.counts, missing, missingCount: this.#missing.count };
  }

  // The node of the right edge at one level.
  async #edge(level: number): Promise<PendingEdge> {
    const { node } = this.#base.head.levels[level]!;
    const { first, leavesPerRef } = this.#base.head.shape.levels[level]!;
    if (node === undefined) return { node: Promise.resolve(undefined) };
    const range = { from: first * leavesPerRef, to: (first + node.refs) * leavesPerRef };
    if (this.#copy.known.hasEdge(level, node.address)) {
      this.#previous = undefined;
      this.#front.begin(range.to)();
      this.#advance({ entries: range.to - range.from });
      return { node: Promise.resolve(node) };
    }
    const errors: unknown[] = [];
    if ((await this.#finder.find(level, first, errors)) === undefined) {
      this.#lose(range, gravest(errors));
      return { node: Promise.resolve(node) };
    }
    const children = await this.#children(level, first, node.refs);
    const done = this.#front.begin(range.to);
    const isHeld = (address: Address): boolean => this.#copy.known.hasEdge(level, address);
    const made = this.#node(children, node.address, isHeld).then((edge) => this.#after(done, edge));
    return {
      node: handled(made.then(({ address, peaks }) => ({ address, refs: node.refs, peaks }))),
    };
  }

  async #child(level: number, index: number): Promise<Pending> {
    const { leavesPerRef } = this.#base.head.shape.levels[level]!;
    const range = { from: index * leavesPerRef, to: (index + 1) * leavesPerRef };
    const errors: unknown[] = [];
    const found = await this.#finder.find(level, index, errors);
    if (found === undefined) throw gravest(errors);
    const { ref, isKnown } = found;
    if (isKnown) {
      this.#previous = undefined;
      this.#front.begin(range.to)();
      this.#advance({ entries: leavesPerRef });
      return { ref: Promise.resolve(ref) };
    }
    if (level === 0) return this.#page(index, ref);
    const { fanOut } = this.#base.head.genesis.genesis;
    if ((await this.#finder.find(level - 1, index * fanOut, errors)) === undefined) {
      this.#lose(range, gravest(errors));
      return { ref: Promise.resolve(ref) };
    }
    const children = await this.#children(level - 1, index * fanOut, fanOut);
    const done = this.#front.begin(range.to);
    const held = await this.#copy.known.child(level, index, this.#signal);
    const isHeld = (address: Address): boolean => held?.address.equals(address) === true;
    const made = this.#node(children, ref.address, isHeld).then(({ address, peaks }) => {
      if (peaks.length !== 1 || !bytesEqual(peaks[0]!, ref.hash)) throw notOneTree();
      return this.#after(done, { address, hash: ref.hash });
    });
    return { ref: handled(made) };
  }

  // The refs in a node, and the bundles of their pages.
  async #children(level: number, first: number, count: number): Promise<Children> {
    const refs: Pending[] = [];
    const bundles: Promise<readonly Bundle[]>[] = [];
    const shown = level === 0 ? await this.#bundles.named(first) : [];
    for (let at = first; at < first + count; ) {
      const bundle = shown.find((one) => one.first === at && at + one.lengths.length <= first + count);
      if (bundle !== undefined) {
        const copied = await this.#bundle(bundle);
        refs.push(...copied.refs);
        bundles.push(handled(copied.bundle.then((one) => (one === undefined ? [] : [one]))));
        at += bundle.lengths.length;
        continue;
      }
      const isRun =
        level === 0 && this.#maker.makes(at, first + count) && !hasBundleIn(shown, at, this.#maker.run);
      const end = isRun ? at + this.#maker.run : at + 1;
      const run: Pending[] = [];
      for (; at < end; at++) run.push(await this.#child(level, at));
      refs.push(...run);
      if (isRun) bundles.push(this.#make(end - run.length, run, lastOf(bundles)));
    }
    return { refs, bundles, first };
  }

  // Bundles of a run of pages, once these are in the target.
  #make(
    first: number,
    pages: readonly Pending[],
    previous: Promise<readonly Bundle[]> | undefined,
  ): Promise<readonly Bundle[]> {
    const make = async (): Promise<readonly Bundle[]> => {
      const refs = await Promise.all(pages.map(({ ref }) => ref));
      const before = lastOf((await previous) ?? []);
      const isAdjacent = before !== undefined && before.first + before.lengths.length === first;
      const address =
        isAdjacent || first === 0
          ? before?.address
          : (await this.#finder.find(0, first - 1, []))?.ref.address;
      return this.#maker.make(first, refs, address);
    };
    return handled(make());
  }

  // Pages that are stored together, and by themselves as far as the source has them so.
  async #bundle(
    bundle: Bundle,
  ): Promise<{ readonly refs: Pending[]; readonly bundle: Promise<Bundle | undefined> }> {
    const { first, lengths } = bundle;
    const { leafSize } = this.#base;
    const errors: unknown[] = [];
    const found = await Promise.all(lengths.map((_, i) => this.#finder.find(0, first + i, errors)));
    const refs = found.map((one) => {
      if (one === undefined) throw gravest(errors);
      return one.ref;
    });
    const isKnown = found.every((one) => one!.isKnown);
    if (isKnown && (await this.#copy.known.hasBundle(bundle, this.#signal))) {
      this.#previous = undefined;
      this.#front.begin((first + lengths.length) * leafSize)();
      this.#advance({ entries: lengths.length * leafSize });
      return { refs: refs.map((ref) => ({ ref: Promise.resolve(ref) })), bundle: Promise.resolve(bundle) };
    }
    const alone = new Map<number, Promise<Ref>>();
    const pending = new Map<number, Pending>();
    for (const [i, ref] of refs.entries()) {
      if (isBundleOnly(ref, bundle)) continue;
      const child = await this.#child(0, first + i);
      pending.set(i, child);
      alone.set(i, child.ref);
    }
    const known = new Set(found.flatMap((one, i) => (one!.isKnown ? [i] : [])));
    const done = this.#front.begin((first + lengths.length) * leafSize);
    const before = this.#previousBundle;
    let settle: (copied: Promise<CopiedBundle>) => void = () => undefined;
    const made = handled(new Promise<CopiedBundle>((resolve) => (settle = resolve)));
    await this.#window.add(async () => {
      const copied = this.#bundles
        .copy(bundle, { refs, alone: new Set(alone.keys()), known, before })
        .then((one) => this.#after(done, one));
      settle(copied);
      await copied;
    });
    this.#previousBundle = made;
    this.#pages.noteBundle(first + lengths.length, handled(made.then((copied) => copied.bundle?.address)));
    this.#previous = undefined;
    const ofPage = (i: number): Pending =>
      pending.get(i) ?? { ref: handled(made.then(({ refs: all }) => all[i]!)) };
    return {
      refs: lengths.map((_, i) => ofPage(i)),
      bundle: handled(made.then((copied) => copied.bundle)),
    };
  }

  // What nobody shows keeps its address. If the target can read a part of it now, it could not any more.
  #lose({ from, to }: { readonly from: number; readonly to: number }, error: unknown): void {
    const { held, unchanged } = this.#copy;
    if (!unchanged && held.some(({ size }) => from < size)) throw error;
    this.#previous = undefined;
    this.#missing.add(from, to, error);
    this.#front.begin(to)();
  }

  async #page(index: number, ref: Ref): Promise<Pending> {
    const previous = this.#previous;
    let settle: (ref: Promise<Ref>) => void = () => undefined;
    const made = handled(new Promise<Ref>((resolve) => (settle = resolve)));
    this.#previous = made;
    const done = this.#front.begin((index + 1) * this.#base.leafSize);
    await this.#window.add(async () => {
      const copied = this.#pages.page(index, ref, previous).then((page) => this.#after(done, page));
      settle(copied);
      await copied;
    });
    return { ref: made };
  }

  async #node(
    children: Children,
    claimed: Address,
    isHeld: (address: Address) => boolean,
  ): Promise<{ readonly address: Address; readonly peaks: readonly Uint8Array[] }> {
    const refs = await Promise.all(children.refs.map(({ ref }) => ref));
    const bundles = (await Promise.all(children.bundles)).flat();
    const { target, unchanged, sources } = this.#copy;
    let bytes = encodeIndexNode(refs, bundles, children.first);
    let address = await target.address(bytes);
    if (unchanged && !address.equals(claimed)) {
      bytes = await sources.get(claimed, { maxBytes: LARGEST_NODE, signal: this.#signal });
      address = claimed;
    }
    const isStored = isHeld(address) || (await target.stored(address, LARGEST_NODE)) !== undefined;
    if (!isStored) await this.#store(bytes, address, { nodes: 1 });
    return { address, peaks: peaksOf(refs.map(({ hash }) => hash)) };
  }

  async #store(bytes: Uint8Array, address: Address, counts: Partial<MirrorProgress>): Promise<void> {
    await this.#copy.target.put(bytes, address);
    this.#advance({ ...counts, bytes: bytes.length });
  }

  /** What a part gave that is done now. */
  #after<T>(done: () => void, result: T): T {
    const { entries } = this.#front;
    done();
    if (this.#front.entries > entries) this.#advance({});
    return result;
  }

  #advance(counts: Partial<MirrorProgress>): void {
    this.#progress.advance(counts, this.#front.entries);
  }
}

function hasBundleIn(bundles: readonly Bundle[], first: number, count: number): boolean {
  return bundles.some((one) => one.first < first + count && first < one.first + one.lengths.length);
}

/** A promise that somebody awaits later: a failure before that is not an unhandled one. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
