// A log that this device writes: opened, published, and granted to whom it should be.

import {
  formatLink,
  JournalCorruptError,
  type JournalWitness,
  type KeyValueDatabase,
  openWriter,
  type Receipt,
  RestoredError,
  type Writer,
  type WriterOptions,
} from "@remote-log/core";
import { startTimer, stopTimer, throwIfAborted, withAnySignal } from "@remote-log/core/adapter";
import type { GroupOptions } from "../options.ts";
import type { LogKey } from "../store/known-keys.ts";

/** Who should be able to read a log. */
export type Audience = Map<string, ReaderWanted>;

/** How somebody should be able to read a log. */
export interface ReaderWanted {
  /** Whether from its beginning. */
  readonly history: boolean;
  /** The epoch whose key the reader got from somebody else: until the key changes, it need not be named. */
  readonly holds?: number | undefined;
}

interface AudienceOptions {
  readonly changesKey: boolean;
  readonly onlyIfWritten: boolean;
  readonly signal: AbortSignal | undefined;
}

/** How long a place may take to answer before it counts as out of reach. */
const ANSWER_MILLISECONDS = 10_000;

/** For every four readers that are named, one more that holds the key may wait to be named. */
const NAMED_PER_WAITING = 4;

/** What a log of this device is opened with. */
export interface OwnLogOptions extends Pick<GroupOptions<never>, "remotes" | "sync"> {
  /** Notices a journal that knows less than what was acknowledged. */
  readonly witness?: (() => JournalWitness) | undefined;
}

interface LogParts {
  readonly uris: readonly string[];
  readonly options: WriterOptions;
  readonly witness: OwnLogOptions["witness"];
}

/** One of the logs of this device. */
export class OwnLog {
  /** The URIs at which others read it. */
  readonly uris: readonly string[];
  readonly #options: WriterOptions;
  readonly #witness: OwnLogOptions["witness"];
  #writer: Writer;
  #isBehind: boolean;

  private constructor(writer: Writer, isBehind: boolean, { uris, options, witness }: LogParts) {
    this.#writer = writer;
    this.#isBehind = isBehind;
    this.uris = uris;
    this.#options = options;
    this.#witness = witness;
  }

  /** Opens it, or begins it. */
  static async open(
    seed: Uint8Array,
    journal: KeyValueDatabase,
    { remotes, sync, witness }: OwnLogOptions,
  ): Promise<OwnLog> {
    const opened = (await remotes?.(seed)) ?? [];
    const options = {
      seed,
      journal,
      remotes: opened.map(({ remote }) => remote),
      publish: sync === "manual" ? "manual" : "auto",
    } as const;
    const parts = { uris: opened.map(({ uri }) => uri), options, witness };
    try {
      return new OwnLog(await openWriter({ ...options, witness: witness?.() }), false, parts);
    } catch (error) {
      if (!(error instanceof JournalCorruptError)) throw error;
      const writer = await openWriter({
        ...options,
        witness: witness?.(),
        publish: "manual",
        forRecovery: true,
      });
      return new OwnLog(writer, true, parts);
    }
  }

  /** What appends to it. */
  get writer(): Writer {
    return this.#writer;
  }

  /** Whether its journal knows less than what was acknowledged or published, and nothing can be appended until it is recovered. */
  get isBehind(): boolean {
    return this.#isBehind || this.#writer.status().remotes.some(({ error }) => isRestored(error));
  }

  /** Whether a place where it is published answers at all. */
  async isReachable(signal: AbortSignal): Promise<boolean> {
    for (const { names, name = this.#writer.logId } of this.#options.remotes ?? []) {
      const late = new AbortController();
      const timer = startTimer(() => late.abort(), ANSWER_MILLISECONDS);
      try {
        await withAnySignal([signal, late.signal], (either) => names.resolve(name, { signal: either }));
        return true;
      } catch {
        throwIfAborted(signal);
      } finally {
        stopTimer(timer);
      }
    }
    return false;
  }

  /** Reads back from the remotes what the journal lacks. What it has and they don't follows after it. */
  async recover(signal: AbortSignal | undefined): Promise<void> {
    await this.#writer.recover({ signal });
    if (!this.#isBehind) return;
    await this.#writer.close();
    this.#writer = await openWriter({ ...this.#options, witness: this.#witness?.() });
    this.#isBehind = false;
  }

  /** Its id. */
  get id(): string {
    return this.writer.logId;
  }

  /** Its link, without a key. */
  get link(): string {
    return formatLink({ logId: this.id, remotes: this.uris });
  }

  /** How many entries no remote has published yet, of those that have one. */
  get waiting(): number {
    const { size, remotes } = this.writer.status();
    return size - Math.max(0, ...remotes.map(({ published }) => published));
  }

  /** Resolves when everything is published that it has now. */
  published(signal: AbortSignal): Promise<void> {
    return this.writer.published({ signal });
  }

  /** Appends an entry; durable when it resolves. */
  async append(content: Uint8Array, signal: AbortSignal | undefined): Promise<Receipt> {
    if (this.#isBehind) throw behind(this.writer.size);
    return this.writer.append(content, { signal });
  }

  /** The number of the epoch whose key seals what is appended now. */
  get epoch(): number {
    return Math.max(0, (this.writer.manifest?.epochs.length ?? 0) - 1);
  }

  /** The key that opens everything up to now. */
  get key(): LogKey {
    return { epoch: this.epoch, key: this.writer.readKey!.toBytes() };
  }

  /**
   * Names the readers that are missing, and shuts out those who are no members any more. A keyring is made for all readers at once; so
   * those who hold the key already wait until there are some of them, or the key changes.
   *
   * @param options - `changesKey`: whether the key has to change, because somebody who was not named may have it; `onlyIfWritten`:
   * whether nobody is named while there is nothing to read
   */
  async setAudience(
    audience: Audience,
    { changesKey, onlyIfWritten, signal }: AudienceOptions,
  ): Promise<void> {
    if (onlyIfWritten && this.writer.size === 0 && this.writer.readers.length === 0) return;
    const named = new Map(this.writer.readers.map((reader) => [reader.recipient, reader]));
    const strangers = [...named.keys()].filter((recipient) => !audience.has(recipient));
    const missing = [...audience].filter(([recipient, { history }]) => lacks(named.get(recipient), history));
    const [from, since] = [true, false].map((history) => missing.filter((one) => one[1].history === history));
    const waiting = from!.filter(([, { holds }]) => holds === this.epoch);
    const changes = changesKey || strangers.length > 0 || since!.length > 0;
    const isDue = changes || from!.length > waiting.length || NAMED_PER_WAITING * waiting.length > named.size;
    // Those with history first: for the others the key changes.
    if (isDue) await this.#name(from!, true, signal);
    await this.#name(since!, false, signal);
    if (changesKey || strangers.length > 0) await this.writer.revoke(strangers, { signal });
  }

  async #name(
    readers: readonly (readonly [recipient: string, wanted: ReaderWanted])[],
    withHistory: boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const recipients = readers.map(([recipient]) => recipient);
    if (recipients.length > 0) await this.writer.grant(recipients, { withHistory, signal });
  }

  /** Publishes what waits, and what was granted. */
  async publish(signal: AbortSignal | undefined): Promise<void> {
    if (this.uris.length > 0) await this.writer.publish({ signal });
  }

  /** Closes it. */
  close(): Promise<void> {
    return this.writer.close();
  }
}

function lacks(reader: { readonly withHistory: boolean } | undefined, history: boolean): boolean {
  return reader === undefined || (history && !reader.withHistory);
}

function behind(local: number): RestoredError {
  return new RestoredError(
    "The journal of this device is older than what was written with it. Nothing was appended. It is read back from where this device " +
      "publishes, at the next sync that reaches it; try again then.",
    { operation: "group.append", local, published: local },
  );
}

/** Whether a failure says that a journal is older than what is published. */
export function isRestored(error: unknown): boolean {
  return error instanceof RestoredError;
}
