import type { Fault, FaultControl } from "@remote-log/conformance";
import type { BlockstoreLike, DatastoreLike, PinsLike } from "@remote-log/ipfs/embedded";
import { allOf } from "./all-of.ts";

/** What changes the bytes that are read. */
const changes: Partial<Record<Fault, (bytes: Uint8Array) => Uint8Array>> = {
  corrupt: (bytes) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte)),
  truncated: (bytes) => bytes.slice(0, bytes.length >> 1),
  extended: (bytes) => Uint8Array.from(Buffer.concat([bytes, Buffer.alloc(1000, ".")])),
};

/** What stores fail with; a system's own error for what only a system says. */
const failures: Partial<Record<Fault, () => Error>> = {
  unreachable: () => new Error("Database is not open"),
  failing: () => new Error("Too many open files"),
  denied: () => Object.assign(new Error("EACCES: permission denied, open"), { code: "EACCES" }),
  // In the way of blockstore-fs and datastore-fs, which keep the text alone.
  quota: () => Object.assign(new Error("Error: ENOSPC: no space left on device"), { name: "PutFailedError" }),
};

const never = (): Promise<never> => new Promise(() => undefined);

/** Two stores and the pins of one, and before them what makes them fail. What they hold stays as it is. */
export class FaultyStores {
  /** How many calls came. */
  calls = 0;
  #met = 0;
  readonly blockstore: BlockstoreLike;
  readonly datastore: DatastoreLike;
  readonly pins: PinsLike;
  readonly faults: FaultControl = {
    kinds: [
      "unreachable",
      "reply-lost",
      "failing",
      "denied",
      "quota",
      "silent",
      "dripping",
      "corrupt",
      "truncated",
      "extended",
    ],
    begin: (fault) => {
      this.#fault = fault;
    },
    end: () => {
      this.#fault = undefined;
    },
    met: () => this.#met,
  };
  #fault: Fault | undefined;

  constructor(blockstore: BlockstoreLike, datastore: DatastoreLike, pins: PinsLike) {
    this.blockstore = {
      put: (...args) => this.#meet(() => blockstore.put(...args)),
      has: (...args) => this.#meet(() => blockstore.has(...args)),
      get: (...args) => this.#pieces(() => blockstore.get(...args)),
    };
    this.datastore = {
      put: (...args) => this.#meet(() => datastore.put(...args)),
      get: (...args) => this.#meet(async () => this.#change(await datastore.get(...args))),
    };
    this.pins = {
      add: (...args) => this.#meet(() => allOf(pins.add(...args) as AsyncIterable<unknown>)),
      rm: (...args) => this.#meet(() => allOf(pins.rm(...args) as AsyncIterable<unknown>)),
    };
  }

  #count(): void {
    this.calls++;
    if (this.#fault !== undefined) this.#met++;
  }

  async #meet<T>(work: () => T): Promise<Awaited<T>> {
    this.#count();
    const fault = this.#fault;
    if (fault === "silent" || fault === "dripping") return never();
    const failure = fault && failures[fault];
    if (failure !== undefined) throw failure();
    const value = await work();
    if (fault === "reply-lost") throw new Error("The connection was lost");
    return value;
  }

  async *#pieces(read: () => ReturnType<BlockstoreLike["get"]>): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#fault === "dripping") {
      this.#count();
      for (;;) yield await new Promise((resolve) => setTimeout(resolve, 4, Uint8Array.of(0x2e)));
    }
    const pieces: Uint8Array[] = [];
    await this.#meet(async () => {
      const given = await read();
      const all = given instanceof Uint8Array ? [given] : given;
      for await (const piece of all) pieces.push(piece);
    });
    yield this.#change(Uint8Array.from(Buffer.concat(pieces)));
  }

  #change(bytes: Uint8Array): Uint8Array {
    const change = this.#fault && changes[this.#fault];
    return change === undefined ? bytes : change(bytes);
  }
}
