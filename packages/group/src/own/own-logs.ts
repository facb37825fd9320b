// The logs that this device writes: its messages, and what it says of the members.

import type { KeyValueDatabase, Receipt } from "@remote-log/core";
import { Semaphore } from "@remote-log/core/adapter";
import type { ValueForm } from "../codec.ts";
import type { GroupKeys } from "../keys.ts";
import { type Card, encodeRecord, type MembershipRecord } from "../members/records.ts";
import type { GroupOptions } from "../options.ts";
import type { GroupStore, NewEntry } from "../store/group-store.ts";
import { prefixedDatabase } from "../store/prefixed-database.ts";
import { decodeEnvelope, encodeEnvelope } from "../wire/envelope.ts";
import { OwnLog } from "./own-log.ts";

const MESSAGES = new Uint8Array([1]);
const CONTROL = new Uint8Array([2]);

/** The logs of this device. What is appended to one is in the store, too, when it resolves. */
export class OwnLogs {
  readonly messages: OwnLog;
  readonly control: OwnLog;
  readonly #store: GroupStore;
  readonly #now: () => number;
  // One after another, so that each message names all that was seen before it.
  readonly #appending = new Semaphore(1);

  private constructor(messages: OwnLog, control: OwnLog, store: GroupStore, now: () => number) {
    this.messages = messages;
    this.control = control;
    this.#store = store;
    this.#now = now;
  }

  /** Opens both, and brings the store up to date with them. */
  static async open(
    keys: GroupKeys,
    journal: KeyValueDatabase,
    store: GroupStore,
    options: Pick<GroupOptions<never>, "remotes" | "sync"> & { readonly now: () => number },
  ): Promise<OwnLogs> {
    const messages = await OwnLog.open(keys.messages, prefixedDatabase(journal, MESSAGES), options);
    try {
      const control = await OwnLog.open(keys.control, prefixedDatabase(journal, CONTROL), options);
      const logs = new OwnLogs(messages, control, store, options.now);
      await logs.#copy(messages, messageOf);
      await logs.#copy(control, (log, sequence, content, receivedAt) => ({
        log,
        sequence,
        content,
        receivedAt,
      }));
      return logs;
    } catch (error) {
      await messages.close();
      throw error;
    }
  }

  /** What this device shows of itself. */
  card(name: string, recipient: string): Card {
    return { messages: this.messages.link, control: this.control.link, recipient, name };
  }

  /** Appends a message. */
  async appendMessage(
    body: Uint8Array,
    form: ValueForm,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly receipt: Receipt; readonly time: number }> {
    return this.#appending.run(signal, async () => {
      const parents = this.#store.frontier(this.messages.id);
      const receivedAt = this.#now();
      const time = Math.max(receivedAt, this.#store.latest + 1);
      const content = encodeEnvelope({ time, parents, type: form.type, version: form.version, body });
      const receipt = await this.messages.append(content, signal);
      const { sequence } = receipt;
      await this.#store.add([{ log: this.messages.id, sequence, content, receivedAt, time, parents }]);
      return { receipt, time };
    });
  }

  /** Appends what this device says of the members. */
  async appendRecord(
    record: MembershipRecord,
    signal?: AbortSignal,
  ): Promise<{ sequence: number; content: Uint8Array }> {
    return this.#appending.run(signal, async () => {
      const content = encodeRecord(record);
      const { sequence } = await this.control.append(content, signal);
      await this.#store.add([{ log: this.control.id, sequence, content, receivedAt: this.#now() }]);
      return { sequence, content };
    });
  }

  /** Closes both. */
  async close(): Promise<void> {
    await this.messages.close();
    await this.control.close();
  }

  // What a crash kept out of the store, or a store that is new, is in the journal.
  async #copy(
    { id, writer }: OwnLog,
    entryOf: (log: string, sequence: number, content: Uint8Array, receivedAt: number) => NewEntry,
  ): Promise<void> {
    const { next } = this.#store.stateOf(id);
    const receivedAt = this.#now();
    let step: NewEntry[] = [];
    for await (const { sequence, content } of writer.entries(next, { removed: "skip" })) {
      step.push(entryOf(id, sequence, content, receivedAt));
      if (step.length < 256) continue;
      await this.#store.add(step);
      step = [];
    }
    await this.#store.add(step);
  }
}

function messageOf(log: string, sequence: number, content: Uint8Array, receivedAt: number): NewEntry {
  const { time, parents } = decodeEnvelope(content);
  return { log, sequence, content, receivedAt, time, parents };
}
