/// <reference lib="esnext.disposable" preserve="true" />

// Reads and verifies a log that another device writes.

import { mayPass } from "../async/retry.ts";
import { abortWith, raceSignal, throwIfAborted, withAnySignal } from "../async/signals.ts";
import { ClosedError, type ForkEvidence, NotFoundError } from "../errors/index.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import type { VerifiedManifest } from "../log/head-manifest.ts";
import type { Manifest } from "../log/manifest.ts";
import type { Remote } from "../remote/remote.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import type { Entry } from "../tree/entry.ts";
import type { LogSource } from "../tree/log-source.ts";
import type { Stretch } from "../tree/read-entries.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { checkCallOptions, checkCursor } from "./check-reader-options.ts";
import { collectEntries } from "./collect-entries.ts";
import type { ConsistencyStatement, InclusionStatement } from "./proofs.ts";
import { readSources, type Sources } from "./read-sources.ts";
import { checkSequence, type FollowOptions, type FromOptions, type SyncResult } from "./reader-options.ts";
import type { ReaderParts } from "./reader-parts.ts";
import type { ReaderStatus } from "./reader-status.ts";
import { type StreamOptions, streamEntries } from "./stream-entries.ts";

/**
 * Reads a log that another device writes. Everything that it returns has been verified against the writer's
 * signature; what cannot be verified is an error, never data.
 *
 * Whatever reads can also reject with what a storage or resolver answers (`ERR_UNREACHABLE`, `ERR_TIMEOUT`,
 * `ERR_DENIED`, `ERR_NOT_PROPAGATED`, …), with `NoKeyError` (`ERR_NO_KEY`) if the log is private and the reader has no key
 * that opens it, with `RemovedError` (`ERR_REMOVED`) at an entry whose content the writer removed, with `WithheldError`
 * (`ERR_WITHHELD`) at one that storage shows without its content although the writer did not remove it, with `SupersededError`
 * (`ERR_SUPERSEDED`) for what is signed with a former key and is not part of the log,
 * and with `ClosedError` (`ERR_CLOSED`) after `close`.
 */
export class Reader implements LogSource {
  /** The log: 64 hexadecimal digits. */
  readonly logId: string;
  readonly #parts: ReaderParts;
  /** @internal The remotes, whatever state they show: what a mirror asks as well. */
  readonly remotes: readonly Remote[];
  #syncing: Promise<unknown> = Promise.resolve();
  #synced = false;
  #alsoClose: () => Promise<void> = async () => undefined;

  /** @internal Made by `openReader`. */
  constructor(parts: ReaderParts) {
    this.logId = parts.options.logId;
    this.#parts = parts;
    this.remotes = parts.remotes;
  }

  /** Number of entries of the newest verified state; 0 before the first sync. */
  get size(): number {
    return this.#parts.newest.views[0]?.size ?? 0;
  }

  /** The newest verified checkpoint: a signed note that other tools can check. */
  get checkpoint(): string | undefined {
    return this.#parts.newest.views[0]?.head.note;
  }

  /**
   * The checkpoints that remotes showed at the last sync, of the newest state and of its beginnings, newest first. Each remote's may bear
   * signature lines of others, such as of the mirror that it is: what a `Policy` of `@remote-log/core/cosign` judges.
   */
  get checkpoints(): readonly string[] {
    const { views, behind } = this.#parts.newest;
    return [...views, ...behind].map(({ head }) => head.note);
  }

  /** The record that began the log, verified; `undefined` before the first sync. */
  get genesis(): IdentifiedGenesis | undefined {
    return this.#parts.newest.views[0]?.head.genesis;
  }

  /**
   * What the log says of itself, as far as it was verified: `undefined` before the first sync, and if it says nothing. It stays
   * the newest that any remote showed, also if remotes show an older one later.
   */
  get manifest(): Manifest | undefined {
    return this.#parts.newest.manifest?.manifest;
  }

  /**
   * The key that signed {@link Reader.checkpoint}: an Ed25519 public key, 32 bytes. It is that of the genesis record, unless the owner
   * of the log has replaced it. `undefined` before the first successful sync.
   */
  get signingKey(): Uint8Array | undefined {
    const head = this.#parts.newest.views[0]?.head;
    return head?.manifest?.signingKey ?? head?.genesis.genesis.signingKey;
  }

  /**
   * Proofs that former keys of the log signed what is not part of it: somebody had such a key whom the owner of the log shut out by
   * replacing it. `verifyForkEvidence` checks them without anything else. They stay, if the store is kept.
   */
  get formerKeyEvidence(): readonly ForkEvidence[] {
    return this.#parts.newest.former.evidence;
  }

  /** @internal The same, as it was verified: what a mirror copies. */
  get newestManifest(): VerifiedManifest | undefined {
    return this.#parts.newest.manifest;
  }

  /** The newest verified head as the remote holds it, for whoever copies a log; `undefined` before the first sync. */
  get head(): Uint8Array | undefined {
    return this.#parts.newest.views[0]?.head.bytes.slice();
  }

  /** @internal The newest verified state on each remote that has it, best first: what a mirror copies. */
  get views(): readonly TreeView[] {
    this.#parts.newest.throwIfForked();
    return this.#parts.newest.views;
  }

  /**
   * How far the reader is, and how each of its remotes answers: tells "no news" from "offline" and from a log that is not
   * there. It sends no request: it says what syncs and reads have found so far. {@link ReaderOptions.onStatus} is called when
   * it changes.
   *
   * @example
   * ```ts
   * import { generateSeed, openReader, openWriter } from "@remote-log/core";
   * import { memoryRemote } from "@remote-log/memory";
   * import { MemoryLevel } from "memory-level";
   *
   * const remotes = [memoryRemote()];
   * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes });
   * await writer.append(new TextEncoder().encode("hello"));
   * await writer.publish();
   * const reader = await openReader({ logId: writer.logId, remotes });
   * await reader.sync();
   * const { size, caughtUp, error, failingSince } = reader.status();
   * if (caughtUp) console.log(`up to date at ${size} entries`);
   * else if (failingSince !== undefined) console.log("no sync has succeeded since", new Date(failingSince), error);
   * await reader.close();
   * await writer.close();
   * ```
   */
  status(): ReaderStatus {
    return this.#parts.status.status;
  }

  /**
   * Asks every remote for its newest state, with one request to each: a conditional one if a state is known. If none shows
   * it, those that failed in a way that may pass are asked again.
   *
   * A state counts as newest only if it is proven to begin with what was delivered before, and with every smaller state that
   * another remote shows. One that nobody can place is `"unverified"` in the result, and if it is larger it is told as `seen`.
   *
   * @throws NotFoundError `ERR_NOT_FOUND` if the log is published nowhere
   * @throws StaleError `ERR_STALE`, RollbackError `ERR_ROLLBACK` if only older states are shown
   * @throws ForkError `ERR_FORK` if a state contradicts the one that was verified before
   * @throws IntegrityError `ERR_INTEGRITY`, MalformedError `ERR_MALFORMED` for what is not this log's
   */
  async sync(options: OperationOptions = {}): Promise<SyncResult> {
    return this.#sync(options, true);
  }

  #sync(options: OperationOptions, repeats: boolean): Promise<SyncResult> {
    return this.#within(options, (signal) => {
      const turn = this.#syncing.then(() => this.#syncOnce(signal, repeats));
      this.#syncing = turn.catch(() => undefined);
      // A caller that waits for an earlier caller's turn can still give up.
      return raceSignal(turn, signal);
    });
  }

  /**
   * The newest entries, oldest first; fewer if the log has fewer, or if the contents of some were removed. Syncs first. With a
   * {@link ReaderOptions.cache}, those of the newest verified state if the sync fails in a way that may pass.
   *
   * Dependent reads: 1 for one entry, 2 for up to a page, 3 for 1,000.
   *
   * @throws TooLargeError `ERR_TOO_LARGE` if they take more than the limit `collectedBytes`
   */
  async latest(count: number, options: OperationOptions = {}): Promise<Entry[]> {
    checkSequence(count, "latest");
    const [synced] = await Promise.allSettled([this.sync(options)]);
    const kept = synced.status === "rejected" ? this.#keptAfter(synced.reason, options) : undefined;
    const to = this.size;
    return this.#collect({ from: Math.max(0, to - count), to }, options, true, kept);
  }

  // What can be read although a sync failed in a way that may pass, if anything is kept.
  #keptAfter(failure: unknown, options: OperationOptions): readonly TreeView[] {
    if (!mayPass(failure)) throw failure;
    const { isKeeping, newest, closing } = this.#parts;
    const isOver = options.signal?.aborted === true || closing.signal.aborted;
    if (!isKeeping || isOver || this.size === 0) throw failure;
    return newest.withoutRemotes(failure);
  }

  /**
   * One entry. Syncs only if the entry is not known to exist.
   *
   * @throws NotFoundError `ERR_NOT_FOUND` past the end of the log
   */
  async entry(sequence: number, options: OperationOptions = {}): Promise<Entry> {
    checkSequence(sequence, "entry");
    if (sequence >= this.size) await this.sync(options);
    this.#checkWithin(sequence);
    const read = (): Promise<Entry[]> => this.#collect({ from: sequence, to: sequence + 1 }, options);
    const [entry] = await read().catch(async (error: unknown) => {
      if (this.#synced) throw error;
      // The remote that showed the newest state to an earlier run may be gone, while others have the entry.
      await this.sync(options).catch(() => undefined);
      return read();
    });
    return entry!;
  }

  /**
   * The entries from a sequence number on, in order. Syncs first; with `live`, continues with new entries as they come,
   * and retries after failures that may pass.
   *
   * If the sync fails, and a remote shows what is proven to be the beginning of the newest verified state, its entries are
   * delivered before the stream fails. So is what a {@link ReaderOptions.cache} has of the newest verified state.
   */
  from(sequence = 0, options: FromOptions = {}): AsyncGenerator<Entry, void, undefined> {
    return this.#stream(() => {
      checkSequence(sequence, "from");
      checkCallOptions(options, "from");
      const { live = false, removed = "fail", signal } = options;
      return { start: sequence, live, skipsRemoved: removed === "skip", signal };
    });
  }

  /**
   * The newest snapshot and the entries after it: for an application whose writer appends its state from time to time
   * (`append(state, { snapshot: true })`). If the log has none, all entries that are kept. Syncs first; with `live`, continues as `from` does.
   *
   * Dependent reads: at most 4 to the snapshot, however long the log and however large the snapshot is; one more if the head is too
   * large for its name.
   *
   * @throws NotFoundError `ERR_NOT_FOUND` if no remote shows the entry yet that the manifest names
   *
   * @example
   * ```ts
   * import { generateSeed, openReader, openWriter } from "@remote-log/core";
   * import { memoryRemote } from "@remote-log/memory";
   * import { MemoryLevel } from "memory-level";
   *
   * const text = new TextEncoder();
   * const remotes = [memoryRemote()];
   * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes });
   * for (let i = 0; i < 1000; i++) await writer.append(text.encode(`set ${i % 10} to ${i}`));
   * await writer.append(text.encode("all ten values"), { snapshot: true });
   * await writer.append(text.encode("set 3 to 0"));
   * await writer.publish();
   *
   * const reader = await openReader({ logId: writer.logId, key: writer.readKey, remotes });
   * for await (const { sequence } of reader.fromSnapshot()) console.log(sequence); // 1000, 1001
   * await reader.close();
   * await writer.close();
   * ```
   */
  fromSnapshot(options: FromOptions = {}): AsyncGenerator<Entry, void, undefined> {
    const start = (): number => {
      const { snapshot = 0, firstKept = 0 } = this.manifest ?? {};
      if (snapshot > 0) this.#checkWithin(snapshot, "reader.sync");
      return Math.max(snapshot, firstKept);
    };
    return this.#stream(() => {
      checkCallOptions(options, "fromSnapshot");
      const { live = false, removed = "fail", signal } = options;
      return { start, live, skipsRemoved: removed === "skip", signal };
    });
  }

  /**
   * The entries that a cursor has not delivered yet: first those that it missed, then new ones as they come.
   *
   * An entry counts as delivered when the next one is asked for. So a `break`, a `return` or an error in the body of the loop
   * leaves its entry undelivered, and the next run begins with it. If the body is done with it, {@link Reader.acknowledge} says
   * so.
   *
   * The cursor's place is saved every 64 entries, at the end of what is there, and when the iteration ends; after a crash,
   * those since are delivered again.
   *
   * @example
   * ```ts
   * import type { Reader } from "@remote-log/core";
   *
   * export async function printUntil(reader: Reader, last: string): Promise<void> {
   *   for await (const { sequence, content } of reader.follow({ cursor: "printer" })) {
   *     const text = new TextDecoder().decode(content);
   *     console.log(text);
   *     await reader.acknowledge("printer", sequence); // or the next run prints it again
   *     if (text === last) break;
   *   }
   * }
   * ```
   */
  async *follow(options: FollowOptions): AsyncGenerator<Entry, void, undefined> {
    checkCallOptions(options, "follow");
    const { cursor, live = true, removed = "fail", signal } = options;
    const skipsRemoved = removed === "skip";
    yield* this.#parts.cursors.follow(cursor, (start, onEnd) =>
      this.#stream({ start, live, skipsRemoved, onEnd, signal }),
    );
  }

  /**
   * Says that a cursor is done with an entry and all before it: the next {@link Reader.follow} begins after it, whatever becomes
   * of the one that is running. Durable when it resolves, at the cost of a write to the store, so call it after an entry that must
   * not come twice, or before a `break`, and not necessarily after each. A cursor never goes back.
   *
   * @param cursor - its name
   * @param sequence - the sequence number of the entry
   */
  async acknowledge(cursor: string, sequence: number, options: OperationOptions = {}): Promise<void> {
    checkCursor(cursor, "reader.acknowledge");
    checkSequence(sequence, "acknowledge");
    await this.#within(options, (signal) => this.#parts.cursors.advance(cursor, sequence + 1, signal));
  }

  /**
   * When an entry arrived: when a reader with this store first verified a state that has it, in milliseconds since 1970. The
   * same at every call and in every run, if the store is kept; without a store, when this reader first did. It is the clock of
   * this device, and the writer signs no time.
   *
   * @returns `undefined` if it is not known: the entry is not there yet, or arrived before readers kept such times
   */
  async receivedAt(sequence: number, options: OperationOptions = {}): Promise<number | undefined> {
    checkSequence(sequence, "receivedAt");
    return this.#within(options, (signal) => this.#parts.arrivals.of(sequence, { signal }));
  }

  /**
   * Proves that an entry is in the log, to anyone who has only the writer's public key. To check it, `verifyCheckpoint`
   * gives size and root, and `verifyInclusion` takes them with the path and `hashLeaf(leaf)`; `formatInclusionProof`
   * writes it down for other tools.
   *
   * @throws NotFoundError `ERR_NOT_FOUND` past the end of the log
   */
  async inclusionProof(sequence: number, options: OperationOptions = {}): Promise<InclusionStatement> {
    checkSequence(sequence, "inclusionProof");
    if (sequence >= this.size) await this.sync(options);
    this.#checkWithin(sequence);
    const { proveInclusion } = await import("./proofs.ts");
    return this.#within(options, (signal) => proveInclusion(this.#sources(), sequence, signal));
  }

  /**
   * Proves that the log at its newest verified state extends its own first `size` entries; `verifyConsistency` checks it.
   *
   * @throws NotFoundError `ERR_NOT_FOUND` if the log has fewer entries
   */
  async consistencyProof(size: number, options: OperationOptions = {}): Promise<ConsistencyStatement> {
    checkSequence(size, "consistencyProof");
    if (size > this.size || this.size === 0) await this.sync(options);
    if (size > this.size) this.#checkWithin(size);
    const { proveConsistency } = await import("./proofs.ts");
    return this.#within(options, (signal) =>
      proveConsistency(this.#sources(this.#parts.newest.views), size, signal),
    );
  }

  /** Aborts every read that is still running. The remotes stay open: they belong to the caller. Those of a link are closed. */
  async close(): Promise<void> {
    abortWith(this.#parts.closing, new ClosedError("The reader was closed.", { operation: "reader.close" }));
    await this.#syncing;
    const close = this.#alsoClose;
    this.#alsoClose = async () => undefined;
    await close();
  }

  /** @internal What is closed after the reader: the remotes that were opened for it. */
  alsoClose(close: () => Promise<void>): void {
    this.#alsoClose = close;
  }

  /** Closes the reader. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #syncOnce(signal: AbortSignal, repeats: boolean): Promise<SyncResult> {
    throwIfAborted(signal);
    this.#synced = true;
    const before = this.#parts.newest.views[0]?.size;
    const { newest, syncWith = (sync) => sync() } = this.#parts;
    const remotes = await syncWith(() => newest.sync(signal, repeats), this.#parts).catch(
      (error: unknown) => {
        if (!signal.aborted) this.#parts.status.failed(error);
        this.#parts.options.onSync?.({ status: "failed", error });
        throw error;
      },
    );
    await this.#parts.arrivals.note(this.size, before ?? 0, { signal });
    const policy = await this.#parts.options.policy?.check(this.checkpoints);
    this.#parts.status.synced(policy);
    const [{ size }, { seen }] = [this, this.#parts.newest];
    const advanced = before === undefined || size > before;
    const result = { size, advanced, remotes, ...(seen && { seen }), ...(policy && { policy }) };
    this.#parts.options.onSync?.({ status: "synced", result });
    return result;
  }

  #stream(options: StreamOptions | (() => StreamOptions)): AsyncGenerator<Entry, void, undefined> {
    const source = {
      ...this.#parts,
      closing: this.#parts.closing.signal,
      sync: (signal: AbortSignal, repeats: boolean) => this.#sync({ signal }, repeats),
      sources: (views?: readonly TreeView[], skips?: boolean) => this.#sources(views, skips),
    };
    return streamEntries(source, options);
  }

  #sources(
    sources: readonly TreeView[] = [...this.#parts.newest.views, ...this.#parts.newest.behind],
    skipsRemoved = false,
  ): Sources {
    return {
      sources,
      newest: this.#parts.newest,
      epoch: this.#parts.newest.epoch,
      limits: this.#parts.limits,
      // Remotes may show an older manifest than the newest that was verified.
      opening: { ...this.#parts.options, epochs: this.manifest?.epochs },
      removal: { removals: this.manifest, skipsRemoved },
    };
  }

  #checkWithin(sequence: number, operation = "reader.entry"): void {
    if (sequence < this.size) return;
    throw new NotFoundError(`The log has ${this.size} entries; there is no entry ${sequence} yet.`, {
      operation,
    });
  }

  #collect(
    stretch: Stretch,
    options: OperationOptions,
    skipsRemoved = false,
    views?: readonly TreeView[],
  ): Promise<Entry[]> {
    const limit = this.#parts.limits.collectedBytes;
    return this.#within(options, (signal) =>
      collectEntries(readSources(this.#sources(views, skipsRemoved), stretch, signal), limit),
    );
  }

  async #within<T>(options: OperationOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    checkCallOptions(options, "read");
    return withAnySignal([options.signal, this.#parts.closing.signal], work);
  }
}
