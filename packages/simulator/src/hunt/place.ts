// A remote that fails, lies and forgets as a schedule says, and that shows everything that is sent to it.

import {
  type Address,
  addressOf,
  NameConflictError,
  type NameResolver,
  NotFoundError,
  type Remote,
  type Resolution,
  rawSha256,
  type StorageBackend,
  TooLargeError,
  UnreachableError,
} from "@remote-log/core";
import { delay, random, randomBytes } from "@remote-log/core/adapter";
import { memoryStorage } from "@remote-log/memory";
import { type FaultKind, Faults } from "./faults.ts";
import type { ProcessLife } from "./process-life.ts";

/** The longest time that a request takes, in milliseconds. */
const LONGEST_REQUEST = 200;

/** The heads of a schedule are small: a larger one is stored as an object. */
const LARGEST_HEAD = 700;

type Value = Extract<Resolution, { status: "found" }>;

/** What a place holds at some moment. */
interface Held {
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly names: ReadonlyMap<string, Value>;
}

/** Called with everything that a process sends, before it can fail. */
export type OnSent = (content: Uint8Array) => void;

/** A place where logs are published. */
export class Place {
  readonly label: string;
  readonly faults: Faults = new Faults();
  readonly contents: Map<string, Uint8Array> = new Map();
  /** Whether it has lost something that its writer was told is there. */
  isHarmed = false;
  /** How many calls were made that change something. */
  writes = 0;
  readonly #names = new Map<string, Value>();
  readonly #past: Held[] = [];
  readonly #largestHead: number;

  constructor(label: string, headsAreObjects: boolean) {
    this.label = label;
    this.#largestHead = headsAreObjects ? LARGEST_HEAD : 1024 * 1024;
  }

  /** The place as one process sees it. */
  remoteFor(life: ProcessLife, onSent: OnSent = () => undefined): Remote {
    return {
      label: this.label,
      storage: this.#storageFor(life, onSent),
      names: this.#namesFor(life, onSent),
    };
  }

  /** Keeps what it holds, so that it can go back to that. */
  remember(): void {
    this.#past.push({ contents: new Map(this.contents), names: new Map(this.#names) });
  }

  /** Goes back to something that it held. */
  goBack(which: number): void {
    const held = this.#past[which % Math.max(1, this.#past.length)];
    if (held !== undefined) this.#become(held);
  }

  /** Loses everything. */
  empty(): void {
    this.#become({ contents: new Map(), names: new Map() });
  }

  /** Loses one content. */
  loseOne(which: number): void {
    const keys = [...this.contents.keys()];
    const key = keys[which % Math.max(1, keys.length)];
    if (key !== undefined) this.contents.delete(key);
    this.isHarmed = true;
  }

  #become({ contents, names }: Held): void {
    this.isHarmed = true;
    this.contents.clear();
    for (const [key, content] of contents) this.contents.set(key, content);
    this.#names.clear();
    for (const [name, value] of names) this.#names.set(name, value);
  }

  #storageFor(life: ProcessLife, onSent: OnSent): StorageBackend {
    const { contents, faults } = this;
    const inner = memoryStorage({ contents });
    const read = <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> =>
      this.#call(life, "storage.get", signal, work);
    return {
      ...inner,
      name: this.label,
      put: (content, options = {}) => {
        onSent(content);
        return this.#write(life, "storage.put", options.signal, async () => {
          const isDropped = faults.meets("dropped");
          const isThere = isDropped && contents.has(`${await addressOf(content, rawSha256)}`);
          const address = await inner.put(content, options);
          if (isDropped && !isThere) {
            contents.delete(`${address}`);
            this.isHarmed = true;
          }
          return address;
        });
      },
      get: (address, options = {}) =>
        read(options.signal, async () => {
          if (faults.meets("hidden")) throw hidden(address);
          const content = await inner.get(address, options);
          if (faults.meets("corrupt") && content.length > 0) {
            const at = Math.floor(random() * content.length);
            content[at] = content[at]! ^ (1 << Math.floor(random() * 8));
          }
          if (!faults.meets("swapped")) return content;
          const others = [...contents.values()].filter(
            ({ length }) => length <= (options.maxBytes ?? length),
          );
          return new Uint8Array(others[Math.floor(random() * others.length)] ?? content);
        }),
      has: (address, options = {}) =>
        read(options.signal, async () => !faults.meets("hidden") && (await inner.has(address, options))),
      delete: (address, options = {}) =>
        this.#write(life, "storage.delete", options.signal, () => inner.delete!(address, options)),
    };
  }

  #namesFor(life: ProcessLife, onSent: OnSent): NameResolver {
    const largestContent = this.#largestHead;
    return {
      name: this.label,
      capabilities: { compareAndSet: "atomic", readYourWrites: true, largestContent, watch: false },
      update: async (name, content, { expected, signal }) => {
        if (content.length > largestContent)
          throw new TooLargeError("The head is too large.", {
            operation: "names.update",
            limit: largestContent,
          });
        onSent(content);
        return this.#write(life, "names.update", signal, async () => {
          const held = this.#names.get(name)?.revision ?? null;
          if (held !== expected)
            throw new NameConflictError(`The name holds ${held}.`, { operation: "names.update" });
          // A place that went back gives out no revision twice.
          const revision = Buffer.from(randomBytes(8, "names.update")).toString("hex");
          this.#names.set(name, { status: "found", content: new Uint8Array(content), revision });
          return revision;
        });
      },
      resolve: (name, { known, signal } = {}) =>
        this.#call(life, "names.resolve", signal, async () => {
          const past = this.#past.map(({ names }) => names.get(name));
          const isOutdated = this.faults.meets("outdated");
          const value = isOutdated ? past[Math.floor(random() * past.length)] : this.#names.get(name);
          if (value === undefined) return { status: "absent" };
          if (value.revision === known) return { status: "unchanged", revision: known };
          return { ...value, content: new Uint8Array(value.content) };
        }),
    };
  }

  async #write<T>(
    life: ProcessLife,
    operation: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    this.writes++;
    return this.#call(life, operation, signal, async () => {
      const result = await work();
      if (this.faults.meets("lost-answer")) throw unreachable(operation, "lost-answer");
      return result;
    });
  }

  /** A call takes its time before it has an effect, and after it. */
  async #call<T>(
    life: ProcessLife,
    operation: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    await life.effect(() => undefined);
    await pause(signal);
    if (this.faults.meets("silent")) await delay(2 ** 31 - 1, signal);
    if (this.faults.meets("down")) throw unreachable(operation, "down");
    const result = await work();
    await pause(signal);
    await life.effect(() => undefined);
    return result;
  }
}

function pause(signal: AbortSignal | undefined): Promise<void> {
  return delay(Math.floor(random() * LONGEST_REQUEST), signal);
}

function unreachable(operation: string, kind: FaultKind): UnreachableError {
  return new UnreachableError(`The place gave no answer (${kind}).`, { operation });
}

function hidden(address: Address): NotFoundError {
  return new NotFoundError(`The place says that it has nothing at ${address}.`, { operation: "storage.get" });
}
