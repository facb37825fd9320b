/// <reference lib="esnext.disposable" preserve="true" />

// What a program holds to write a log.

import { abortWith, throwIfAborted, withAnySignal } from "../async/signals.ts";
import { ClosedError, JournalCorruptError } from "../errors/index.ts";
import type { BatchOperation } from "../journal/database.ts";
import { EntriesAside } from "../journal/entries-aside.ts";
import { forgetRemote, forgetRemotes } from "../journal/forget-remotes.ts";
import type { Journal } from "../journal/journal.ts";
import { loadRemoved } from "../journal/removal.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import type { Manifest } from "../log/manifest.ts";
import type { ReadKey } from "../log/read-key.ts";
import { removedError } from "../log/removed-in.ts";
import { sealRemotes } from "../log/sealed-remotes.ts";
import type { Remote } from "../remote/remote.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import { AppendQueue, type ManifestChange } from "./append-queue.ts";
import {
  checkCallOptions,
  checkContents,
  checkLabel,
  checkPublishOptions,
  checkRecipientList,
  checkRetention,
  checkUriList,
} from "./check-writer-options.ts";
import { type EpochKeeper, publicLog } from "./epoch-keeper.ts";
import type { GrantedReader, GrantOptions } from "./named-readers.ts";
import type { OpenLog } from "./open-log.ts";
import { Progress, type StageOptions } from "./progress.ts";
import { PublishScheduler } from "./publish-scheduler.ts";
import { Receipt } from "./receipt.ts";
import type { RecoverOptions, RecoveryResult } from "./recover.ts";
import { recoverInTurn } from "./recover-in-turn.ts";
import { largestContentOf } from "./remote-room.ts";
import { type Removable, Removal, type RemovalResult } from "./removal.ts";
import type { RepairOptions, RepairResult } from "./repair.ts";
import type { Retention } from "./retention.ts";
import type {
  AppendOptions,
  EntriesOptions,
  PublishOptions,
  WriterOptions,
  WriterStatus,
} from "./writer-options.ts";
import { WriterState } from "./writer-state.ts";
import { CountedRemote, inUse, statusOf, watchStatus } from "./writer-status.ts";

/**
 * Writes one log. A log has one writer at a time, and the journal belongs to it alone. After `close` its methods
 * reject with `ClosedError` (`ERR_CLOSED`).
 */
export class Writer {
  /** The log id: 64 hexadecimal digits. With a remote, and the read key if it is private, it is all that a reader needs. */
  readonly logId: string;
  /** The record that began the log. */
  readonly genesis: IdentifiedGenesis;
  /** The largest content that `append` takes, in bytes: what readers accept, and all of the remotes have room for. */
  readonly largestContent: number;
  readonly #state: WriterState;
  readonly #queue: AppendQueue;
  readonly #scheduler: PublishScheduler;
  readonly #removal: Removal;
  readonly #closing = new AbortController();
  readonly #remotes: readonly Remote[];
  readonly #counted: readonly CountedRemote[];
  #closed: Promise<void> | undefined;

  /** @internal Made by `openWriter`. */
  constructor(options: WriterOptions, journal: Journal, log: OpenLog) {
    const { publish = "auto", publishedWhen, remotes = [] } = options;
    const auto = publish === "auto";
    this.logId = log.genesis.logId;
    this.genesis = log.genesis;
    this.#counted = remotes.map((remote) => new CountedRemote(remote, options.requestMilliseconds));
    this.#remotes = this.#counted.map(({ remote }) => remote);
    const labels = remotes.map(({ label }) => label);
    this.#state = new WriterState(journal, log, {
      progress: new Progress(labels, auto, publishedWhen),
      closing: this.#closing.signal,
    });
    this.largestContent = largestContentOf(options, log.genesis.genesis);
    this.#removal = new Removal(this.#state, options.retention);
    this.#scheduler = new PublishScheduler(this.#state, {
      remotes: this.#remotes,
      auto,
      publishedWhen,
      sizes: options,
      removal: this.#removal,
    });
    this.#queue = new AppendQueue(this.#state, { largest: this.largestContent, scheduler: this.#scheduler });
  }

  /**
   * @internal Continues from what the journal says of each remote.
   *
   * @param forRecovery - whether a journal in which that is damaged is recovered
   */
  async resume(forRecovery: boolean): Promise<void> {
    const { journal } = this.#state;
    this.#state.removed = await loadRemoved(journal);
    try {
      await this.#scheduler.load();
    } catch (error) {
      if (!forRecovery || !(error instanceof JournalCorruptError)) throw error;
      this.#state.incomplete = true;
      await forgetRemotes(journal);
      await this.#scheduler.load();
    }
    this.#state.recovering = this.#state.incomplete || (await EntriesAside.underWay(journal));
    if (this.#state.recovering) return;
    await this.#removal.resume(this.#closing.signal);
    this.#scheduler.start();
  }

  /** Number of entries that are durable on this device. */
  get size(): number {
    return this.#state.size;
  }

  /** The newest checkpoint that was signed: a signed note that other tools can check. `undefined` before the first. */
  get checkpoint(): string | undefined {
    return this.#state.signer.largest?.note;
  }

  /**
   * The key that readers of a private log need besides its id; `undefined` if the log is public. Put it into the link that you
   * give them, with `formatLink`. It opens everything up to the entry at which the key changes, so take it anew for each link.
   */
  get readKey(): ReadKey | undefined {
    return this.#state.epochs?.readKey;
  }

  /**
   * The readers that were named on this device. It is the journal that knows them: a writer that came back from its seed alone has
   * none, and the readers keep what they have until the key changes. Name them again.
   */
  get readers(): readonly GrantedReader[] {
    return this.#state.epochs?.readers ?? [];
  }

  /** What the log says of itself, as this device has it; `undefined` if it says nothing. */
  get manifest(): Manifest | undefined {
    return this.#state.manifests.newest?.manifest;
  }

  /**
   * Says in the manifest where the log lives, for readers who know one of its remotes: they find the others, and follow a log
   * that moves. In a private log only readers see it. Durable on this device when it resolves, and published like entries.
   *
   * @param uris - all of its remotes, as links name them; none takes the statement back
   * @throws InvalidInputError `ERR_INVALID_INPUT` for what a link could not hold: credentials above all
   */
  async setRemotes(uris: readonly string[]): Promise<void> {
    this.#state.throwIfUnusable();
    checkUriList(uris);
    await this.changeManifest((content) => {
      const remotes =
        uris.length === 0 ? undefined : sealRemotes(uris, this.genesis, this.#state.epochs?.epochKey);
      return { ...content, remotes };
    });
  }

  /** How far the log is on this device and on its remotes. */
  status(): WriterStatus {
    return statusOf(this.#state, this.#counted);
  }

  /**
   * The status, and the new one whenever it has changed. What changes while it is being handled comes as one.
   *
   * @throws the signal's reason, or ClosedError `ERR_CLOSED` if the writer is closed
   *
   * @example
   * ```ts
   * import type { Writer } from "@remote-log/core";
   *
   * export async function showRemotes(writer: Writer, signal: AbortSignal): Promise<void> {
   *   for await (const { size, remotes } of writer.watch({ signal })) {
   *     for (const { label, published, error } of remotes) {
   *       console.log(`${label}: ${published} of ${size}${error === undefined ? "" : `, failing: ${String(error)}`}`);
   *     }
   *   }
   * }
   * ```
   */
  async *watch(options: OperationOptions = {}): AsyncGenerator<WriterStatus, void, undefined> {
    checkCallOptions(options, "watch");
    yield* watchStatus(this.#state, this.#counted, options.signal);
  }

  /**
   * Appends an entry. Resolves when it is durable on this device, online or offline; from then on no crash loses it.
   * Concurrent appends share one durable write.
   *
   * @param content - the bytes; may be empty. They are copied.
   * @param options - the signal, which is checked before the entry is handed to the journal, and not after; with `snapshot`, the
   * entry stands for all before it, and readers can start there: `Reader.fromSnapshot`
   * @throws RestoredError `ERR_RESTORED` if a recovery was begun and not finished
   * @throws TypeError if the content is not a `Uint8Array`
   * @throws TooLargeError `ERR_TOO_LARGE` over `largestContent`, and with the reason `"log-full"` if the log has no room for
   * another entry, or `"manifest-full"` if no further snapshot can be told; then nothing was written
   * @throws JournalError `ERR_JOURNAL` (the entry may or may not be in the log: open the writer again to see),
   * MalformedError `ERR_MALFORMED` if the log takes MVDS messages only
   */
  async append(content: Uint8Array, options: AppendOptions = {}): Promise<Receipt> {
    checkCallOptions(options, "append");
    const { snapshot = false, signal } = options;
    return (await this.#append([content], signal, snapshot))[0]!;
  }

  /** Appends several entries in a row, all or none of them, in one durable write. See {@link Writer.append}. */
  async appendAll(contents: readonly Uint8Array[], options: OperationOptions = {}): Promise<Receipt[]> {
    checkCallOptions(options, "appendAll");
    return this.#append(contents, options.signal, false);
  }

  async #append(
    contents: readonly Uint8Array[],
    signal: AbortSignal | undefined,
    snapshot: boolean,
  ): Promise<Receipt[]> {
    checkContents(contents);
    throwIfAborted(signal);
    this.#state.throwIfUnusable();
    const entries = await this.#queue.append(contents, snapshot);
    this.#state.progress.grown();
    return entries.map(({ sequence, id }) => new Receipt(sequence, id, this.#state.progress));
  }

  /**
   * Reads entries back from this device's own journal.
   *
   * @param from - the sequence number of the first
   * @param options - `removed`: whether an entry whose content was removed ends it with an error (`"fail"`, the default), or is
   * passed over (`"skip"`)
   * @throws RemovedError `ERR_REMOVED`, whose `next` is the next entry that is there
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT`
   */
  async *entries(
    from = 0,
    { removed = "fail" }: EntriesOptions = {},
  ): AsyncGenerator<{ sequence: number; id: Uint8Array; content: Uint8Array }> {
    for await (const entry of this.#state.journal.entries(from, this.size, this.#state.sealing)) {
      const { sequence } = entry;
      if (!entry.removed) yield { sequence, id: entry.id, content: entry.content };
      else if (removed !== "skip")
        throw removedError(sequence, await loadRemoved(this.#state.journal), "writer.entries");
    }
  }

  /**
   * Removes the contents of entries for good, from this device's journal and from every remote. Their numbers and hashes stay,
   * so that all other entries verify; readers get `ERR_REMOVED` for them, by the writer's signed word.
   *
   * Resolves when that is durable on this device. With the next publish the remotes get pages without these contents, and what
   * the pages replace is deleted, once readers that are on their way to it had `graceMilliseconds`: {@link Writer.status} tells
   * what is left. A removal that was interrupted is finished by the next publish, also of another process.
   *
   * What somebody has read or copied already is not taken back, and not every remote forgets: see `forgets` in the result.
   *
   * @param entries - sequence numbers, and ranges of them; those that were removed before are no error
   * @throws InvalidInputError `ERR_INVALID_INPUT` if one of them is not an entry of this log, or they are too many single ranges for
   * a manifest
   *
   * @example
   * ```ts
   * import { generateSeed, openWriter } from "@remote-log/core";
   * import { memoryRemote } from "@remote-log/memory";
   * import { MemoryLevel } from "memory-level";
   *
   * const remotes = [memoryRemote()];
   * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes });
   * for (const text of ["one", "two", "three"]) await writer.append(new TextEncoder().encode(text));
   * const { remotes: told } = await writer.remove([1]); // or { first: 0, count: 2 }
   * for (const { label, forgets } of told) console.log(`${label}: ${forgets}`);
   * await writer.publish();
   * await writer.close();
   * ```
   */
  async remove(entries: Removable, options: OperationOptions = {}): Promise<RemovalResult> {
    checkCallOptions(options, "remove");
    return this.#remove(options, (signal) => this.#removal.remove(entries, signal));
  }

  /**
   * Keeps the newest entries alone: the contents of all before them are removed as by {@link Writer.remove}, and readers are told
   * which entry is the first that is kept. The newest snapshot, and what follows it, is kept in any case.
   *
   * @param retention - how many entries are kept, or for how long; what fits either is kept
   * @throws InvalidInputError `ERR_INVALID_INPUT` if it says neither
   */
  async keepNewest(retention: Retention, options: OperationOptions = {}): Promise<RemovalResult> {
    checkCallOptions(options, "keepNewest");
    checkRetention(retention, "writer.keepNewest");
    return this.#remove(options, (signal) => this.#removal.keepNewest(retention, signal));
  }

  async #remove(
    options: OperationOptions,
    remove: (signal: AbortSignal) => Promise<number>,
  ): Promise<RemovalResult> {
    throwIfAborted(options.signal);
    this.#state.throwIfUnusable();
    const removed = await withAnySignal([options.signal, this.#closing.signal], remove);
    this.#scheduler.wake();
    const { firstKept } = this.#state.manifests.content;
    return { removed, firstKept, remotes: this.#scheduler.forgets };
  }

  /**
   * Publishes everything appended so far to every remote. Resolves when all of them (or `publishedWhen` of them) have it under the
   * name, and the name and a sample of what it leads to were read back; without remotes, at once. If an answer to that does not
   * come, it is published and not confirmed: see {@link Writer.status}.
   *
   * A remote that is not the one that was published to, that was set back, or that lacks what it acknowledged, gets everything
   * put back that it lacks.
   *
   * Uploads that fail in a way that may pass are repeated within the publish, a limited number of times. What a remote
   * acknowledged is noted in the journal as it is made: a publish that failed, was aborted or was killed continues there at
   * the next call. On the way through a long backlog the name moves in steps: {@link Writer.status} shows them.
   *
   * @param options - the signal; with `whole`, everything is looked for as by {@link Writer.repair}; with
   * `othersMilliseconds`, how long the remotes are waited for that need not have it
   * @throws RemoteChangedError `ERR_REMOTE_CHANGED` if a place is gone that was published to, or does not keep what it is sent
   * @throws the first failure of a remote, once all were tried and too few have everything: ConflictError `ERR_CONFLICT`, RestoredError
   * `ERR_RESTORED`, UnreachableError `ERR_UNREACHABLE`, DeniedError `ERR_DENIED`, QuotaExhaustedError `ERR_QUOTA`, …
   */
  async publish(options: PublishOptions = {}): Promise<void> {
    const { whole, signal: given, othersMilliseconds } = checkPublishOptions(options);
    if (whole === true) return void (await this.repair({ signal: given }));
    this.#state.throwIfUnusable();
    return withAnySignal([given, this.#closing.signal], (signal) =>
      this.#scheduler.publishAll(signal, othersMilliseconds),
    );
  }

  /**
   * Resolves when readers can find everything by the log's name that was appended so far, also before this writer was opened: as
   * {@link Receipt.published} of the newest entry. It publishes nothing by itself.
   *
   * @throws what ends a receipt's stage: see {@link Receipt}
   */
  async published(options: StageOptions = {}): Promise<void> {
    checkCallOptions(options, "published");
    return this.#state.progress.reached("published", this.size, options);
  }

  /**
   * Asks every remote, once in the life of the writer, whether it has more of this log than the journal has: before the first
   * append on a device whose journal may be a copy, or restored from a backup. `publish` does the same by itself, and `append`
   * never does: it works offline.
   *
   * @returns the labels of the remotes that did not answer within 10 seconds, or only with a failure
   * @throws RestoredError `ERR_RESTORED`, ConflictError `ERR_CONFLICT` if a remote has more: call `recover()`
   */
  async compare(options: OperationOptions = {}): Promise<{ readonly unanswered: readonly string[] }> {
    checkCallOptions(options, "compare");
    this.#state.throwIfUnusable();
    const signals = [options.signal, this.#closing.signal];
    return { unanswered: await withAnySignal(signals, (signal) => this.#scheduler.compare(signal)) };
  }

  /**
   * Looks for everything that remotes should hold of this log, puts back what is missing from the journal, and publishes what is
   * new. With `list`, a storage is asked once for all that it holds, otherwise for each object.
   *
   * A publish does the same by itself when it notices that a remote is not what it was. Call this if something was deleted
   * there, and to make a place anew that is gone (`ERR_REMOTE_CHANGED`): it is never made anew otherwise. A repair that
   * failed, was aborted or was killed continues where it was, at the next call or publish.
   *
   * @returns for each remote how much was looked for, and how much of it was missing
   * @throws the first failure of a remote, once all were tried, as {@link Writer.publish}
   * @throws InvalidInputError `ERR_INVALID_INPUT` if no remote has the label that was given
   *
   * @example
   * ```ts
   * import { generateSeed, openWriter } from "@remote-log/core";
   * import { memoryRemote } from "@remote-log/memory";
   * import { MemoryLevel } from "memory-level";
   *
   * const remotes = [memoryRemote()];
   * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes });
   * await writer.append(new TextEncoder().encode("hello"));
   * await writer.publish();
   * const repaired = await writer.repair();
   * for (const { label, putBack } of repaired.remotes) console.log(`${label}: ${putBack} objects were missing`);
   * await writer.close();
   * ```
   */
  async repair(options: RepairOptions = {}): Promise<RepairResult> {
    checkCallOptions(options, "repair");
    this.#state.throwIfUnusable();
    const signals = [options.signal, this.#closing.signal];
    return withAnySignal(signals, async (signal) => ({
      remotes: await this.#scheduler.repair(options, signal),
    }));
  }

  /**
   * Forgets what the journal knows of a remote that is not used any more, so that another one can be given its label. Nothing
   * on the remote changes. If the same remote is given to a writer again, everything is looked for there once more.
   *
   * @param label - the label under which it was published to; one of which nothing is known is no error
   * @throws InvalidInputError `ERR_INVALID_INPUT` if this writer publishes to a remote with that label
   */
  async forgetRemote(label: string): Promise<void> {
    checkLabel(label);
    this.#state.throwIfUnusable();
    if (this.#remotes.some((remote) => remote.label === label)) throw inUse(label);
    await forgetRemote(this.#state.journal, label);
  }

  /** @internal Changes what the log says of itself, and publishes it as entries are: see `AppendQueue.change`. */
  async changeManifest(make: ManifestChange, further: readonly BatchOperation[] = []): Promise<boolean> {
    this.#state.throwIfUnusable();
    return this.#queue.change(make, further);
  }

  /**
   * Copies into the journal what a remote has of this log and the journal lacks: after the journal was restored from a
   * backup, or lost. Entries of the journal that the remote does not have are appended again, after those.
   *
   * Make sure first that no other device writes this log. Until this was called, a restored journal signs nothing.
   * Every remote must answer; reads that fail in a way that may pass are repeated. The next call finishes a recovery that was
   * interrupted, and reads again only what the journal has not got yet; until then nothing can be appended.
   *
   * A journal that is damaged, or lost entries that were acknowledged, is opened with `forRecovery` for this.
   *
   * @throws ConflictError `ERR_CONFLICT` if the remote contradicts what was signed here: the log forked
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if entries were acknowledged that neither this device nor a remote has any
   * more: with the reason `"lost-for-good"`, unless `acceptLoss` is set, and with `"lost-signed"` if they were signed, so that
   * only a new log helps. `lost` says which. Nothing was changed.
   */
  async recover(options: RecoverOptions = {}): Promise<RecoveryResult> {
    checkCallOptions(options, "recover");
    const { acceptLoss = false } = options;
    const signals = [options.signal, this.#closing.signal];
    // In this order: a publish that waits for its turn to remove something has to end first.
    const recovered = await this.#scheduler.exclusively(() =>
      withAnySignal(signals, (signal) =>
        this.#removal.turns.run(signal, () =>
          recoverInTurn(this.#state, { queue: this.#queue, remotes: this.#remotes }, { signal, acceptLoss }),
        ),
      ),
    );
    await this.#removal.resume(this.#closing.signal);
    return recovered;
  }

  /**
   * Names readers of a private log by the public keys that they made (`rlog reader-key`, `age-keygen`): each opens the log with the
   * identity that belongs to it (`openReader({ identity })`), and needs no link with a key. Resolves when it is durable here; readers
   * see it with the next publish. A reader who is named already keeps what was granted.
   *
   * Without history, the read key changes: readers then can't read what was appended before, and whoever has a link needs a new one to
   * read what follows. Name several at once.
   *
   * @returns whether anything has changed
   * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"recipient"`, `"mixed-recipients"`, `"too-many-readers"`, or
   * `"public-log"`
   * @throws TooLargeError `ERR_TOO_LARGE` with the reason `"epochs-full"` if the key has changed 255 times
   *
   * @example
   * ```ts
   * import { generateSeed, openReader, openWriter } from "@remote-log/core";
   * import { generateIdentity, ReaderIdentity, recipientOf } from "@remote-log/core/keyring";
   * import { memoryRemote } from "@remote-log/memory";
   * import { MemoryLevel } from "memory-level";
   *
   * const bob = await generateIdentity(); // on Bob's device; he sends what recipientOf gives
   *
   * const remotes = [memoryRemote()];
   * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes });
   * await writer.grant([await recipientOf(bob)], { withHistory: true });
   * await writer.append(new TextEncoder().encode("for Bob"));
   * await writer.publish();
   *
   * const identity = new ReaderIdentity(bob);
   * const reader = await openReader({ logId: writer.logId, identity, remotes });
   * const [entry] = await reader.latest(1);
   * console.log(new TextDecoder().decode(entry?.content)); // for Bob
   * await reader.close();
   * await writer.close();
   * ```
   */
  async grant(recipients: readonly string[], options: GrantOptions = {}): Promise<boolean> {
    checkCallOptions(options, "grant");
    const { withHistory = false, signal } = options;
    return this.#change("grant", recipients, signal, (epochs) =>
      epochs.grant(recipients, withHistory, this.size),
    );
  }

  /**
   * Shuts readers out, and everybody who has a link: the read key changes with the next entry, and only the readers who are still named
   * get the new one. Give new links to the others (`readKey`). What could be read before stays readable. Without recipients, it
   * changes the key alone. Resolves when it is durable here.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"public-log"`
   * @throws TooLargeError `ERR_TOO_LARGE` with the reason `"epochs-full"` if the key has changed 255 times
   */
  async revoke(recipients: readonly string[], options: OperationOptions = {}): Promise<void> {
    checkCallOptions(options, "revoke");
    await this.#change("revoke", recipients, options.signal, (epochs) =>
      epochs.revoke(recipients, this.size),
    );
  }

  /**
   * Replaces the key that signs the log, by the word of its recovery key: for an owner whose device was stolen or read. From then on
   * nothing counts that the former key signs, and readers keep the proof of what it signs all the same. In a private log the read
   * key changes, too, so that links have to be given anew; readers by name get the new one. Durable here when it resolves; readers
   * see it with the next publish.
   *
   * What counts of the former key is what this journal has. If this device may lack something of the log, call {@link Writer.recover}
   * before: it takes over all that remotes show, of a thief as well, which can be removed then.
   *
   * Before, the device needs its next seed: keep `deviceSeed(recoverySeed, n)`, where n is one more than the number of successions
   * in {@link Writer.manifest}, and open the writer with it. It signs with the former key until this is called.
   *
   * @param recoverySeed - the log's recovery seed, 32 bytes; it is not kept
   * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"no-recovery-key"` if the log has none, `"other-recovery-seed"`, or
   * `"old-device-seed"` if the writer was opened with the seed of the present key
   * @throws TooLargeError `ERR_TOO_LARGE` with the reason `"keys-full"` if the manifest has no room for another succession: it has for
   * some 120, and fewer beside what else it says; `"epochs-full"`, or `"manifest-full"`
   *
   * @example
   * ```ts
   * import { deviceSeed, generateSeed, openWriter } from "@remote-log/core";
   * import { MemoryLevel } from "memory-level";
   *
   * const recoverySeed = generateSeed(); // kept apart from the device
   * const stolen = await deviceSeed(recoverySeed);
   * const writer = await openWriter({ seed: stolen, journal: new MemoryLevel() });
   * const { logId } = writer;
   * await writer.close();
   *
   * // On another device, with what remotes have of the log: openWriter({ logId, forRecovery: true, … }), then recover().
   * const owner = await openWriter({ seed: await deviceSeed(recoverySeed, 1), journal: new MemoryLevel(), logId, forRecovery: true });
   * await owner.recover();
   * await owner.rotateSigningKey(recoverySeed);
   * await owner.close();
   * ```
   */
  async rotateSigningKey(recoverySeed: Uint8Array, options: OperationOptions = {}): Promise<void> {
    checkCallOptions(options, "rotateSigningKey");
    throwIfAborted(options.signal);
    this.#state.throwIfUnusable();
    const { rotateSigningKey } = await import("./rotation.ts");
    await this.#queue.exclusively(() => rotateSigningKey(this.#state, recoverySeed));
    this.#scheduler.wake();
  }

  async #change<T>(
    call: "grant" | "revoke",
    recipients: readonly string[],
    signal: AbortSignal | undefined,
    change: (epochs: EpochKeeper) => Promise<T>,
  ): Promise<T> {
    checkRecipientList(recipients, call);
    throwIfAborted(signal);
    this.#state.throwIfUnusable();
    const { epochs } = this.#state;
    if (epochs === undefined) throw publicLog(`writer.${call}`);
    const result = await this.#queue.exclusively(() => change(epochs));
    this.#scheduler.wake();
    return result;
  }

  /**
   * Aborts what is still running and closes the journal. Entries that were not published yet stay in the journal and
   * are published when the writer is opened again. The remotes stay open: they belong to the caller.
   *
   * @throws JournalError `ERR_JOURNAL` with the reason `"no-answer"` if the journal does not close in time. What was acknowledged
   * is safe; nobody else can open the journal until it has closed.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const closed = new ClosedError("The writer was closed.", { operation: "writer.close" });
    await this.#queue.settled();
    await this.#state.times.save().catch(() => undefined);
    abortWith(this.#closing, closed);
    this.#state.progress.end(closed);
    await this.#scheduler.idle();
    await this.#state.journal.close();
  }

  /** Closes the writer. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
