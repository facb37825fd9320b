// What a reader with a cache does beside what every reader does: it keeps the objects that it reads, and can do with them alone. Loaded by such readers.

import type { Address } from "../address/address.ts";
import { checkContent } from "../address/hash-type.ts";
import { throwIfAborted } from "../async/signals.ts";
import { plainBytes } from "../bytes.ts";
import { UnreachableError } from "../errors/index.ts";
import type { VerifiedHead } from "../log/head.ts";
import type { Remote } from "../remote/remote.ts";
import type { ObjectReading, ReadGate } from "../tree/read-gate.ts";
import type { ReaderLimits } from "../tree/reader-limits.ts";
import { TreeView } from "../tree/tree-view.ts";
import { askCache } from "./ask-cache.ts";
import { CacheStore } from "./cache-store.ts";
import { remoteOf } from "./read-order.ts";
import type { ReaderCache } from "./reader-cache.ts";
import type { LastVerified } from "./reader-memory.ts";
import type { ReaderStore } from "./reader-store.ts";

/** The objects that a reader keeps in its cache. */
export class KeptObjects {
  readonly #cache: ReaderCache;
  readonly #limits: ReaderLimits;
  readonly #closing: AbortSignal;

  /** @param closing - ends what is read in the background */
  constructor(cache: ReaderCache, limits: ReaderLimits, closing: AbortSignal) {
    this.#cache = cache;
    this.#limits = limits;
    this.#closing = closing;
  }

  /** A store in the cache, for a reader that was given none. Readers of one cache in this process share it. */
  get store(): ReaderStore {
    return CacheStore.in(this.#cache);
  }

  /** Reads an object from the cache, or else by `read`, and keeps it. */
  readonly readThrough = async (
    address: Address,
    options: ObjectReading,
    read: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> => {
    const kept = await this.#find(address, options);
    if (kept !== undefined) return kept;
    const content = await read();
    await askCache(options.signal, (signal) => this.#cache.put(`${address}`, content, { signal }));
    return content;
  };

  /**
   * A state as far as it is kept: nothing of it is asked for at a remote.
   *
   * @param remotes - among them the one that showed it
   * @param cause - why remotes are not asked
   */
  viewOf(state: LastVerified, remotes: readonly Remote[], cause: unknown): TreeView {
    const gate: ReadGate = {
      run: (_, work) => work(),
      readThrough: async (address, options) => {
        const kept = await this.#find(address, options);
        if (kept !== undefined) return kept;
        throw new UnreachableError(
          `The cache does not have ${address}, and no remote showed the newest state. Try again when one can be reached.`,
          { operation: "storage.get", reason: "not-cached", cause },
        );
      },
    };
    // Its tree has the addresses of that remote.
    const { storage } = remoteOf(state, remotes);
    return new TreeView(state.head, storage, this.#limits, this.#closing, gate);
  }

  /**
   * Reads what leads to the entries of an earlier state in a later one: those that its head held are in a page now, and refs have moved into nodes. Whoever
   * follows a log reads the newest entries from heads, and would have none of that when the remotes are gone.
   *
   * @param before - the earlier state, if there is one
   * @param view - the later state on a remote that shows it; it may be the same
   */
  async readPaths(
    before: VerifiedHead | undefined,
    view: TreeView | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (before === undefined || view === undefined || before.bytes === view.head.bytes) return;
    const { pages } = before.shape;
    const reads: Promise<unknown>[] = view.head.levels.map(async ({ node }, level) => {
      const known = before.levels[level]?.node;
      if (node === undefined || known?.address.equals(node.address)) return;
      await view.ref(level, view.head.shape.levels[level]!.first, signal);
    });
    if (pages > 0) reads.push((async () => view.ref(0, pages - 1, signal))());
    if (view.pages > pages) reads.push(view.fetchPage(pages, signal));
    // What can't be had now may be had when it is asked for.
    await Promise.allSettled(reads);
    throwIfAborted(signal);
  }

  /** An object that is kept, verified; what is damaged is removed. */
  async #find(
    address: Address,
    { hashTypes, maxBytes, signal }: ObjectReading,
  ): Promise<Uint8Array | undefined> {
    const kept = await askCache(signal, (within) => this.#cache.get(`${address}`, { signal: within }));
    if (kept === undefined || kept.length > maxBytes) return undefined;
    // A copy: a cache that changes its buffer later must not change what was verified.
    const own = plainBytes(kept).slice();
    try {
      await checkContent(own, address, hashTypes);
      return own;
    } catch {
      await askCache(signal, (within) => this.#cache.delete(`${address}`, { signal: within }));
      return undefined;
    }
  }
}
