// The logs of a node: its own, to which all that it sends is appended, and those of its peers, which it reads.

import {
  decodeMvdsMessage,
  encodeMvdsMessage,
  hasCode,
  InvalidInputError,
  type MvdsMessage,
  type Receipt,
} from "@remote-log/core";
import { bytesOf } from "../bytes.ts";
import type { LogSteps, Unlogged } from "../engine/log-steps.ts";
import { itemOf, MOST_READS, readStatement } from "./read-statement.ts";

/** Options of calls. */
interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What is used of a node's own log: a `Writer` of `@remote-log/core` whose log has `identifiers: "mvds"`. */
export interface OwnLog {
  readonly logId: string;
  readonly size: number;
  readonly genesis: { readonly genesis: { readonly identifiers: string } };
  appendAll(
    contents: readonly Uint8Array[],
    options?: CallOptions,
  ): Promise<readonly Pick<Receipt, "id" | "sequence">[]>;
  entries(
    from: number,
    options: { readonly removed: "skip" },
  ): AsyncIterable<{ readonly sequence: number; readonly id: Uint8Array }>;
}

/** What is used of a peer's log: a `Reader` of `@remote-log/core`. */
export interface PeerLog {
  readonly logId: string;
  from(
    sequence: number,
    options: CallOptions & { readonly removed: "skip" },
  ): AsyncIterable<{ readonly sequence: number; readonly content: Uint8Array }>;
}

/** The logs of a node. */
export interface LogOptions {
  /**
   * The node's own log, a `Writer` whose log has `identifiers: "mvds"`. All that the node sends is appended, and the writer publishes it. It
   * stays the caller's, who closes it after the node.
   */
  readonly writer: OwnLog;
  /** A `Reader` for the log of each peer, by the peer's name. It is looked at anew at each sync, so one may be added later. */
  readonly readers: ReadonlyMap<string, PeerLog>;
  /** How often the logs of peers are read, in milliseconds. Default 60,000. */
  readonly pollMilliseconds?: number | undefined;
}

/** How far a node got with the log of a peer. */
export interface LogReport {
  readonly peer: string;
  /** How many messages were new. */
  readonly messages: number;
  /** Whether a limit of the node was reached, so that the rest is read later. */
  readonly refused: boolean;
  /** Why it could not be read to its end; absent if it was. */
  readonly error?: unknown;
}

/** How much is taken into the engine at once. */
const ENTRIES_AT_ONCE = 64;
const BYTES_AT_ONCE = 2 ** 20;

/** The logs of a node. */
export class NodeLogs {
  readonly #options: LogOptions;
  readonly #steps: LogSteps;
  readonly #now: () => number;
  #turn: Promise<unknown> = Promise.resolve();

  /** @throws InvalidInputError `ERR_INVALID_INPUT` if the log is of another kind */
  constructor(options: LogOptions, steps: LogSteps, now: () => number) {
    if (options.writer.genesis.genesis.identifiers !== "mvds") {
      throw new InvalidInputError(
        'The log of a node must have `identifiers: "mvds"`: set it when the log begins.',
        {
          operation: "mvds.open",
        },
      );
    }
    this.#options = options;
    this.#steps = steps;
    this.#now = now;
  }

  /** Appends to the node's own log what it lacks. */
  flush(): Promise<void> {
    return this.#inTurn(() => this.#flush());
  }

  /**
   * Reads the logs of all peers, takes what is new, ends what they are known to have, and says in the node's own log how far it has read.
   * A log that can't be read does not keep the others from it.
   */
  sync(signal?: AbortSignal): Promise<LogReport[]> {
    return this.#inTurn(async () => {
      await this.#flush();
      const logs = [...this.#options.readers];
      const reports = await Promise.all(logs.map(([peer, log]) => this.#read(peer, log, signal)));
      await this.#tell();
      return reports;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #flush(): Promise<void> {
    const { writer } = this.#options;
    const logId = bytesOf(writer.logId);
    const next = await this.#steps.next(logId);
    if (next < writer.size) {
      // A process ended after it had appended, and before it had noted so.
      const end = writer.size;
      const entries: { id: Uint8Array; sequence: number }[] = [];
      for await (const { id, sequence } of writer.entries(next, { removed: "skip" }))
        entries.push({ id, sequence });
      await this.#steps.noteLogged(logId, entries, end);
    }
    for (;;) {
      const unlogged = await this.#steps.unlogged(ENTRIES_AT_ONCE);
      if (unlogged.length === 0) return;
      await this.#append(logId, unlogged);
    }
  }

  async #append(logId: Uint8Array, messages: readonly Unlogged[]): Promise<void> {
    const receipts = await this.#options.writer.appendAll(messages.map(({ content }) => content));
    const entries = receipts.map(({ sequence }, i) => ({ id: messages[i]!.id, sequence }));
    await this.#steps.noteLogged(logId, entries, entries[entries.length - 1]!.sequence + 1);
  }

  async #read(peer: string, log: PeerLog, signal: AbortSignal | undefined): Promise<LogReport> {
    const logId = bytesOf(log.logId);
    let messages = 0;
    let items: ReturnType<typeof itemOf>[] = [];
    let bytes = 0;
    const take = async (): Promise<boolean> => {
      const result = await this.#steps.take(peer, logId, items);
      messages += result.messages;
      [items, bytes] = [[], 0];
      return result.refused;
    };
    try {
      const next = await this.#steps.next(logId);
      for await (const { sequence, content } of log.from(next, { removed: "skip", signal })) {
        items.push(itemOf(sequence, messageIn(content)));
        bytes += content.length;
        if (items.length < ENTRIES_AT_ONCE && bytes < BYTES_AT_ONCE) continue;
        if (await take()) return { peer, messages, refused: true };
      }
      const refused = await take();
      return { peer, messages, refused };
    } catch (error) {
      if (hasCode(error, "ERR_SUPERSEDED") && "from" in error && typeof error.from === "number") {
        // Whoever had stolen the key wrote what was read from there on.
        await this.#steps.rewind(logId, error.from);
        return { peer, messages, refused: false, error };
      }
      // What came before the failure is good.
      const refused = await take();
      return { peer, messages, refused, error };
    }
  }

  // A statement about statements would never end: only what has messages in it is told.
  async #tell(): Promise<void> {
    for (;;) {
      const reads = (await this.#steps.untold()).slice(0, MOST_READS);
      if (reads.length === 0) return;
      const content = encodeMvdsMessage(readStatement(reads, BigInt(this.#now())));
      await this.#options.writer.appendAll([content]);
      await this.#steps.noteTold(reads);
    }
  }
}

function messageIn(content: Uint8Array): MvdsMessage | undefined {
  try {
    return decodeMvdsMessage(content);
  } catch (error) {
    if (!hasCode(error, "ERR_MALFORMED")) throw error;
    return undefined;
  }
}
