// The logs that this device writes: its messages, what it attaches to them, and what it says of the members.

import type { KeyValueDatabase, Receipt } from "@remote-log/core";
import { Semaphore } from "@remote-log/core/adapter";
import type { GroupKeys } from "../keys.ts";
import { type Card, encodeRecord, type MembershipRecord } from "../members/records.ts";
import type { GroupOptions } from "../options.ts";
import type { GroupStore, NewEntry } from "../store/group-store.ts";
import { prefixedDatabase } from "../store/prefixed-database.ts";
import { decodeEnvelope, type Envelope, encodeEnvelope } from "../wire/envelope.ts";
import { OwnLog } from "./own-log.ts";

const MESSAGES = new Uint8Array([1]);
const CONTROL = new Uint8Array([2]);
const ATTACHMENTS = new Uint8Array([6]);

/** The logs of this device. What is appended to one is in the store, too, when it resolves. */
export class OwnLogs {
  readonly messages: OwnLog;
  readonly control: OwnLog;
  readonly attachments: OwnLog;
  readonly #store: GroupStore;
  readonly #now: () => number;
  // One after another, so that each message names all that was seen before it.
  readonly #appending = new Semaphore(1);

  private constructor(
    [messages, control, attachments]: readonly [OwnLog, OwnLog, OwnLog],
    store: GroupStore,
    now: () => number,
  ) {
    this.messages = messages;
    this.control = control;
    this.attachments = attachments;
    this.#store = store;
    this.#now = now;
  }

  /** Opens them, and then the store: whoever has the logs has it, too. Brings it up to date with them. */
  static async open(
    keys: GroupKeys,
    journal: KeyValueDatabase,
    store: GroupStore,
    options: Pick<GroupOptions<never>, "remotes" | "sync"> & { readonly now: () => number },
  ): Promise<OwnLogs> {
    const opened: OwnLog[] = [];
    const open = async (seed: Uint8Array, prefix: Uint8Array): Promise<OwnLog> => {
      const log = await OwnLog.open(seed, prefixedDatabase(journal, prefix), options);
      opened.push(log);
      return log;
    };
    try {
      const messages = await open(keys.messages, MESSAGES);
      const control = await open(keys.control, CONTROL);
      const attachments = await open(keys.attachments, ATTACHMENTS);
      await store.open();
      const logs = new OwnLogs([messages, control, attachments], store, options.now);
      await logs.#copy(messages, messageOf);
      await logs.#copy(control, (log, sequence, content, receivedAt) => ({
        log,
        sequence,
        content,
        receivedAt,
      }));
      return logs;
    } catch (error) {
      for (const log of opened) await log.close();
      throw error;
    }
  }

  /** What this device shows of itself. */
  card(name: string, recipient: string): Card {
    const [messages, control, attachments] = [this.messages.link, this.control.link, this.attachments.link];
    return { messages, control, attachments, recipient, name };
  }

  /** Appends a message. */
  async appendMessage(
    { body, type, version, attachments }: Omit<Envelope, "time" | "parents">,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly receipt: Receipt; readonly time: number }> {
    return this.#appending.run(signal, async () => {
      const parents = this.#store.frontier(this.messages.id);
      const receivedAt = this.#now();
      const time = Math.max(receivedAt, this.#store.latest + 1);
      const content = encodeEnvelope({ time, parents, type, version, body, attachments });
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

  /** Publishes what waits: attachments before the messages that name them. */
  async publish(signal: AbortSignal | undefined): Promise<void> {
    for (const log of [this.control, this.attachments, this.messages]) await log.publish(signal);
  }

  /** Closes them. */
  async close(): Promise<void> {
    for (const log of [this.messages, this.control, this.attachments]) await log.close();
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
