// What the shell of a storage says and does for a driver: words, limits, kinds of address, and its end.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import {
  type Call,
  defineStorage,
  failureOf,
  limitCalls,
  type OperationContext,
  type ReadOnlyStorageDriver,
  storageShell,
} from "../../src/adapter/index.ts";
import { Address, addressOf, rawSha256, type StorageBackend, UnreachableError } from "../../src/index.ts";
import { never, storageDriver } from "./fake-drivers.ts";

const content = new Uint8Array([1, 2, 3]);
const address = await addressOf(content, rawSha256);
const fails = (): Promise<never> => Promise.reject(new TypeError("fetch failed"));

test.each([
  ["put", `storing a content`, (s: StorageBackend) => s.put(content)],
  ["get", `reading ${address}`, (s: StorageBackend) => s.get(address)],
  ["has", `looking for ${address}`, (s: StorageBackend) => s.has(address)],
  ["delete", `removing ${address}`, (s: StorageBackend) => s.delete!(address)],
  ["close", `closing the storage`, (s: StorageBackend) => s.close!()],
])(
  "a failure of %s is translated with the operation, and with what was done and where",
  async (name, what, act) => {
    for (const [preposition, place] of [
      [undefined, "at the fake service"],
      ["in", "in the fake service"],
    ] as const) {
      const translate = vi.fn<(error: unknown, context: OperationContext) => unknown>((cause, context) =>
        failureOf("unreachable", context, { cause }),
      );
      const all = { put: fails, get: fails, has: fails, delete: fails, close: fails };
      const { driver } = storageDriver({ ...all, translate, ...(preposition && { preposition }) });
      await failure(act(defineStorage(driver)));
      const context = { operation: `storage.${name}`, action: `${what} ${place}` };
      expect(translate.mock.calls[0]![1]).toMatchObject(context);
    }
  },
);

test("an error of this project that a driver's close throws stays as it is", async () => {
  const own = new UnreachableError("It is gone.", { operation: "storage.close" });
  const { driver } = storageDriver({ close: () => Promise.reject(own) });
  expect(await failure(defineStorage(driver).close())).toBe(own);
});

test("an absence says what is not there, and where", async () => {
  const words = async (preposition?: "in"): Promise<string> => {
    const { driver } = storageDriver(preposition === undefined ? {} : { preposition });
    return (await failure(defineStorage(driver).get(address))).message;
  };
  expect(await words()).toBe(`There is no content ${address} at the fake service.`);
  expect(await words("in")).toBe(`There is no content ${address} in the fake service.`);
});

test("a closed storage calls itself one, whichever way it was made", async () => {
  for (const storage of [
    defineStorage(storageDriver().driver),
    storageShell(storageDriver().driver).storage,
  ]) {
    await storage.close();
    expect(await failure(storage.has(address))).toMatchObject({
      code: "ERR_CLOSED",
      message: expect.stringMatching(/^The storage was closed before looking for /),
    });
  }
});

test("a content over the limit says what to do about it, if the driver has no words of its own", async () => {
  const error = await failure(defineStorage(storageDriver().driver).put(new Uint8Array(101)));
  expect(error.message).toMatch(/Split it, or raise `largestContent`\.$/);
});

test("a driver that can only be read removes nothing, whatever methods it has", () => {
  const { put: _put, ...rest } = storageDriver({ delete: async () => undefined }).driver;
  const driver: ReadOnlyStorageDriver = { ...rest, readOnly: "it is a web server." };
  const storage: StorageBackend = defineStorage(driver);
  expect(["delete" in storage, storage.capabilities.delete]).toEqual([false, false]);
});

test("writes wait for writes, and reads for reads", async () => {
  const begun: string[] = [];
  const begin =
    (name: string) =>
    (..._given: unknown[]): Promise<never> => {
      begun.push(name);
      return never();
    };
  const methods = { put: begin("put"), get: begin("get"), has: begin("has"), delete: begin("delete") };
  /** Which calls get through beside one that takes the only place. */
  const beside = async (first: "put" | "get" | "has" | "delete"): Promise<string[]> => {
    begun.length = 0;
    const limits = limitCalls({ writesAtOnce: 1, readsAtOnce: 1 });
    const storage = defineStorage(storageDriver({ limits, ...methods }).driver);
    const calls = { put: () => storage.put(content), get: () => storage.get(address) };
    const further = { has: () => storage.has(address), delete: () => storage.delete(address) };
    const all: Record<string, () => Promise<unknown>> = { ...calls, ...further };
    const running = [all[first]!(), ...Object.values(all).map((call) => call())].map(failure);
    await new Promise((resolve) => setImmediate(resolve));
    await storage.close();
    await Promise.all(running);
    return begun;
  };
  expect(await beside("put")).toEqual(["put", "get"]);
  expect(await beside("delete")).toEqual(["delete", "get"]);
  expect(await beside("get")).toEqual(["get", "put"]);
  expect(await beside("has")).toEqual(["has", "put"]);
});

test("a method with a time needs a driver that keeps times, and one without a time may take as long as it likes", async () => {
  const method = { operation: "storage.release", verb: "releasing", access: "write" } as const;
  const work = vi.fn<() => Promise<string>>(async () => "released");
  const shell = storageShell(storageDriver().driver);
  expect(await shell.onAddress(method, address, {}, work)).toBe("released");
  const timed = await failure(shell.onAddress({ ...method, milliseconds: 1 }, address, {}, work));
  expect(timed.cause).toBeInstanceOf(TypeError);
  expect(work).toHaveBeenCalledOnce();
  vi.useFakeTimers();
  try {
    const limits = limitCalls({ milliseconds: { get: 1 } });
    const slow = (_address: object, _call: Call): Promise<boolean> =>
      new Promise((resolve) => setTimeout(() => resolve(true), 3_600_000));
    const finding = defineStorage(storageDriver({ limits, has: slow }).driver).has(address);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(await finding).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test("a list gives the addresses of every declared kind, and leaves out what differs in anything", async () => {
  const digest = new Uint8Array(32).fill(7);
  const other = { ...rawSha256, name: "cbor sha2-512", codec: 0x71, hash: 0x13, digestBytes: 64 };
  const declared = [
    Address.create(0x55, 0x12, digest),
    Address.create(0x71, 0x13, new Uint8Array(64).fill(7)),
  ];
  const foreign = [
    Address.create(0x70, 0x12, digest),
    Address.create(0x55, 0x16, digest),
    Address.create(0x55, 0x12, digest.subarray(1)),
  ];
  const capabilities = { largestContent: 100, hashTypes: [rawSha256, other], readYourWrites: true };
  async function* list(): AsyncGenerator<Address> {
    yield* foreign;
    yield* declared;
  }
  const found: string[] = [];
  for await (const one of defineStorage(storageDriver({ capabilities, list }).driver).list())
    found.push(`${one}`);
  expect(found).toEqual(declared.map(String));
});
