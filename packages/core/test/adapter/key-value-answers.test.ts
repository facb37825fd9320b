// What the answers of a key-value service become, and what the remote says of the service.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import {
  defineKeyValue,
  type KeyValueDriver,
  type KeyValueRemote,
  type KeyValueStore,
} from "../../src/adapter/index.ts";
import { addressOf, DeniedError, rawSha256 } from "../../src/index.ts";

const content = new Uint8Array([1, 2, 3]);
const address = await addressOf(content, rawSha256);
const denied = new DeniedError("no", { operation: "storage.get" });

function remoteOn(store: Partial<KeyValueStore>, changed: Partial<KeyValueDriver> = {}): KeyValueRemote {
  return defineKeyValue({
    name: "fake",
    place: "the fake service",
    largestValue: 100,
    open: async () => store as KeyValueStore,
    ...changed,
  });
}

test("both halves say what the service can do: it is taken to show what was written, if it does not say otherwise", () => {
  for (const readYourWrites of [undefined, true, false]) {
    const can = readYourWrites === undefined ? {} : { readYourWrites };
    const { storage, names, label } = remoteOn({}, { can });
    const expected = { readYourWrites: readYourWrites ?? true, largestContent: 100 };
    expect(storage.capabilities).toMatchObject({ ...expected, delete: false, list: false });
    expect(names.capabilities).toEqual({ ...expected, compareAndSet: "atomic", watch: false });
    expect(label).toBe("the fake service");
  }
});

test("an error of this project is not shown to the driver for its meaning", async () => {
  const means = vi.fn<() => "absent">(() => "absent");
  const { storage } = remoteOn({ get: () => Promise.reject(denied) }, { means });
  expect(await failure(storage.get(address))).toBe(denied);
  expect(means).not.toHaveBeenCalled();
});

test("a meaning that is an error is that error, and an error without a meaning is no answer", async () => {
  const cause = new Error("403");
  const get = (): Promise<never> => Promise.reject(cause);
  expect(await failure(remoteOn({ get }, { means: () => denied }).storage.get(address))).toBe(denied);
  for (const changed of [{}, { means: () => undefined }])
    expect(await failure(remoteOn({ get }, changed).storage.get(address))).toMatchObject({
      code: "ERR_UNREACHABLE",
      cause,
    });
});

test("a service that can look for a key is asked that, and one that can't is asked for its value", async () => {
  const get = vi.fn<KeyValueStore["get"]>(async () => ({ value: content, revision: "1" }));
  const { storage } = remoteOn({ get, has: async () => false });
  expect(await storage.has(address)).toBe(false);
  expect(get).not.toHaveBeenCalled();
  expect(await remoteOn({ get }).storage.has(address)).toBe(true);
  const absent = { get, has: () => Promise.reject(new Error("404")) };
  expect(await remoteOn(absent, { means: () => "absent" }).storage.has(address)).toBe(false);
});

test("a name is found with its content and revision, unchanged if the service says so, and absent", async () => {
  const answers: Awaited<ReturnType<KeyValueStore["get"]>>[] = [];
  const { names } = remoteOn({ get: async () => answers.shift() });
  answers.push({ value: content, revision: "7" }, { value: content, revision: "8" }, "unchanged", undefined);
  expect(await names.resolve("name")).toEqual({ status: "found", content, revision: "7" });
  expect(await names.resolve("name", { known: "7" })).toEqual({ status: "found", content, revision: "8" });
  expect(await names.resolve("name", { known: "8" })).toEqual({ status: "unchanged", revision: "8" });
  expect(await names.resolve("name", { known: "8" })).toEqual({ status: "absent" });
});

test("an unchanged that nobody asked about says so", async () => {
  const { storage, names } = remoteOn({ get: async () => "unchanged" });
  for (const read of [storage.get(address), storage.has(address), names.resolve("name")])
    expect(await failure(read)).toMatchObject({
      retry: "safe",
      message: expect.stringContaining("was not asked about a change"),
    });
});

test("a key without the prefix of contents is no content, whatever its end looks like", async () => {
  async function* list(prefix: string): AsyncGenerator<string> {
    yield `${"x".repeat(prefix.length)}${address}`;
    yield `${prefix}${address}`;
  }
  const { storage } = remoteOn({ list }, { can: { list: true } });
  const found: string[] = [];
  for await (const one of storage.list!()) found.push(`${one}`);
  expect(found).toEqual([`${address}`]);
});

test("a subscription that the service refuses ends the watch with its refusal", async () => {
  const watch = (): Promise<never> => Promise.reject(denied);
  const { names } = remoteOn({ watch }, { can: { watch: true } });
  expect(await failure(names.watch!("name")[Symbol.asyncIterator]().next())).toBe(denied);
});
