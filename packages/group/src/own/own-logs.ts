// The logs that this device writes: its messages, what it attaches to them, and what it says of the members.

import type { JournalWitness, KeyValueDatabase, Receipt } from "@remote-log/core";
import { bytesEqual, Semaphore } from "@remote-log/core/adapter";
import type { GroupKeys } from "../keys.ts";
import { type Card, encodeRecord, type MembershipRecord } from "../members/records.ts";
import type { GroupOptions, UndecodableEntry } from "../options.ts";
import type { GroupStore, NewEntry } from "../store/group-store.ts";
import { prefixedDatabase } from "../store/prefixed-database.ts";
import { storeWitness } from "../store/store-witness.ts";
import { decodeEnvelope, type Envelope, encodeOwnEnvelope, timeOf } from "../wire/envelope.ts";
import { type EntryPlace, messageId } from "../wire/position.ts";
import { OwnLog } from "./own-log.ts";

const MESSAGES = new Uint8Array([1]);
const CONTROL = new Uint8Array([2]);
const ATTACHMENTS = new Uint8Array([6]);

/** What the logs of a device are opened with. */
interface OwnLogsOptions extends Pick<GroupOptions<never>, "remotes" | "sync"> {
  readonly now: () => number;
  /** The database of the store. */
  readonly database: KeyValueDatabase;
  readonly onUndecodable: (entry: UndecodableEntry) => void;
}

/** The logs of this device. What is appended to one is in the store, too, when it resolves. */
export class OwnLogs {
  readonly messages: OwnLog;
  readonly control: OwnLog;
  readonly attachments: OwnLog;
  readonly #store: GroupStore;
  readonly #now: () => number;
  readonly #onUndecodable: (entry: UndecodableEntry) => void;
  // One after another, so that each message names all that was seen before it.
  readonly #appending = new Semaphore(1);

  private constructor(
    [messages, control, attachments]: readonly [OwnLog, OwnLog, OwnLog],
    store: GroupStore,
    { now, onUndecodable }: Pick<OwnLogsOptions, "now" | "onUndecodable">,
  ) {
    this.messages = messages;
    this.control = control;
    this.attachments = attachments;
    this.#store = store;
    this.#now = now;
    this.#onUndecodable = onUndecodable;
  }

  /** Opens them, and then the store: whoever has the logs has it, too. Brings it up to date with them. */
  static async open(
    keys: GroupKeys,
    journal: KeyValueDatabase,
    store: GroupStore,
    options: OwnLogsOptions,
  ): Promise<OwnLogs> {
    const opened: OwnLog[] = [];
    const open = async (seed: Uint8Array, prefix: Uint8Array): Promise<OwnLog> => {
      const witness = (): JournalWitness => storeWitness(options.database, prefix[0]!);
      const log = await OwnLog.open(seed, prefixedDatabase(journal, prefix), { ...options, witness });
      opened.push(log);
      return log;
    };
    try {
      const messages = await open(keys.messages, MESSAGES);
      const control = await open(keys.control, CONTROL);
      const attachments = await open(keys.attachments, ATTACHMENTS);
      await store.open();
      const logs = new OwnLogs([messages, control, attachments], store, options);
      for (const log of logs.#kept) if (!log.isBehind) await logs.#copy(log);
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
      const content = encodeOwnEnvelope({ time, parents, type, version, body, attachments });
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

  /** Whether the journal of one of them knows less than what was acknowledged or published: it was put back from a backup. */
  get isBehind(): boolean {
    return this.#all.some(({ isBehind }) => isBehind);
  }

  /**
   * Reads back what journals lack, and brings the store up to date with them.
   *
   * @returns the entries that the store had and that do not stand there any more
   */
  async recover(signal: AbortSignal | undefined): Promise<readonly EntryPlace[]> {
    const withdrawn: EntryPlace[] = [];
    return this.#appending.run(signal, async () => {
      for (const log of this.#all) {
        if (!log.isBehind) continue;
        await log.recover(signal);
        if (!this.#kept.includes(log)) continue;
        const dropped = await this.#dropOthers(log);
        withdrawn.push(...dropped);
        await this.#copy(log);
      }
      return withdrawn;
    });
  }

  /** How many they are. */
  get count(): number {
    return this.#all.length;
  }

  get #all(): readonly OwnLog[] {
    return [this.messages, this.control, this.attachments];
  }

  get #kept(): readonly OwnLog[] {
    return [this.messages, this.control];
  }

  // What was appended while the journal was behind has another number now.
  async #dropOthers({ id, writer }: OwnLog): Promise<readonly EntryPlace[]> {
    for await (const { sequence, content } of writer.entries(0, { removed: "skip" })) {
      const kept = await this.#store.entry({ log: id, sequence });
      if (kept !== undefined && !bytesEqual(kept.content, content))
        return this.#store.drop(id, sequence, timeOf);
    }
    return this.#store.drop(id, writer.size, timeOf);
  }

  // What a crash kept out of the store, or a store that is new, is in the journal.
  async #copy({ id, writer }: OwnLog): Promise<void> {
    const isMessage = id === this.messages.id;
    const { next } = this.#store.stateOf(id);
    const receivedAt = this.#now();
    let step: NewEntry[] = [];
    for await (const { sequence, content } of writer.entries(next, { removed: "skip" })) {
      const entry = { log: id, sequence, content, receivedAt };
      step.push(isMessage ? this.#messageOf(entry) : entry);
      if (step.length < 256) continue;
      await this.#store.add(step);
      step = [];
    }
    await this.#store.add(step);
  }

  // What a newer version wrote here may be none that this one reads; it keeps its number.
  #messageOf(entry: NewEntry): NewEntry {
    try {
      const { time, parents } = decodeEnvelope(entry.content);
      return { ...entry, time, parents };
    } catch (error) {
      this.#onUndecodable({ id: messageId(entry), author: entry.log, error });
      return entry;
    }
  }
}
