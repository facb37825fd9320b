// Copies everything below a head, each object verified before it is stored.

import type { Address } from "../address/address.ts";
import type { HashType } from "../address/hash-type.ts";
import { readAhead } from "../async/read-ahead.ts";
import { Semaphore } from "../async/semaphore.ts";
import { anySignal, withAnySignal } from "../async/signals.ts";
import { TaskGroup } from "../async/task-group.ts";
import { UnsupportedError } from "../errors/index.ts";
import { decodePage, type Ref } from "../log/page.ts";
import type { Pair } from "../log/pair.ts";
import { putChecked } from "../remote/checked-put.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { KnownTree } from "./known-tree.ts";
import type { MirrorProgress } from "./mirror-options.ts";
import { missingObjects } from "./missing-objects.ts";

/** The target failed, and not the source: another source would not help. */
export class TargetFailure extends Error {}

/** What {@link copyTree} copies, and how. */
export interface TreeCopy {
  readonly view: TreeView;
  readonly storage: StorageBackend;
  readonly known: KnownTree;
  readonly concurrency: number;
  readonly onProgress: ((progress: MirrorProgress) => void) | undefined;
}

/**
 * Copies everything below a head that a target lacks: of each page the contents, then the page; index nodes after everything
 * below them. Each object is verified before it is stored, and keeps its address.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED` if an object would have another address in the target
 * @throws TargetFailure with the cause, if the target failed
 */
export async function copyTree(copy: TreeCopy, signal: AbortSignal): Promise<MirrorProgress> {
  const linked = anySignal(signal);
  const copier = new Copier(copy, linked.signal);
  try {
    await copier.copy();
    return copier.progress;
  } finally {
    linked.abort();
  }
}

class Copier {
  readonly #copy: TreeCopy;
  readonly #signal: AbortSignal;
  readonly #window: TaskGroup;
  // Contents of all pages that are being copied: they may be large.
  readonly #contents: Semaphore;
  progress: MirrorProgress;

  constructor(copy: TreeCopy, signal: AbortSignal) {
    this.#copy = copy;
    this.#signal = signal;
    this.#window = new TaskGroup(copy.concurrency);
    this.#contents = new Semaphore(copy.concurrency);
    this.progress = { size: copy.view.size, entries: 0, contents: 0, pages: 0, nodes: 0, bytes: 0 };
  }

  async copy(): Promise<void> {
    const { view, known } = this.#copy;
    for await (const missing of missingObjects(view, known, this.#signal)) {
      if (missing.kind === "known") this.#advance({ entries: missing.entries });
      else if (missing.kind === "page") await this.#window.add(() => this.#page(missing.ref));
      else await this.#window.addAfter(() => this.#store(missing.bytes, missing.address, { nodes: 1 }));
    }
    await this.#window.settled();
    await this.#contentsOf(view.head.pairs);
    this.#advance({ entries: view.head.pairs.length });
  }

  async #page({ address, hash }: Ref): Promise<void> {
    const { view } = this.#copy;
    const bytes = await view.object(address, view.limits.pageBytes, this.#signal);
    const { pairs } = decodePage(bytes, view.leafSize, hash);
    await this.#contentsOf(pairs);
    await this.#store(bytes, address, { pages: 1, entries: pairs.length });
  }

  async #contentsOf(pairs: readonly Pair[]): Promise<void> {
    const { known, concurrency } = this.#copy;
    const copied = readAhead(pairs, concurrency, ({ place, contentHash }) => {
      if (place.kind !== "pointer" || known.hasContent(place.address)) return undefined;
      return this.#content(place.address, contentHash);
    });
    for await (const _ of copied);
  }

  #content(address: Address, contentHash: Uint8Array): Promise<void> {
    // A signal of its own: a great many may wait for their turn.
    return withAnySignal([this.#signal], (own) =>
      this.#contents.run(own, async () => {
        const content = await this.#copy.view.content(address, contentHash, own);
        await this.#store(content, address, { contents: 1 });
      }),
    );
  }

  async #store(bytes: Uint8Array, address: Address, counts: Partial<MirrorProgress>): Promise<void> {
    const { storage } = this.#copy;
    checkType(address, storage);
    try {
      await putChecked(storage, bytes, address, this.#signal);
    } catch (cause) {
      this.#signal.throwIfAborted();
      throw new TargetFailure("The target failed.", { cause });
    }
    this.#advance({ ...counts, bytes: bytes.length });
  }

  #advance(counts: Partial<MirrorProgress>): void {
    const { entries, contents, pages, nodes, bytes, size } = this.progress;
    this.progress = {
      size,
      entries: entries + (counts.entries ?? 0),
      contents: contents + (counts.contents ?? 0),
      pages: pages + (counts.pages ?? 0),
      nodes: nodes + (counts.nodes ?? 0),
      bytes: bytes + (counts.bytes ?? 0),
    };
    this.#copy.onProgress?.(this.progress);
  }
}

/**
 * Checks that contents with addresses of this kind have the same addresses in a target.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED`
 */
export function checkType(kind: Address | HashType, target: StorageBackend): void {
  const [own] = target.capabilities.hashTypes;
  const digestBytes = "digestBytes" in kind ? kind.digestBytes : kind.digest.length;
  if (own!.codec === kind.codec && own!.hash === kind.hash && own!.digestBytes === digestBytes) return;
  throw new UnsupportedError(
    `The log can't be mirrored to ${target.name} unchanged: it addresses contents by ${own!.name}, and the log's ` +
      "source by another kind of hash. Mirror it from or to a storage of the same kind.",
    { operation: "mirror.copy" },
  );
}
