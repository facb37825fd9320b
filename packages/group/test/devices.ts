// Devices of a group over one place in memory, that can each be cut off from it.

import { generateSeed, openWriter, type Remote, UnreachableError } from "@remote-log/core";
import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { type Group, type GroupOptions, jsonCodec, openGroup } from "../src/index.ts";
import { GroupKeys } from "../src/keys.ts";
import { encodeRecord, type MembershipRecord } from "../src/members/records.ts";
import { prefixedDatabase } from "../src/store/prefixed-database.ts";

/** What the tests write. */
export interface Note {
  readonly text: string;
}

/** A place that every device reaches while it is online. */
export class Place {
  readonly #contents = new Map<string, Uint8Array>();
  readonly #table = new NameTable();
  /** How many bytes of contents were read from it. */
  bytesRead = 0;
  /** How many requests were made to it, by their kinds. */
  readonly requests = { put: 0, get: 0, has: 0, resolve: 0, update: 0 };

  /** Shows names as they are now again, whatever was published since. */
  remember(): () => void {
    const values = new Map(this.#table.values);
    return () => {
      for (const [name, value] of values) this.#table.values.set(name, value);
    };
  }

  /** A way to it, which fails while the device is offline. */
  remote(isOnline: () => boolean): Remote {
    const check = (): void => {
      if (!isOnline()) throw new UnreachableError("The device is offline.", { operation: "storage.get" });
    };
    const kept = memoryStorage({ contents: this.#contents });
    const storage: typeof kept = {
      ...kept,
      get: async (...words) => {
        const content = await kept.get(...words);
        this.bytesRead += content.length;
        return content;
      },
    };
    const names = memoryNames({ table: this.#table });
    return {
      label: "place",
      storage: cutOff(storage, ["put", "get", "has"], check, this.requests),
      names: cutOff(names, ["resolve", "update"], check, this.requests),
    };
  }
}

function cutOff<T extends object>(
  part: T,
  methods: readonly (keyof T & string)[],
  check: () => void,
  requests: Record<string, number>,
): T {
  const changed = Object.fromEntries(
    methods.map((method) => [
      method,
      async (...words: unknown[]) => {
        check();
        requests[method]!++;
        return (part[method] as (...given: unknown[]) => unknown).apply(part, words);
      },
    ]),
  );
  return { ...part, ...changed };
}

/** A device: its disks, which outlive its processes. */
export class Device {
  readonly name: string;
  readonly seed: Uint8Array = generateSeed();
  online = true;
  readonly #place: Place;
  readonly #more: Partial<GroupOptions<Note>>;
  #journal = new MemoryLevel<Uint8Array, Uint8Array>();
  #store = new MemoryLevel<Uint8Array, Uint8Array>();
  #group: Group<Note> | undefined;

  constructor(name: string, place: Place, more: Partial<GroupOptions<Note>> = {}) {
    this.name = name;
    this.#place = place;
    this.#more = more;
  }

  /** Its group, while it is open. */
  get group(): Group<Note> {
    if (this.#group === undefined) throw new Error(`${this.name} is not open.`);
    return this.#group;
  }

  /** Opens its group, by an invitation or the one that it has. */
  async open(invite?: string, more: Partial<GroupOptions<Note>> = {}): Promise<Group<Note>> {
    const remote = (): Remote => this.#place.remote(() => this.online);
    this.#group = await openGroup<Note>({
      seed: this.seed,
      journal: keptOpen(this.#journal),
      store: keptOpen(this.#store),
      codec: jsonCodec<Note>(),
      remotes: () => [{ remote: remote(), uri: "memory:place" }],
      schemes: { "memory:": remote },
      name: this.name,
      sync: "manual",
      retries: 0,
      ...(invite !== undefined && { invite }),
      ...this.#more,
      ...more,
    });
    return this.#group;
  }

  /** Closes it, and opens it again with what is on its disks. */
  async restart(): Promise<Group<Note>> {
    await this.group.close();
    return this.open();
  }

  /** Loses what it has read; its journal stays. */
  loseStore(): void {
    this.#store = new MemoryLevel<Uint8Array, Uint8Array>();
  }

  /** What is on its disks now. */
  async backUp(which: { readonly store: boolean }): Promise<() => Promise<void>> {
    const journal = await copyOf(this.#journal);
    const store = which.store ? await copyOf(this.#store) : undefined;
    return async () => {
      this.#journal = await copyOf(journal);
      if (store !== undefined) this.#store = await copyOf(store);
    };
  }

  /** Publishes entries in its log of messages that no honest device would write. Its group is closed. */
  async forge(...contents: readonly Uint8Array[]): Promise<void> {
    await this.#forge(this.seed, 1, contents);
  }

  /** The same in its control log. */
  async forgeRecords(...records: readonly MembershipRecord[]): Promise<void> {
    await this.#forge(new GroupKeys(this.seed).control, 2, records.map(encodeRecord));
  }

  async #forge(seed: Uint8Array, prefix: number, contents: readonly Uint8Array[]): Promise<void> {
    const writer = await openWriter({
      seed,
      journal: prefixedDatabase(keptOpen(this.#journal), Uint8Array.of(prefix)),
      remotes: [this.#place.remote(() => true)],
      publish: "manual",
    });
    await writer.appendAll(contents);
    await writer.publish();
    await writer.close();
  }

  /** The texts on it, in order. */
  async texts(): Promise<readonly string[]> {
    const texts: string[] = [];
    for await (const { value } of this.group.messages()) texts.push(value.text);
    return texts;
  }
}

async function copyOf(
  database: MemoryLevel<Uint8Array, Uint8Array>,
): Promise<MemoryLevel<Uint8Array, Uint8Array>> {
  const views = { keyEncoding: "view", valueEncoding: "view" } as const;
  const copy = new MemoryLevel<Uint8Array, Uint8Array>();
  await copy.open();
  for await (const [key, value] of database.iterator(views))
    await copy.put(key.slice(), value.slice(), views);
  return copy;
}

/** A database in memory that keeps what it holds when it is closed. */
function keptOpen(database: MemoryLevel<Uint8Array, Uint8Array>): MemoryLevel<Uint8Array, Uint8Array> {
  return new Proxy(database, {
    get(target, key) {
      if (key === "close") return async () => undefined;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value as (...words: unknown[]) => unknown).bind(target) : value;
    },
  });
}

/** A group of devices, each let in by the first, and all up to date. */
export async function groupOf(
  names: readonly string[],
  more: Partial<GroupOptions<Note>> = {},
): Promise<{ readonly place: Place; readonly devices: readonly Device[] }> {
  const place = new Place();
  const devices = names.map((name) => new Device(name, place, more));
  const [founder, ...others] = devices;
  await founder!.open();
  for (const device of others) await comeIn(device, founder!);
  await settle(devices);
  return { place, devices };
}

/** Brings a device in, by the invitation of another. */
export async function comeIn(
  newcomer: Device,
  inviter: Device,
  options: Parameters<Group<Note>["invite"]>[0] = {},
): Promise<void> {
  const invite = await inviter.group.invite(options);
  await inviter.group.sync();
  await newcomer.open(invite);
  await newcomer.group.sync();
  await inviter.group.sync();
  await newcomer.group.sync();
}

/** Lets every device read what the others have; twice, as the first round may name whom to read. */
export async function settle(devices: readonly Device[]): Promise<void> {
  for (let round = 0; round < 3; round++) for (const { group } of devices) await group.sync();
}
