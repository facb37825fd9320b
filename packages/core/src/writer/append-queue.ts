// Group commit: appends that come during a write share the next one.

import { TooLargeError } from "../errors/index.ts";
import type { BatchOperation } from "../journal/database.ts";
import { type AppendedEntry, TREE_STEP } from "../journal/journal.ts";
import type { Prepared } from "../journal/witness.ts";
import { capacityOf } from "../log/log-limits.ts";
import type { ManifestContent } from "../log/manifest.ts";
import { leafHashOf } from "../log/pair.ts";
import type { Identified } from "../log/sealing.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { PublishScheduler } from "./publish-scheduler.ts";
import type { WriterState } from "./writer-state.ts";

/** How much is written to the journal at once. */
const GROUP_ENTRIES = 4096;
const GROUP_BYTES = 8 * 2 ** 20;

/** Says what the manifest says next, from what it says now and the number of entries before it. */
export type ManifestChange = (
  content: ManifestContent,
  size: number,
) => ManifestContent | Promise<ManifestContent>;

/** An entry on its way into the log. */
type Entry = AppendedEntry & Identified;

interface Waiting {
  readonly contents: readonly Uint8Array[];
  readonly bytes: number;
  /** Whether the last of them stands for all before it. */
  readonly snapshot: boolean;
  /** Changes the manifest, and nothing else: then there are no contents. */
  readonly change?: () => Promise<void>;
  readonly resolve: (appended: readonly Entry[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes entries to the journal. Appends that come during a write travel together in the next one
 * (group commit), so that many in flight share one durable write.
 */
export class AppendQueue {
  readonly #writer: WriterState;
  readonly #largest: number;
  readonly #scheduler: PublishScheduler;
  #queue: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #failure: unknown;

  /**
   * @param largest - largest content, in bytes
   * @param scheduler - is woken after each durable write
   */
  constructor(
    writer: WriterState,
    { largest, scheduler }: { readonly largest: number; readonly scheduler: PublishScheduler },
  ) {
    this.#writer = writer;
    this.#largest = largest;
    this.#scheduler = scheduler;
  }

  /**
   * Appends contents in a row, all or none of them. Resolves when they are durable.
   *
   * @param snapshot - whether the last of them stands for all before it; the manifest then says so
   */
  append(contents: readonly Uint8Array[], snapshot = false): Promise<readonly Entry[]> {
    const copies = contents.map((content) => this.#take(content));
    const bytes = copies.reduce((sum, { length }) => sum + length, 0);
    return new Promise((resolve, reject) => {
      this.#queue.push({ contents: copies, bytes, snapshot, resolve, reject });
      this.#writing ??= this.#drain();
    });
  }

  /**
   * Changes what the log says of itself, after the appends before it and before those that follow. What is new is durable when
   * this resolves, and published as entries are.
   *
   * @param make - what to say; called when it is its turn
   * @param further - steps of the same batch: the objects that the new version names
   * @returns whether there is a new version; if it would say what is said already, nothing was written
   * @throws RestoredError `ERR_RESTORED` while a recovery is unfinished
   * @throws TooLargeError `ERR_TOO_LARGE` with the reason `"manifest-full"`; InvalidInputError `ERR_INVALID_INPUT` if it can't be said
   */
  change(make: ManifestChange, further: readonly BatchOperation[] = []): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const change = async (): Promise<void> => resolve(await this.#change(make, further));
      this.#queue.push({ contents: [], bytes: 0, snapshot: false, change, resolve: () => undefined, reject });
      this.#writing ??= this.#drain();
    });
  }

  /** Waits until everything that was handed in is durable, or has failed. */
  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /**
   * Lets `rewrite` replace entries of the journal: appends wait meanwhile, and continue from the tree that it returns.
   */
  async replace<T extends { readonly tree: CompactRange }>(
    rewrite: (tree: CompactRange) => Promise<T>,
  ): Promise<T> {
    // Not settled(): between its end and the next line, an append could begin to write beside the rewriting.
    while (this.#writing !== undefined) await this.#writing;
    const rewriting = rewrite(this.#writer.tree).then((result) => {
      this.#writer.tree = result.tree;
      return result;
    });
    this.#writing = rewriting.then(
      () => this.#drain(),
      () => this.#drain(),
    );
    return rewriting;
  }

  /** Runs a task while no entry is sealed or written: appends wait meanwhile. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    return this.replace(async (tree) => ({ tree, result: await task() })).then(({ result }) => result);
  }

  #take(content: Uint8Array): Uint8Array {
    if (!(content instanceof Uint8Array)) throw new TypeError("The content must be a Uint8Array.");
    if (content.length > this.#largest) {
      throw new TooLargeError(
        `The content has ${content.length} bytes, and this log accepts at most ${this.#largest}. Split it, or append a pointer to it.`,
        { operation: "writer.append", limit: this.#largest },
      );
    }
    // The caller may use its buffer again before the journal has been written. Not slice(): for a Node Buffer it
    // returns a view of the same memory.
    return new Uint8Array(content);
  }

  async #drain(): Promise<void> {
    // Appends made in the same turn of the event loop are still on their way into the queue.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      try {
        if (this.#failure === undefined) await (group[0]!.change?.() ?? this.#write(group));
        else for (const { reject } of group) reject(this.#failure);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#writing = undefined;
  }

  #takeGroup(): Waiting[] {
    let entries = 0;
    let bytes = 0;
    let taken = 0;
    while (taken < this.#queue.length) {
      const next = this.#queue[taken]!;
      if (taken > 0 && next.change !== undefined) break;
      if (taken > 0 && (entries + next.contents.length > GROUP_ENTRIES || bytes + next.bytes > GROUP_BYTES))
        break;
      entries += next.contents.length;
      bytes += next.bytes;
      taken++;
      if (next.change !== undefined) break;
    }
    return this.#queue.splice(0, taken);
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    this.#writer.throwIfUnusable();
    const { journal, witnessed, manifests, epochs, times } = this.#writer;
    await epochs?.rotateIfDue(this.#writer.size);
    const tree = this.#writer.tree.clone();
    const written: { waiting: Waiting; entries: Entry[] }[] = [];
    let size = tree.size;
    for (const waiting of group) {
      try {
        if (waiting.snapshot) manifests.throwIfFull();
        const entries = this.#identify(waiting.contents, size);
        size += entries.length;
        written.push({ waiting, entries });
      } catch (error) {
        // A content that this log cannot accept fails its own caller, not the others in the group.
        waiting.reject(error);
      }
    }
    const entries = written.flatMap((one) => one.entries);
    let begun = false;
    try {
      if (entries.length > 0) {
        const snapshot = written.reduce<number | undefined>(
          (newest, one) => (one.waiting.snapshot ? one.entries[one.entries.length - 1]!.sequence : newest),
          undefined,
        );
        const grown = (): CompactRange => {
          if (tree.size < size) this.#grow(tree, entries);
          return tree;
        };
        const write = (steps: readonly BatchOperation[] = []): Promise<void> => {
          begun = true;
          // The tree before them is there already: with that, the write need not wait for the hashes of a few entries.
          const saved = (): CompactRange => (entries.length < TREE_STEP ? this.#writer.tree : grown());
          const operations = journal.appendOperations(entries, saved);
          return journal.write([...operations, ...times.appended(size), ...steps], true);
        };
        const writing = snapshot === undefined ? write() : manifests.changeWith({ snapshot }, write);
        let prepared: Prepared | undefined;
        try {
          // While the disk is busy: to seal the contents is most of the work.
          prepared = witnessed.prepare(grown());
        } catch (error) {
          // A write that was begun ends first: it belongs to nobody else.
          await writing.catch(() => undefined);
          throw error;
        }
        await writing;
        await witnessed.appended(prepared);
      }
    } catch (error) {
      // It is unknown whether these entries are on disk: another write in their place could replace them.
      if (begun) this.#failure = error;
      throw error;
    }
    this.#writer.tree = tree;
    this.#scheduler.wake();
    for (const { waiting, entries } of written) waiting.resolve(entries);
  }

  async #change(make: ManifestChange, further: readonly BatchOperation[]): Promise<boolean> {
    this.#writer.throwIfUnusable();
    const { journal, manifests, size } = this.#writer;
    const write = async (steps: readonly BatchOperation[]): Promise<void> => {
      try {
        await journal.write([...further, ...steps], true);
      } catch (error) {
        // It is unknown whether this version is on disk.
        this.#failure = error;
        throw error;
      }
    };
    const isNew = await manifests.change((content) => make(content, size), write);
    if (isNew) this.#scheduler.wake();
    return isNew;
  }

  #identify(contents: readonly Uint8Array[], size: number): Entry[] {
    const { sealing, genesis } = this.#writer;
    const capacity = capacityOf(genesis.genesis);
    if (size + contents.length > capacity) throw full(size, contents.length, capacity);
    return contents.map((content, i) => ({
      sequence: size + i,
      content,
      ...sealing.identify(size + i, content),
    }));
  }

  #grow(tree: CompactRange, entries: readonly Entry[]): void {
    const { sealing } = this.#writer;
    for (const entry of entries)
      tree.appendLeaf(leafHashOf(entry.localHash, sealing.contentHash(entry.content, entry)));
  }
}

function full(size: number, more: number, capacity: number): TooLargeError {
  return new TooLargeError(
    `The log has ${size} entries and holds at most ${capacity} with its leaf size and fan-out: ${more} more do not fit. Nothing ` +
      "was written. Start a new log, and append them there.",
    { operation: "writer.append", reason: "log-full", limit: capacity },
  );
}
