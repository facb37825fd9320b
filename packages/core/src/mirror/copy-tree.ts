// Copies everything below a head: each object verified, from any source that can show it, merged with what the target has.

import type { Address } from "../address/address.ts";
import { throwIfAborted } from "../async/signals.ts";
import { TaskGroup } from "../async/task-group.ts";
import { bytesEqual, lastOf } from "../bytes.ts";
import { IntegrityError, isRemoteLogError } from "../errors/index.ts";
import { encodeHead, type Head, type HeadLevel, rootOf } from "../log/head.ts";
import { type HeadManifest, headManifestToWire } from "../log/head-manifest.ts";
import { encodeIndexNode } from "../log/index-node.ts";
import { LARGEST_PAGE } from "../log/log-limits.ts";
import { readManifest } from "../log/manifest.ts";
import type { Ref } from "../log/page.ts";
import { pairLeafHash } from "../log/pair.ts";
import { type HeadRoom, withSnapshotContent } from "../log/snapshot-content.ts";
import { peaksOf } from "../merkle/index.ts";
import { LARGEST_NODE } from "../tree/reader-limits.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { CopiedFront } from "./copied-front.ts";
import { refOf } from "./known-tree.ts";
import type { MirrorPart, MirrorProgress } from "./mirror-options.ts";
import { gravest, type MissingEntries, MissingRanges } from "./missing-entries.ts";
import { isSameForm, PageCopier, type PageTree } from "./page-copier.ts";
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

/** A ref as some tree shows it, and whether the target has all below it. */
interface Found {
  readonly ref: Ref;
  readonly isKnown: boolean;
}

/** A ref of the copy, once all below it is stored. */
interface Pending {
  readonly ref: Promise<Ref>;
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
  readonly #missing = new MissingRanges();
  readonly #front = new CopiedFront();
  #soFar: MirrorPart | undefined;
  // The page before the next one, if this copy makes it.
  #previous: Promise<Ref> | undefined;
  #progress: MirrorProgress;

  constructor(copy: TreeCopy, signal: AbortSignal) {
    this.#copy = copy;
    this.#base = copy.views[0]!;
    this.#signal = signal;
    this.#window = new TaskGroup(copy.concurrency);
    const tree: PageTree = {
      advance: (counts) => this.#advance(counts),
      missing: (from, to, error) => this.#missing.add(from, to, error),
      find: (level, index, errors) => this.#find(level, index, errors),
      refOf: (view, level, index, errors) => this.#refOf(view, level, index, errors),
    };
    this.#pages = new PageCopier(copy, tree, signal);
    this.#progress = { size: this.#base.size, entries: 0, contents: 0, pages: 0, nodes: 0, bytes: 0 };
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
    const bytes = await this.#head(levels);
    const missing = this.#missing.ranges();
    return { head: bytes, progress: this.#progress, missing, missingCount: this.#missing.count };
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
    if ((await this.#find(level, first, errors)) === undefined) {
      this.#lose(range, gravest(errors));
      return { node: Promise.resolve(node) };
    }
    const children: Pending[] = [];
    for (let i = 0; i < node.refs; i++) children.push(await this.#child(level, first + i));
    const done = this.#front.begin(range.to);
    const made = this.#node(children, node.address, undefined).then((edge) => this.#after(done, edge));
    return {
      node: handled(made.then(({ address, peaks }) => ({ address, refs: node.refs, peaks }))),
    };
  }

  async #child(level: number, index: number): Promise<Pending> {
    const { leavesPerRef } = this.#base.head.shape.levels[level]!;
    const range = { from: index * leavesPerRef, to: (index + 1) * leavesPerRef };
    const errors: unknown[] = [];
    const found = await this.#find(level, index, errors);
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
    if ((await this.#find(level - 1, index * fanOut, errors)) === undefined) {
      this.#lose(range, gravest(errors));
      return { ref: Promise.resolve(ref) };
    }
    const children: Pending[] = [];
    for (let i = 0; i < fanOut; i++) children.push(await this.#child(level - 1, index * fanOut + i));
    const done = this.#front.begin(range.to);
    const held = await this.#copy.known.child(level, index, this.#signal);
    const made = this.#node(children, ref.address, held).then(({ address, peaks }) => {
      if (peaks.length !== 1 || !bytesEqual(peaks[0]!, ref.hash)) throw notOneTree();
      return this.#after(done, { address, hash: ref.hash });
    });
    return { ref: handled(made) };
  }

  // If a source shows what the target has, that is it; else the first that shows anything, and at last the target itself.
  async #find(level: number, index: number, errors: unknown[]): Promise<Found | undefined> {
    const { views, known, held, unchanged } = this.#copy;
    const before = await known.child(level, index, this.#signal);
    let first: Ref | undefined;
    for (const view of unchanged ? [this.#base] : views) {
      const ref = await this.#refOf(view, level, index, errors);
      if (ref === undefined) continue;
      if (before?.address.equals(ref.address) === true) return { ref: before, isKnown: true };
      first ??= ref;
      if (before === undefined) break;
    }
    if (first !== undefined) return { ref: first, isKnown: false };
    if (unchanged) return undefined;
    if (before !== undefined) return { ref: before, isKnown: true };
    for (const view of held) {
      const ref = await refOf(view, level, index, this.#signal);
      if (ref !== undefined) return { ref, isKnown: false };
    }
    return undefined;
  }

  async #refOf(view: TreeView, level: number, index: number, errors: unknown[]): Promise<Ref | undefined> {
    try {
      return await view.ref(level, index, this.#signal);
    } catch (error) {
      throwIfAborted(this.#signal);
      if (!isRemoteLogError(error)) throw error;
      errors.push(error);
      return undefined;
    }
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
    children: readonly Pending[],
    claimed: Address,
    held: Ref | undefined,
  ): Promise<{ readonly address: Address; readonly peaks: readonly Uint8Array[] }> {
    const refs = await Promise.all(children.map(({ ref }) => ref));
    const { target, unchanged, sources } = this.#copy;
    let bytes = encodeIndexNode(refs);
    let address = await target.address(bytes);
    if (unchanged && !address.equals(claimed)) {
      bytes = await sources.get(claimed, { maxBytes: LARGEST_NODE, signal: this.#signal });
      address = claimed;
    }
    const isStored =
      held?.address.equals(address) === true || (await target.stored(address, LARGEST_NODE)) !== undefined;
    if (!isStored) await this.#store(bytes, address, { nodes: 1 });
    return { address, peaks: peaksOf(refs.map(({ hash }) => hash)) };
  }

  async #head(levels: readonly HeadLevel[]): Promise<Uint8Array> {
    const { head } = this.#base;
    const pairs = await this.#pages.newest();
    if (this.#copy.unchanged) return head.bytes;
    const root = rootOf(levels, head.shape, pairs.map(pairLeafHash));
    if (!bytesEqual(root, head.checkpoint.root)) {
      throw notOneTree();
    }
    const sameLevels = levels.every((level, i) => isSameLevel(level, head.levels[i]!));
    const { manifest } = this.#copy;
    const sameManifest = isSameManifest(manifest, head.manifest);
    if (sameManifest && sameLevels && pairs.every((pair, i) => isSameForm(pair, head.pairs[i]!)))
      return head.bytes;
    const { genesis, note, checkpoint } = head;
    const made: Omit<Head, "pairs"> = { genesis, note, checkpoint, levels, ...(manifest && { manifest }) };
    const bytes = await this.#pages.encode(pairs, (fitting) => encodeHead({ ...made, pairs: fitting }));
    const snapshot = manifest && this.#snapshotContent(manifest.bytes);
    return snapshot === undefined ? bytes : withSnapshotContent(bytes, snapshot, this.#headRoom);
  }

  get #headRoom(): HeadRoom {
    const { target, largestInName = LARGEST_PAGE } = this.#copy;
    return { name: largestInName, object: target.largestPage };
  }

  // Contents have the same addresses in the target. A snapshot that a newer manifest does not name any more may be removed.
  #snapshotContent(manifest: Uint8Array): Address | undefined {
    const { snapshot } = readManifest(manifest);
    const { views, held } = this.#copy;
    const heads = [...views, ...held].map(({ head }) => head);
    const same = heads.filter((head) => head.manifest?.manifest.snapshot === snapshot);
    return same.find(({ snapshotContent }) => snapshotContent !== undefined)?.snapshotContent;
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

  // A tree that is copied as it is has its addresses in the source already, so that a further copy knows them by its head.
  #part(): MirrorPart | undefined {
    const { known, unchanged } = this.#copy;
    const { entries: from } = this.#front;
    if (!unchanged || from <= known.reach) return undefined;
    const { head, size } = this.#base;
    if ((lastOf(this.#soFar?.missing ?? [])?.from ?? 0) < from) {
      const lost = this.#missing.ranges().filter((range) => range.from < from);
      const missing = [
        ...lost.map((range) => ({ from: range.from, to: Math.min(range.to, from) })),
        { from, to: size },
      ];
      this.#soFar = { known: head.bytes.slice(), missing };
    }
    return this.#soFar;
  }

  #advance(counts: Partial<MirrorProgress>): void {
    const { entries, contents, pages, nodes, bytes, size } = this.#progress;
    this.#progress = {
      size,
      entries: entries + (counts.entries ?? 0),
      contents: contents + (counts.contents ?? 0),
      pages: pages + (counts.pages ?? 0),
      nodes: nodes + (counts.nodes ?? 0),
      bytes: bytes + (counts.bytes ?? 0),
    };
    const soFar = this.#part();
    this.#copy.onProgress?.({ ...this.#progress, ...(soFar && { soFar }) });
  }
}

/** A promise that somebody awaits later: a failure before that is not an unhandled one. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function isSameLevel(a: HeadLevel, b: HeadLevel): boolean {
  const addresses = ({ node, refs }: HeadLevel): string =>
    [node?.address, ...refs.map(({ address }) => address)].join();
  return addresses(a) === addresses(b);
}

// A manifest that the source stores apart is in the head of the copy.
function isSameManifest(copied: HeadManifest | undefined, shown: HeadManifest | undefined): boolean {
  if (copied === undefined || shown === undefined) return copied === shown;
  const fields = headManifestToWire(copied);
  const others = headManifestToWire(shown);
  return (
    shown.address === undefined &&
    bytesEqual(fields.bytes, others.bytes) &&
    bytesEqual(fields.checkpoint, others.checkpoint) &&
    bytesEqual(fields.leaves, others.leaves) &&
    fields.objects.length === others.objects.length
  );
}

function notOneTree(): IntegrityError {
  return new IntegrityError(
    "What the target and the sources show is not one tree: one of them shows something false. The target's name was not changed.",
    { operation: "mirror.copy" },
  );
}
