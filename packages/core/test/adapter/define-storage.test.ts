import { failure, tick } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { type Call, defineStorage, lifetimeOf, limitCalls } from "../../src/adapter/index.ts";
import { Address, addressOf, NotFoundError, rawSha256, type StorageBackend } from "../../src/index.ts";
import { never, storageDriver } from "./fake-drivers.ts";

const content = new Uint8Array([1, 2, 3]);
const address = await addressOf(content, rawSha256);
const foreign = Address.create(0x55, 0x13, new Uint8Array(64).fill(7));

test("what was put is there, and an absence is ERR_NOT_FOUND, or false", async () => {
  const storage = defineStorage(storageDriver().driver);
  expect(await storage.has(address)).toBe(false);
  const error = await failure(storage.get(address));
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error).toMatchObject({ operation: "storage.get", retry: "never" });
  expect(`${await storage.put(content)}`).toBe(`${address}`);
  expect(await storage.get(address)).toEqual(content);
  expect(await storage.has(address)).toBe(true);
});

test("capabilities are frozen, and tell of delete and list just if the driver has them", () => {
  const plain: StorageBackend = defineStorage(storageDriver().driver);
  expect(plain.capabilities).toMatchObject({ delete: false, list: false });
  expect("delete" in plain || "list" in plain).toBe(false);
  const able = defineStorage(storageDriver({ delete: async () => undefined, async *list() {} }).driver);
  expect(able.capabilities).toMatchObject({ delete: true, list: true });
  expect([typeof able.delete, typeof able.list]).toEqual(["function", "function"]);
  expect(Object.isFrozen(able.capabilities)).toBe(true);
  expect(Object.isFrozen(able.capabilities.hashTypes)).toBe(true);
});

test("bytes that the caller changes after the call are not those that are stored", async () => {
  const storage = defineStorage(storageDriver().driver);
  const mine = new Uint8Array(content);
  const putting = storage.put(mine);
  mine.fill(9);
  expect(`${await putting}`).toBe(`${address}`);
});

test("what is returned is the caller's: no Buffer, and no part of a pool", async () => {
  const pool = Buffer.from([0, 1, 2, 3, 0]);
  const storage = defineStorage(storageDriver({ get: async () => pool.subarray(1, 4) }).driver);
  const got = await storage.get(address);
  pool.fill(9);
  expect(got.constructor).toBe(Uint8Array);
  expect(got).toEqual(content);
});

test("a content over the limit is ERR_TOO_LARGE before the driver is asked; one at the limit is not", async () => {
  const { driver, calls } = storageDriver({ tooLarge: "Split it." });
  const storage = defineStorage(driver);
  await storage.put(new Uint8Array(100));
  expect(calls()).toBe(1);
  expect(await failure(storage.put(new Uint8Array(101)))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 100,
    operation: "storage.put",
    message: expect.stringMatching(/101 bytes.*100\. Split it\.$/),
  });
  expect(calls()).toBe(1);
});

test("the driver is told the smaller of maxBytes and the largest read, and more is refused whatever it does", async () => {
  const limits: number[] = [];
  const { driver } = storageDriver({
    capabilities: { largestContent: 100, largestRead: 200, hashTypes: [rawSha256], readYourWrites: true },
    get: async (_address: Address, limit: number) => {
      limits.push(limit);
      return new Uint8Array(150);
    },
  });
  const storage = defineStorage(driver);
  expect(await storage.get(address)).toHaveLength(150);
  expect(await failure(storage.get(address, { maxBytes: 149 }))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 149,
  });
  await storage.get(address, { maxBytes: 1000 });
  expect(limits).toEqual([200, 149, 200]);
});

test("an address of another kind is ERR_INTEGRITY before the driver is asked", async () => {
  const { driver, calls } = storageDriver({ delete: async () => expect.unreachable() });
  const storage = defineStorage(driver);
  for (const method of ["get", "has", "delete"] as const) {
    expect(await failure(storage[method](foreign))).toMatchObject({ code: "ERR_INTEGRITY" });
  }
  expect(calls()).toBe(0);
});

test.each([
  [
    "put a text",
    (s: StorageBackend) => s.put("text" as never),
    /`content` must be a Uint8Array, not a string/,
  ],
  ["put an array", (s: StorageBackend) => s.put([1] as never), /`content` .* not Array/],
  ["put nothing", (s: StorageBackend) => s.put(undefined as never), /`content` .* not undefined/],
  ["get a text", (s: StorageBackend) => s.get("bafk" as never), /`address` must be an Address, not a string/],
  ["has null", (s: StorageBackend) => s.has(null as never), /`address` must be an Address, not null/],
  [
    "get an object without a prototype",
    (s: StorageBackend) => s.get(Object.create(null)),
    /`address` must be an Address, not an object/,
  ],
  [
    "get a clone of an address, whose text is not the address",
    (s: StorageBackend) => s.get(structuredClone(address)),
    /`address` must be an Address, not Object/,
  ],
  [
    "a limit that is no number",
    (s: StorageBackend) => s.get(address, { maxBytes: Number.NaN }),
    /`maxBytes` must be a number of bytes/,
  ],
  [
    "a signal that is none",
    (s: StorageBackend) => s.get(address, { signal: {} as never }),
    /`signal` must be an AbortSignal/,
  ],
])(
  "an argument of a wrong type is ERR_INVALID_INPUT before the driver is asked: %s",
  async (_, act, message) => {
    const { driver, calls } = storageDriver();
    const error = await failure(act(defineStorage(driver)));
    expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", message: expect.stringMatching(message) });
    expect(calls()).toBe(0);
  },
);

test("what was passed in place of an address is not repeated: it may be a secret", async () => {
  const storage = defineStorage(storageDriver().driver);
  const error = await failure(storage.get("hunter2" as never));
  expect((error as Error).message).not.toContain("hunter2");
});

test("an address of another copy of this package is taken", async () => {
  const storage = defineStorage(storageDriver().driver);
  await storage.put(content);
  // The same parts and methods, and another class.
  const { bytes, codec, hash, digest } = address;
  const other = { bytes, codec, hash, digest, toString: () => `${address}` };
  expect(await storage.has(other as never)).toBe(true);
  expect(await failure(storage.has({ bytes } as never))).toMatchObject({ code: "ERR_INVALID_INPUT" });
});

test("an abort ends a driver that ignores its signal, with the signal's own reason; close with ERR_CLOSED", async () => {
  const storage = defineStorage(storageDriver({ get: never }).driver);
  const controller = new AbortController();
  const reading = storage.get(address, { signal: controller.signal });
  controller.abort("gave up");
  expect(await failure(reading)).toBe("gave up");
  const closed = failure(storage.get(address));
  await storage.close();
  expect(await closed).toMatchObject({ code: "ERR_CLOSED", operation: "storage.get" });
  expect(await failure(storage.put(content))).toMatchObject({ code: "ERR_CLOSED" });
});

test("a cooperative driver is never left half-way: abort and close wait until it looks at its signal", async () => {
  let finish: (() => void) | undefined;
  const work = async (_content: Uint8Array, { signal }: Call): Promise<Address> => {
    await new Promise<void>((resolve) => (finish = resolve));
    signal.throwIfAborted();
    return address;
  };
  const { driver } = storageDriver({ interruption: "cooperative", put: work });
  const storage = defineStorage(driver);
  const controller = new AbortController();
  let ended = false;
  const putting = failure(storage.put(content, { signal: controller.signal })).finally(() => (ended = true));
  controller.abort("gave up");
  await tick();
  expect(ended).toBe(false);
  finish!();
  expect(await putting).toBe("gave up");
  const last = storage.put(content);
  const closing = storage.close();
  await tick();
  finish!();
  expect(`${await last}`).toBe(`${address}`);
  await closing;
});

test("what the driver throws is translated, with what was being done; an error of this project stays", async () => {
  const cause = new TypeError("fetch failed");
  const storage = defineStorage(storageDriver({ get: () => Promise.reject(cause) }).driver);
  expect(await failure(storage.get(address))).toMatchObject({
    code: "ERR_UNREACHABLE",
    operation: "storage.get",
    cause,
    message: expect.stringContaining(`${address} at the fake service failed`),
  });
  const own = new NotFoundError("no", { operation: "storage.get" });
  expect(
    await failure(defineStorage(storageDriver({ get: () => Promise.reject(own) }).driver).get(address)),
  ).toBe(own);
});

test("a list yields nothing after an abort or close, ends its source when it is left, and leaves out foreign kinds", async () => {
  let ended = 0;
  async function* list(): AsyncGenerator<Address> {
    try {
      yield foreign;
      for (;;) yield address;
    } finally {
      ended++;
    }
  }
  const storage = defineStorage(storageDriver({ list }).driver);
  for await (const one of storage.list()) {
    expect(`${one}`).toBe(`${address}`);
    break;
  }
  expect(ended).toBe(1);
  const controller = new AbortController();
  const aborted = storage.list({ signal: controller.signal })[Symbol.asyncIterator]();
  await aborted.next();
  controller.abort("gave up");
  expect(await failure(aborted.next())).toBe("gave up");
  const open = storage.list()[Symbol.asyncIterator]();
  await open.next();
  await storage.close();
  expect(await failure(open.next())).toMatchObject({ code: "ERR_CLOSED", operation: "storage.list" });
});

test("a list whose source is silent ends with the signal's reason", async () => {
  const silent = { [Symbol.asyncIterator]: () => ({ next: never, return: never }) };
  const storage = defineStorage(storageDriver({ list: () => silent }).driver);
  const controller = new AbortController();
  const listing = storage.list({ signal: controller.signal })[Symbol.asyncIterator]().next();
  await tick();
  controller.abort("gave up");
  expect(await failure(listing)).toBe("gave up");
});

test.each([
  ["is silent", never],
  ["fails", () => Promise.reject(new Error("the connection is closed"))],
  [
    "throws",
    () => {
      throw new Error("the connection is closed");
    },
  ],
])(
  "an abort while the caller of a list is busy gives its reason, also if the end of the source %s",
  async (_, end) => {
    const next = async () => ({ done: false as const, value: address });
    const list = () => ({ [Symbol.asyncIterator]: () => ({ next, return: end }) });
    const storage = defineStorage(storageDriver({ list }).driver);
    const controller = new AbortController();
    const listing = storage.list({ signal: controller.signal })[Symbol.asyncIterator]();
    await listing.next();
    controller.abort("gave up");
    expect(await failure(listing.next())).toBe("gave up");
  },
);

test("calls wait for their turn, and their time counts from then on", async () => {
  let running = 0;
  let most = 0;
  const has = async (): Promise<boolean> => {
    most = Math.max(most, ++running);
    await tick();
    running--;
    return true;
  };
  const limits = limitCalls({ readsAtOnce: 2, milliseconds: { get: 1 } });
  const storage = defineStorage(storageDriver({ limits, has, get: never }).driver);
  await Promise.all(Array.from({ length: 7 }, () => storage.has(address)));
  expect(most).toBe(2);
  expect(await failure(storage.get(address))).toMatchObject({
    code: "ERR_TIMEOUT",
    operation: "storage.get",
  });
});

test("the driver is closed once, when everybody has ended; its further methods run in the same life", async () => {
  let closes = 0;
  const { driver } = storageDriver({ close: () => void closes++ });
  const lifetime = lifetimeOf(driver, "storage");
  const storage = {
    ...defineStorage(driver, lifetime),
    health: () => lifetime.run(context, undefined, never),
  };
  const context = { operation: "storage.health", action: "asking" };
  const asking = failure(storage.health());
  await Promise.all([storage.close(), storage.close()]);
  expect(await asking).toMatchObject({ code: "ERR_CLOSED", operation: "storage.health" });
  expect(closes).toBe(1);
});

test.each(["in a step", "between steps"])(
  "a list that ends by its signal %s lets go of what its source holds",
  async (when) => {
    let held = 0;
    async function* list(): AsyncGenerator<Address> {
      held++;
      try {
        yield address;
        await new Promise((resolve) => setTimeout(resolve, 20));
        yield address;
      } finally {
        held--;
      }
    }
    const storage = defineStorage(storageDriver({ list }).driver);
    const controller = new AbortController();
    const listing = storage.list({ signal: controller.signal })[Symbol.asyncIterator]();
    await listing.next();
    const step = when === "in a step" ? failure(listing.next()) : undefined;
    controller.abort("gave up");
    await (step ?? failure(listing.next()));
    await expect.poll(() => held).toBe(0);
  },
);
