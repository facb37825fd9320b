// A key-value store on a log: each update is an entry, and from time to time an entry is the whole store. A reader starts at the
// newest such entry, so that it opens with a handful of requests, however many updates there have been.

import type { Reader, Writer } from "@remote-log/core";

/** After how many updates the whole store is appended: a reader replays at most this many. */
const UPDATES_BETWEEN_SNAPSHOTS = 1000;

/** An update of the store, or all of it, as an entry has it. */
type Message =
  | { readonly set: readonly (readonly [key: string, value: string])[] }
  | { readonly all: readonly (readonly [key: string, value: string])[] };

const encode = (message: Message): Uint8Array => new TextEncoder().encode(JSON.stringify(message));
const decode = (content: Uint8Array): Message => JSON.parse(new TextDecoder().decode(content)) as Message;

function apply(values: Map<string, string>, message: Message): void {
  if ("all" in message) values.clear();
  for (const [key, value] of "all" in message ? message.all : message.set) values.set(key, value);
}

/** The store on the device that writes it. */
export class WritableStore {
  readonly values = new Map<string, string>();
  readonly #writer: Writer;
  #updates = 0;

  private constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** Loads the store from the writer's journal, offline. */
  static async open(writer: Writer): Promise<WritableStore> {
    const store = new WritableStore(writer);
    for await (const { content } of writer.entries(writer.manifest?.snapshot ?? 0)) {
      apply(store.values, decode(content));
      store.#updates++;
    }
    return store;
  }

  /** Sets values, all or none of them. They are durable on this device when it resolves. */
  async set(values: Readonly<Record<string, string>>): Promise<void> {
    const message: Message = { set: Object.entries(values) };
    apply(this.values, message);
    await this.#writer.append(encode(message));
    if (++this.#updates % UPDATES_BETWEEN_SNAPSHOTS === 0)
      await this.#writer.append(encode({ all: [...this.values] }), { snapshot: true });
  }
}

/** The store as a reader has it: from the newest snapshot, and what came after it. */
export async function readStore(reader: Reader): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for await (const { content } of reader.fromSnapshot()) apply(values, decode(content));
  return values;
}
