// The database of a node, and one step of work on it: everything that a step changes is written at once, or nothing.

import {
  type BatchOperation,
  JournalError,
  JournalLockedError,
  type KeyRange,
  type KeyValueDatabase,
} from "@remote-log/core";
import { hexOf } from "../bytes.ts";
import type { MvdsEvent } from "./options.ts";

const view = { keyEncoding: "view", valueEncoding: "view" } as const;

/** The database of a node. */
export class Store {
  readonly #database: KeyValueDatabase;

  private constructor(database: KeyValueDatabase) {
    this.#database = database;
  }

  /**
   * Opens it.
   *
   * @throws JournalLockedError `ERR_JOURNAL_LOCKED` if another process has it open, JournalError `ERR_JOURNAL`
   */
  static async open(database: KeyValueDatabase): Promise<Store> {
    try {
      await database.open();
    } catch (cause) {
      const codes = [cause, (cause as { cause?: unknown }).cause].map(
        (error) => (error as { code?: unknown })?.code,
      );
      if (!codes.includes("LEVEL_LOCKED")) throw failed("opened", cause);
      throw new JournalLockedError(
        "Another process has the database of this node open. Close that one first.",
        {
          operation: "mvds.open",
          cause,
        },
      );
    }
    return new Store(database);
  }

  /** A value, or `undefined`. */
  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return await this.#database.get(key, view);
    } catch (cause) {
      throw failed("read", cause);
    }
  }

  /** The keys and values of a range, in order. */
  async *range(range: KeyRange): AsyncGenerator<[Uint8Array, Uint8Array], void, undefined> {
    try {
      for await (const pair of this.#database.iterator({ ...view, ...range })) yield pair;
    } catch (cause) {
      throw failed("read", cause);
    }
  }

  /** Writes what a step has changed. */
  async commit(step: Step): Promise<void> {
    const operations = step.operations();
    if (operations.length === 0) return;
    try {
      await this.#database.batch(operations, { ...view, sync: step.durable });
    } catch (cause) {
      throw failed("written", cause);
    }
  }

  /** Closes it. */
  close(): Promise<void> {
    return this.#database.close();
  }
}

/** One step of work: what it changes in the database, and what there is to tell once that is written. */
export class Step {
  /** What there is to tell. */
  readonly events: MvdsEvent[] = [];
  /** Whether a power cut may not undo it: what a peer is told to be here, and what the application handed over. */
  durable = false;
  readonly #store: Store;
  readonly #changes = new Map<string, BatchOperation>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A value, as this step has left it. */
  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const change = this.#changes.get(hexOf(key));
    if (change === undefined) return this.#store.get(key);
    return change.type === "put" ? change.value : undefined;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#changes.set(hexOf(key), { type: "put", key, value });
  }

  delete(key: Uint8Array): void {
    this.#changes.set(hexOf(key), { type: "del", key });
  }

  tell(event: MvdsEvent): void {
    this.events.push(event);
  }

  operations(): BatchOperation[] {
    return [...this.#changes.values()];
  }
}

function failed(verb: string, cause: unknown): JournalError {
  return new JournalError(
    `The database of the node could not be ${verb}. Look at the cause (a full disk, for example), then open the node again.`,
    { operation: "mvds.database", cause },
  );
}
