// Reads what a copy stored back from the target: a mirror signs that it keeps a log only after that.

import type { Address } from "../address/address.ts";
import { readAhead } from "../async/read-ahead.ts";
import { IntegrityError } from "../errors/index.ts";
import { type Bundle, isBundleOnly } from "../log/bundle.ts";
import { LARGEST_MANIFEST_OBJECT, namedObjects } from "../log/manifest.ts";
import { decodePage, type Ref } from "../log/page.ts";
import type { Pair } from "../log/pair.ts";
import { removedIn } from "../log/removed-in.ts";
import { rangeWith, type SequenceRanges } from "../log/sequence-ranges.ts";
import { manifestLeaves, manifestObject } from "../tree/manifest-versions.ts";
import { readBundle } from "../tree/read-bundle.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { KnownTree } from "./known-tree.ts";

/** A page that is stored by itself, or a bundle. */
type Stored = { readonly page: number; readonly ref: Ref } | { readonly bundle: Bundle };

/** What is read back. */
export interface ReadBackOptions {
  /** The tree below a head that was read back before: what it shares with this one is not read again. */
  readonly base: KnownTree;
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/**
 * Reads a tree in the target: nodes, pages, bundles, contents, and what the manifest leads to. All of it is checked, up to the signed root.
 * Contents that the manifest says are removed are left out.
 *
 * @throws IntegrityError `ERR_INTEGRITY` if a content is missing that the writer did not remove
 * @throws what the target answers for anything that it does not show, or not as it was stored
 */
export async function readBack(view: TreeView, options: ReadBackOptions): Promise<void> {
  await new BackReading(view, options).run();
}

class BackReading {
  readonly #view: TreeView;
  readonly #base: KnownTree;
  readonly #concurrency: number;
  readonly #signal: AbortSignal;
  readonly #removed: SequenceRanges;

  constructor(view: TreeView, { base, concurrency, signal }: ReadBackOptions) {
    this.#view = view;
    this.#base = base;
    this.#concurrency = concurrency;
    this.#signal = signal;
    this.#removed = removedIn(view.head);
  }

  async run(): Promise<void> {
    const { head, pages, leafSize } = this.#view;
    await this.#readManifest();
    const read = async (one: Stored): Promise<void> => this.#readStored(one);
    for await (const _ of readAhead(this.#stored(), this.#concurrency, read)) {
      // The next ones are read meanwhile.
    }
    await this.#readContents(pages * leafSize, head.pairs, (address) => this.#base.hasContent(address));
  }

  async #readManifest(): Promise<void> {
    const { manifest } = this.#view.head;
    if (manifest === undefined) return;
    const { storage } = this.#view;
    await manifestLeaves({ manifest, storages: [storage] }, this.#signal);
    const options = { maxBytes: LARGEST_MANIFEST_OBJECT, signal: this.#signal };
    for (const hash of namedObjects(manifest.manifest))
      await manifestObject(manifest, hash, storage, options);
  }

  /** What is below the refs of each level, from the top, without what the base has at the same place. */
  async *#stored(): AsyncGenerator<Stored, void, undefined> {
    const { levels } = this.#view.head.shape;
    for (let level = levels.length - 1; level >= 0; level--) {
      const { first, refs } = levels[level]!;
      yield* this.#below(level, first, first + refs);
    }
  }

  async *#below(level: number, from: number, to: number): AsyncGenerator<Stored, void, undefined> {
    const fanOut = this.#view.head.genesis.genesis.fanOut;
    for (let index = from; index < to; index++) {
      const ref = await this.#view.ref(level, index, this.#signal);
      const before = await this.#base.child(level, index, this.#signal);
      if (level === 0) yield* this.#pageAt(index, ref, before);
      else if (before?.address.equals(ref.address) !== true)
        yield* this.#below(level - 1, index * fanOut, (index + 1) * fanOut);
    }
  }

  async *#pageAt(page: number, ref: Ref, before: Ref | undefined): AsyncGenerator<Stored, void, undefined> {
    const { bundles } = await this.#view.neighbours(page, this.#signal);
    const bundle = bundles.find(({ first }) => first === page);
    if (bundle !== undefined && !(await this.#base.hasBundle(bundle, this.#signal))) yield { bundle };
    if (bundles.some((one) => isBundleOnly(ref, one)) || before?.address.equals(ref.address) === true) return;
    yield { page, ref };
  }

  async #readStored(one: Stored): Promise<void> {
    const { leafSize, limits } = this.#view;
    if ("bundle" in one) {
      const pages = await readBundle(this.#view, one.bundle, this.#signal);
      const pairs = pages.flatMap((page) => page.pairs);
      return this.#readContents(one.bundle.first * leafSize, pairs);
    }
    const bytes = await this.#view.object(one.ref.address, limits.pageBytes, this.#signal);
    await this.#readContents(one.page * leafSize, decodePage(bytes, leafSize, one.ref.hash).pairs);
  }

  async #readContents(
    first: number,
    pairs: readonly Pair[],
    isRead: (address: Address) => boolean = () => false,
  ): Promise<void> {
    for (const [i, { place, contentHash }] of pairs.entries()) {
      if (rangeWith(this.#removed, first + i) !== undefined || place.kind === "embedded") continue;
      if (place.kind === "removed") throw withheld(first + i);
      if (!isRead(place.address)) await this.#view.content(place.address, contentHash, this.#signal);
    }
  }
}

function withheld(sequence: number): IntegrityError {
  return new IntegrityError(
    `The copy lacks the content of entry ${sequence}, and the writer does not say that it was removed. Nothing is signed.`,
    { operation: "mirror.cosign" },
  );
}
