import { abortable, withSignals } from "../abort.ts";
import { withDeadline } from "../deadline.ts";
import {
  ClosedError,
  ConflictError,
  isRemoteLogError,
  JournalCorruptError,
  JournalError,
  RestoredError,
} from "../errors/index.ts";
import { EntriesAside } from "../journal/entries-aside.ts";
import { Journal } from "../journal/journal.ts";
import { RemoteRecords } from "../journal/remote-records.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import { REQUEST_MILLISECONDS, withDeadlines } from "../remote/deadlines.ts";
import { checkRemotes } from "../remote/remote.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import { AppendQueue } from "./append-queue.ts";
import type { OwnHistory } from "./foreign-head.ts";
import { type OpenLog, openLog } from "./open-log.ts";
import { Progress, type RemoteProgress } from "./progress.ts";
import { PublishLoop } from "./publish-loop.ts";
import { Publisher } from "./publisher.ts";
import { Receipt } from "./receipt.ts";
import { type RecoveryResult, recoverJournal } from "./recover.ts";
import { RemoteTree } from "./remote-tree.ts";
import { LARGEST_EMBEDDED, largestContentOf, type WriterOptions } from "./writer-options.ts";

/** How long a publish waits for other remotes to tell whether the journal is old, in milliseconds. */
const LOOK_MILLISECONDS = 10_000;

/** How a log stands on this device and on its remotes. */
export interface WriterStatus {
  /** Number of entries that are durable on this device. */
  readonly size: number;
  /** How far each remote is. */
  readonly remotes: readonly RemoteProgress[];
}

/**
 * Opens a log for writing, or begins it where the journal is empty. Works offline; nothing is requested here.
 *
 * @throws JournalLockedError `ERR_JOURNAL_LOCKED` where another writer has the journal open
 * @throws JournalError `ERR_JOURNAL`, JournalCorruptError `ERR_JOURNAL_CORRUPT`
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a seed that is not this log's, or remotes or settings that cannot be
 * used
 * @throws UnsupportedError `ERR_UNSUPPORTED` for a private log, which this version cannot write
 */
export async function openWriter(options: WriterOptions): Promise<Writer> {
  if (options.remotes !== undefined && options.remotes.length > 0) checkRemotes(options.remotes);
  const journal = await Journal.open(options.journal);
  try {
    const log = await openLog(journal, options.seed, options.settings);
    const writer = new Writer(options, journal, log);
    await writer.resume();
    return writer;
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/**
 * Writes one log. There is one writer of a log at a time, and it alone holds the journal. After `close` its methods
 * reject with `ClosedError` (`ERR_CLOSED`).
 */
export class Writer {
  /** The log id: 64 hexadecimal digits. With a remote, it is all that a reader of a public log needs. */
  readonly logId: string;
  /** The record that the log was born with. */
  readonly genesis: IdentifiedGenesis;
  readonly #journal: Journal;
  readonly #log: OpenLog;
  readonly #queue: AppendQueue;
  readonly #progress: Progress;
  readonly #publishers: readonly Publisher[];
  readonly #loops: readonly PublishLoop[];
  readonly #closing = new AbortController();
  readonly #turns = new Map<Publisher, Promise<void>>();
  readonly #auto: boolean;
  #recovering = false;
  #closed: Promise<void> | undefined;

  /** @internal Made by {@link openWriter}. */
  constructor(options: WriterOptions, journal: Journal, log: OpenLog) {
    const { publish = "auto", largestEmbedded = LARGEST_EMBEDDED } = options;
    const { requestMilliseconds = REQUEST_MILLISECONDS } = options;
    const remotes = (options.remotes ?? []).map((remote) => withDeadlines(remote, requestMilliseconds));
    this.logId = log.genesis.logId;
    this.genesis = log.genesis;
    this.#journal = journal;
    this.#log = log;
    const largest = largestContentOf(options);
    const appended = (): void => {
      if (publish === "auto") for (const loop of this.#loops) loop.wake();
    };
    const check = (): void => this.#throwIfUnusable();
    this.#queue = new AppendQueue(journal, log.sealing, { tree: log.tree, largest, appended, check });
    this.#progress = new Progress(
      remotes.map(({ label }) => label),
      publish === "auto",
    );
    const context = {
      journal,
      ...log,
      progress: this.#progress,
      closing: this.#closing.signal,
      own: (tree: RemoteTree) => this.#own(tree),
    };
    this.#publishers = remotes.map((remote) => {
      const records = new RemoteRecords(journal, remote.label);
      const { storage } = remote;
      const { genesis, sealing } = { genesis: log.genesis.genesis, sealing: log.sealing };
      const parts = { journal, records, storage, genesis, sealing, largestEmbedded };
      return new Publisher(remote, records, new RemoteTree(parts), context);
    });
    this.#loops = this.#publishers.map((publisher) => {
      const { label } = publisher.remote;
      return new PublishLoop(
        async (signal) => {
          await this.#publishOne(publisher, signal);
          return publisher.confirmed;
        },
        (error, final) => this.#progress.fail(label, error, final),
        this.#closing.signal,
      );
    });
    this.#auto = publish === "auto";
  }

  /** @internal Takes up where the journal says that each remote is. */
  async resume(): Promise<void> {
    this.#recovering = await EntriesAside.underWay(this.#journal);
    for (const publisher of this.#publishers) await publisher.load();
    if (!this.#auto || this.#recovering) return;
    for (const [i, publisher] of this.#publishers.entries()) {
      if (publisher.size < this.size || (this.size > 0 && !publisher.settled)) this.#loops[i]!.wake();
    }
  }

  /** Number of entries that are durable on this device. */
  get size(): number {
    return this.#queue.tree.size;
  }

  /** How the log stands on this device and on its remotes. */
  status(): WriterStatus {
    return { size: this.size, remotes: this.#progress.remotes };
  }

  /**
   * Appends an entry. Resolves when it is durable on this device, offline or not; nothing that was
   * acknowledged is lost after that, whatever crashes. Appends in flight at once share one durable write.
   *
   * @param content - the bytes; may be empty. They are copied.
   * @param options - the signal, which is looked at before the entry is handed to the journal, and not after
   * @throws RestoredError `ERR_RESTORED` where a recovery was begun and not finished
   * @throws TypeError where the content is no `Uint8Array`
   * @throws TooLargeError `ERR_TOO_LARGE`, JournalError `ERR_JOURNAL` (the entry may or may not be in the log:
   * open the writer anew to see), MalformedError `ERR_MALFORMED` where the log takes MVDS messages only
   */
  async append(content: Uint8Array, options: OperationOptions = {}): Promise<Receipt> {
    return (await this.appendAll([content], options))[0]!;
  }

  /** Appends several entries side by side, all or none of them, in one durable write. See {@link Writer.append}. */
  async appendAll(contents: readonly Uint8Array[], { signal }: OperationOptions = {}): Promise<Receipt[]> {
    signal?.throwIfAborted();
    this.#throwIfUnusable();
    const entries = await this.#queue.append(contents);
    return entries.map(({ sequence, localHash }) => new Receipt(sequence, localHash, this.#progress));
  }

  /**
   * Reads entries back from this device's own journal.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT`
   */
  async *entries(from = 0): AsyncGenerator<{ sequence: number; id: Uint8Array; content: Uint8Array }> {
    for await (const entry of this.#journal.entries(from, this.size, this.#log.sealing)) {
      yield { sequence: entry.sequence, id: entry.localHash, content: entry.content };
    }
  }

  /**
   * Publishes everything appended so far to every remote. Resolves when all of them have it under the name, and were
   * asked once to show it; without remotes, at once.
   *
   * @throws the first failure of a remote, once all were tried: ConflictError `ERR_CONFLICT`, RestoredError
   * `ERR_RESTORED`, UnreachableError `ERR_UNREACHABLE`, DeniedError `ERR_DENIED`, QuotaExhaustedError `ERR_QUOTA`, …
   */
  async publish(options: OperationOptions = {}): Promise<void> {
    this.#throwIfUnusable();
    return withSignals([options.signal, this.#closing.signal], (signal) => this.#publishAll(signal));
  }

  async #publishAll(signal: AbortSignal): Promise<void> {
    this.#resumeLoops();
    const results = await Promise.allSettled(
      this.#publishers.map((publisher) => abortable(this.#publishOne(publisher, signal), signal)),
    );
    results.forEach((result, i) => {
      if (result.status === "fulfilled" || signal.aborted) return;
      const goesOn = this.#auto && isRemoteLogError(result.reason) && result.reason.retry !== "never";
      this.#progress.fail(this.#publishers[i]!.remote.label, result.reason, !goesOn);
      if (goesOn) this.#loops[i]!.wake();
    });
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /**
   * Takes over what a remote knows of this log and the journal does not: after the journal was restored from a
   * backup, or lost. Entries of the journal that the remote does not have are appended anew behind it.
   *
   * Make sure first that no other device writes this log. Until this was called, a restored journal signs nothing.
   * Every remote has to answer. A recovery that was cut short is finished by the next call; until then nothing can be
   * appended.
   *
   * @throws ConflictError `ERR_CONFLICT` where what was signed here contradicts the remote: the log forked
   */
  async recover(options: OperationOptions = {}): Promise<RecoveryResult> {
    // It takes the turn of every publisher: nothing is signed meanwhile.
    const before = Promise.all(this.#turns.values());
    const signals = [options.signal, this.#closing.signal];
    const recovery = before.then(() => withSignals(signals, (signal) => this.#recoverNow(signal)));
    const turn = recovery.then(
      () => undefined,
      () => undefined,
    );
    for (const publisher of this.#publishers) this.#turns.set(publisher, turn);
    const result = await recovery;
    this.#resumeLoops();
    if (this.#auto) for (const loop of this.#loops) loop.wake();
    return result;
  }

  async #recoverNow(signal: AbortSignal): Promise<RecoveryResult> {
    const { genesis, sealing, signer } = this.#log;
    const remotes = this.#publishers.map(({ remote }) => remote);
    const { tree: _, ...result } = await this.#queue.replace(async (tree) => {
      signal.throwIfAborted();
      try {
        const parts = { journal: this.#journal, genesis, sealing, signer, remotes, tree };
        const recovered = await recoverJournal(parts, signal);
        this.#recovering = false;
        return recovered;
      } catch (error) {
        // Where the journal is half rewritten, nothing may be appended until it is whole.
        this.#recovering = await EntriesAside.underWay(this.#journal).catch(() => true);
        throw error;
      }
    });
    for (const publisher of this.#publishers) await publisher.load();
    return result;
  }

  /**
   * Ends what is under way and closes the journal. Entries that were not published yet stay in the journal and
   * are published when the writer is opened again. The remotes stay open: they belong to the caller.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const closed = new ClosedError("The writer was closed.", { operation: "writer.close" });
    await this.#queue.settled();
    this.#closing.abort(closed);
    this.#progress.end(closed);
    await Promise.all(this.#loops.map((loop) => loop.idle()));
    await Promise.all(this.#turns.values());
    await this.#journal.close();
  }

  /** Closes the writer. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #resumeLoops(): void {
    for (const loop of this.#loops) loop.resume();
    for (const { label } of this.#progress.remotes) this.#progress.resume(label);
  }

  #publishOne(publisher: Publisher, signal: AbortSignal): Promise<void> {
    return this.#inTurn(publisher, async () => {
      signal.throwIfAborted();
      this.#throwIfUnusable();
      await this.#lookEverywhere(publisher, signal);
      await publisher.publish(this.#queue.tree, signal);
    });
  }

  // A journal that was restored must be noticed before it signs, also where another remote shows it. A remote
  // that does not answer cannot stop the others from being published.
  async #lookEverywhere(publisher: Publisher, signal: AbortSignal): Promise<void> {
    const others = this.#publishers.filter((other) => other !== publisher);
    await publisher.look(signal);
    for (const other of others) {
      const operation = "names.resolve";
      const patience = { milliseconds: LOOK_MILLISECONDS, operation, backend: other.remote.label, signal };
      try {
        await withDeadline(patience, (patient) => other.look(patient));
      } catch (error) {
        signal.throwIfAborted();
        if (forbidsSigning(error)) throw error;
      }
    }
  }

  // One publish of a remote at a time; remotes do not wait for each other.
  #inTurn(publisher: Publisher, task: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(publisher) ?? Promise.resolve()).then(task);
    this.#turns.set(
      publisher,
      turn.catch(() => undefined),
    );
    return turn;
  }

  #throwIfUnusable(): void {
    this.#closing.signal.throwIfAborted();
    if (!this.#recovering) return;
    throw new RestoredError(
      "A recovery of this journal was begun and not finished. Nothing is lost: call recover() again to finish it.",
      {
        operation: "writer.append",
        local: this.size,
        published: this.#log.signer.largest?.checkpoint.size ?? 0,
      },
    );
  }

  #own(tree: RemoteTree): OwnHistory {
    const { largest } = this.#log.signer;
    return {
      logId: this.logId,
      size: this.size,
      signed: largest?.checkpoint,
      prefix: (size) => tree.prefix(size),
    };
  }
}

// What a look at a remote can tell about this journal; anything else is that remote's own trouble.
function forbidsSigning(error: unknown): boolean {
  return (
    error instanceof RestoredError ||
    error instanceof ConflictError ||
    error instanceof JournalError ||
    error instanceof JournalCorruptError
  );
}
