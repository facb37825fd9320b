// All that an engine knows, in one place for those who work on it.

import type { MvdsMessage } from "@remote-log/core";
import { hexOf, uint64Of } from "../bytes.ts";
import { Groups } from "./groups.ts";
import { epochKey, inboxKey, inboxKeys, outboxKey, outboxKeys } from "./keys.ts";
import type { FilledOptions } from "./options.ts";
import { IdQueue, Reactions } from "./queues.ts";
import { Records } from "./records.ts";
import { Statements } from "./statements.ts";
import type { Store } from "./store.ts";
import { Waits } from "./waits.ts";

/** How many ids of ephemeral messages are remembered, so that one that a transport doubles is delivered once. */
const RECENT = 1024;

/** An ephemeral message that waits for the application. */
export interface Passing {
  readonly id: Uint8Array;
  readonly message: MvdsMessage;
  readonly peer: string;
}

/** All that an engine knows. */
export class State {
  readonly options: FilledOptions;
  readonly store: Store;
  readonly groups: Groups;
  readonly records: Records;
  readonly waits: Waits = new Waits();
  readonly statements: Statements = new Statements();
  readonly reactions: Reactions;
  readonly inbox: IdQueue = new IdQueue(inboxKey, inboxKeys);
  readonly outbox: IdQueue = new IdQueue(outboxKey, outboxKeys);
  /** Ephemeral messages that wait for the application. */
  readonly passing: Passing[] = [];
  epoch = 0;
  readonly #recent = new Set<string>();

  private constructor(options: FilledOptions, store: Store) {
    this.options = options;
    this.store = store;
    this.groups = new Groups(options);
    this.records = new Records(options);
    this.reactions = new Reactions(options.limits.maxReactions);
  }

  /** Reads what an earlier run left. */
  static async load(options: FilledOptions, store: Store): Promise<State> {
    const state = new State(options, store);
    const epoch = await store.get(epochKey);
    if (epoch !== undefined) state.epoch = uint64Of(epoch);
    for (const part of [
      state.groups,
      state.records,
      state.waits,
      state.statements,
      state.inbox,
      state.outbox,
    ])
      await part.load(store);
    return state;
  }

  /** Notes an ephemeral message. `false` if it was seen a short time ago. */
  isNew(id: Uint8Array): boolean {
    const key = hexOf(id);
    if (this.#recent.has(key)) return false;
    this.#recent.add(key);
    if (this.#recent.size > RECENT) {
      const [oldest] = this.#recent;
      this.#recent.delete(oldest!);
    }
    return true;
  }
}
