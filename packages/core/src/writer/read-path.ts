// Reads back what a reader with nothing would need: from the head under the name down to some of the entries.

import type { Address } from "../address/address.ts";
import { throwIfAborted, withAnySignal } from "../async/signals.ts";
import { lastOf } from "../bytes.ts";
import { hasCode, NotFoundError } from "../errors/index.ts";
import type { Pair } from "../log/pair.ts";
import type { Remote } from "../remote/remote.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { random } from "../runtime/random.ts";
import { openHead } from "../tree/open-head.ts";
import { defaultLimits } from "../tree/reader-limits.ts";
import { TreeView } from "../tree/tree-view.ts";
import { type KnownPages, KnownTree } from "./known-tree.ts";

/** The most bytes that are read of a content. A larger one counts once the storage begins to send it. */
const MOST_CONTENT_BYTES = 2 ** 20;

/** What is read back. */
export interface PathOptions {
  readonly remote: Remote;
  readonly logId: string;
  /** What the name holds. */
  readonly content: Uint8Array;
  /** How many entries were read back before. */
  readonly since: number;
  /** What was read back of the right edge before: it is not read again. */
  readonly edge: ReadonlySet<string>;
  /** How many pages to read besides the first and the last that are new, at random among all. */
  readonly samples: number;
  /** Where pages are, as the writer stored them: then nobody waits for the nodes that say so, which are read beside them. */
  readonly known?: KnownPages | undefined;
  /** Whether a storage that may lag has had the time to show what it acknowledged. */
  readonly overdue: boolean;
}

/** What reading back showed. */
export type PathVerdict =
  /** Everything that was asked for is there; `edge` is what the next call need not read again. */
  | { readonly kind: "whole"; readonly edge: ReadonlySet<string> }
  /** Something is missing, or its bytes are others: the objects to send again, as far as they are known. */
  | { readonly kind: "damaged"; readonly objects: readonly Address[]; readonly cause: unknown };

/**
 * Reads back the path from a head to the entries that are new since the last time: the index nodes and the newest page below
 * the head; if some of these entries are in pages already, the first such page, the one before it, and some at random; and of
 * each a content that is stored on its own.
 *
 * The requests depend on each other at most as those of a reader do. If nothing below the head is new, there are none.
 *
 * @throws what a request failed with, if that does not tell whether something is there
 */
export async function readPath(options: PathOptions, signal: AbortSignal): Promise<PathVerdict> {
  const storage = new AskedStorage(options.remote.storage, options.overdue);
  try {
    const edge = await withAnySignal([signal], (own) => readAll(storage.backend, options, own));
    return { kind: "whole", edge };
  } catch (cause) {
    throwIfAborted(signal);
    if (storage.lost.length > 0) return { kind: "damaged", objects: storage.lost, cause };
    // Which of them it was, the error does not say.
    if (hasCode(cause, "ERR_INTEGRITY", "ERR_MALFORMED"))
      return { kind: "damaged", objects: storage.asked, cause };
    throw cause;
  }
}

async function readAll(
  storage: StorageBackend,
  { remote, logId, content, since, edge, samples, known }: PathOptions,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const head = await openHead({ ...remote, storage }, logId, content, defaultLimits.headBytes, signal);
  const limits = { ...defaultLimits, contentBytes: MOST_CONTENT_BYTES };
  const view = new TreeView(head, storage, limits, signal);
  const readPage = known === undefined ? view : new KnownTree(view, known);
  const work: Promise<unknown>[] = [];
  const now = new Set<string>();
  head.levels.forEach(({ node }, level) => {
    if (node === undefined) return;
    const key = node.address.toString();
    now.add(key);
    if (!edge.has(key)) work.push(view.ref(level, head.shape.levels[level]!.first, signal));
  });
  const pages = new Set<number>();
  const firstNew = Math.floor(since / view.leafSize);
  if (firstNew < view.pages) {
    pages.add(firstNew);
    // Is what was there before still there?
    if (firstNew > 0) pages.add(firstNew - 1);
    for (let i = 0; i < samples; i++) pages.add(Math.floor(random() * view.pages));
  }
  const newest = lastOf(head.levels[0]?.refs ?? [])?.address.toString();
  if (newest !== undefined) {
    now.add(newest);
    if (!edge.has(newest)) pages.add(view.pages - 1);
  }
  for (const index of pages) {
    work.push(
      readPage.page(index, signal).then(({ pairs }) => readContent(view, pick(pointers(pairs)), signal)),
    );
  }
  const inHead = pointers(head.pairs.slice(Math.max(0, since - view.pages * view.leafSize)));
  for (const pair of new Set([lastOf(inHead), pick(inHead)])) work.push(readContent(view, pair, signal));
  await Promise.all(work);
  return now;
}

type PointerPair = Pair & { readonly place: { readonly kind: "pointer" } };

function pointers(pairs: readonly Pair[]): PointerPair[] {
  return pairs.filter((pair): pair is PointerPair => pair.place.kind === "pointer");
}

function pick<T>(from: readonly T[]): T | undefined {
  return from[Math.floor(random() * from.length)];
}

async function readContent(
  view: TreeView,
  pair: PointerPair | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (pair === undefined) return;
  try {
    await view.content(pair.place.address, pair.contentHash, signal);
  } catch (error) {
    if (!hasCode(error, "ERR_TOO_LARGE")) throw error;
  }
}

/** A storage that remembers what it was asked for, and what of it is known not to be there. */
class AskedStorage {
  readonly asked: Address[] = [];
  readonly lost: Address[] = [];
  readonly backend: StorageBackend;

  constructor(storage: StorageBackend, overdue: boolean) {
    const { readYourWrites, absence, localReads = false } = storage.capabilities;
    // If others may hold it, a read looks for a long time, and only this store counts.
    const isShared = absence === "local";
    this.backend = {
      ...storage,
      get: async (address, options) => {
        this.asked.push(address);
        const isLocal = isShared && localReads && options?.range === undefined;
        if (isShared && !isLocal && !(await storage.has(address, options))) {
          this.lost.push(address);
          throw new NotFoundError(`${storage.name} does not have ${address} any more.`, {
            operation: "storage.get",
          });
        }
        try {
          return await storage.get(address, isLocal ? { ...options, local: true } : options);
        } catch (error) {
          if (!hasCode(error, "ERR_NOT_FOUND")) throw error;
          if (readYourWrites || isLocal || (overdue && !(await storage.has(address, options))))
            this.lost.push(address);
          throw error;
        }
      },
    };
  }
}
