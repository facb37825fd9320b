import {
  addressOf,
  type ReaderCache,
  rawSha256,
  type StorageBackend,
  UnreachableError,
} from "@remote-log/core";
import { cache, lastKnownName, memoryCache } from "@remote-log/layers";
import { memoryNames, memoryRemote, memoryStorage } from "@remote-log/memory";
import { failure, wrongTypeProblems } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { failing, fakeNames, fakeStorage, passing } from "../fake-remote.ts";

const content = new Uint8Array([1, 2, 3, 4, 5]);
const address = await addressOf(content, rawSha256);

/** A storage that has one content, and a cache around it. */
async function opened(parts: Partial<StorageBackend> = {}, store: ReaderCache = memoryCache()) {
  const contents = new Map<string, Uint8Array>();
  const inner = fakeStorage({ ...memoryStorage({ contents }), ...parts });
  await memoryStorage({ contents }).put(content);
  return { inner, store, contents, storage: cache({ store })(inner) };
}

test("what was read is read again from the cache, as a copy", async () => {
  const { inner, storage } = await opened();
  const first = await storage.get(address);
  first.fill(0);
  const second = await storage.get(address);
  second.fill(0);
  expect(await storage.get(address)).toEqual(content);
  expect(inner.calls).toEqual(["get"]);
});

test("a limit holds for what is kept, and a part is cut out of it", async () => {
  const { inner, storage } = await opened();
  expect(await storage.get(address, { range: { offset: 1, length: 2 } })).toEqual(new Uint8Array([2, 3]));
  expect(await storage.get(address, { range: { offset: 1, length: 2 } })).toEqual(new Uint8Array([2, 3]));
  // Parts are not kept: nothing says whether they are right.
  expect(inner.calls).toEqual(["get", "get"]);
  await storage.get(address);
  inner.calls.length = 0;
  expect(await storage.get(address, { range: { offset: 3, length: 9 } })).toEqual(new Uint8Array([4, 5]));
  expect(await storage.get(address, { range: { offset: 9, length: 9 } })).toEqual(new Uint8Array(0));
  expect(await failure(storage.get(address, { maxBytes: 4 }))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 4,
  });
  expect(await storage.get(address, { maxBytes: 5 })).toEqual(content);
  expect(inner.calls).toEqual([]);
  for (const range of [
    { offset: -1, length: 1 },
    { offset: 0, length: 0 },
    { offset: 0.5, length: 1 },
  ])
    expect(await failure(storage.get(address, { range }))).toHaveProperty("code", "ERR_INVALID_INPUT");
  expect(await failure(storage.get(address, { range: { offset: 0, length: 9 }, maxBytes: 4 }))).toMatchObject(
    {
      code: "ERR_TOO_LARGE",
    },
  );
});

test("a storage without ranges refuses them, also for what is kept", async () => {
  const whole = memoryStorage();
  const { storage } = await opened({
    capabilities: { ...whole.capabilities, ranges: false },
    get: async () => content,
  });
  await storage.get(address);
  const refusing = await opened({
    capabilities: { ...whole.capabilities, ranges: false },
    get: async (_, options) => {
      if (options?.range !== undefined) throw new Error("no ranges");
      return content;
    },
  });
  await refusing.storage.get(address);
  expect(String(await failure(refusing.storage.get(address, { range: { offset: 0, length: 1 } })))).toContain(
    "no ranges",
  );
});

test("what is damaged in the cache is removed, and read anew", async () => {
  const { inner, store, storage } = await opened();
  await storage.get(address);
  await store.put(`${address}`, new Uint8Array([9]));
  expect(await storage.get(address)).toEqual(content);
  expect(await store.get(`${address}`)).toEqual(content);
  expect(inner.calls).toEqual(["get", "get"]);
});

test("what a storage gives that is not the content of the address is passed on, and not kept", async () => {
  const { store, storage } = await opened({ get: async () => new Uint8Array([6]) });
  expect(await storage.get(address)).toEqual(new Uint8Array([6]));
  expect(await store.get(`${address}`)).toBeUndefined();
});

test.each(["delete", "release"] as const)(
  "%s takes a content out of the cache, also one that is being read",
  async (method) => {
    let give = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      give = resolve;
    });
    const { store, storage } = await opened({
      release: async () => undefined,
      get: async () => {
        await held;
        return content;
      },
    });
    const reading = storage.get(address);
    await storage[method]!(address);
    give();
    expect(await reading).toEqual(content);
    expect(await store.get(`${address}`)).toBeUndefined();
    await storage.get(address);
    expect(await store.get(`${address}`)).toEqual(content);
    await storage[method]!(address);
    expect(await store.get(`${address}`)).toBeUndefined();
  },
);

test("a removal that fails keeps nothing either: nobody knows what became of it", async () => {
  const { store, storage } = await opened({ delete: () => Promise.reject(passing("storage.delete")) });
  await storage.get(address);
  expect(await failure(storage.delete!(address))).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(await store.get(`${address}`)).toBeUndefined();
});

test("a cache that fails makes nothing fail", async () => {
  const broken: ReaderCache = {
    get: () => Promise.reject(new Error("disk")),
    put: () => Promise.reject(new Error("disk")),
    delete: () => {
      throw new Error("disk");
    },
  };
  const { storage } = await opened({}, broken);
  expect(await storage.get(address)).toEqual(content);
  await storage.delete!(address);
});

test("what can't be answered goes to the storage: another kind of address, what is none, a closed storage", async () => {
  const { inner, storage } = await opened();
  await storage.get(address);
  inner.calls.length = 0;
  const clone = structuredClone(address);
  expect(await failure(storage.get(clone as never))).toBeInstanceOf(Error);
  expect(await failure(storage.get(undefined as never))).toBeInstanceOf(Error);
  await storage.has(address);
  expect(inner.calls).toEqual(["get", "get", "has"]);
  await storage.close!();
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_CLOSED" });
});

test("a signal that has fired ends a read of what is kept", async () => {
  const { storage } = await opened();
  await storage.get(address);
  const reason = new Error("enough");
  const controller = new AbortController();
  controller.abort(reason);
  expect(await failure(storage.get(address, { signal: controller.signal }))).toBe(reason);
});

test("a name that can't be resolved is an error, which knows what the name last held", async () => {
  const inner = memoryNames();
  const store = memoryCache();
  const layer = cache({ store, offline: true });
  const { names } = layer({ ...memoryRemote({ label: "one" }), names: inner });
  await inner.update("name", content, { expected: null });
  await names.resolve("name");
  const down = fakeNames({
    resolve: () => Promise.reject(new UnreachableError("down", { operation: "names.resolve" })),
  });
  const offline = layer({ ...memoryRemote({ label: "one" }), names: down }).names;
  const error = await failure(offline.resolve("name"));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE" });
  const last = lastKnownName(error)!;
  expect(last).toMatchObject({ content, revision: "1" });
  expect(Math.abs(Date.now() - last.readAt)).toBeLessThan(600_000);
  last.content.fill(0);
  expect(lastKnownName(error)?.content).toEqual(content);
  // Another name, another remote, an error that stays, and a layer that was not asked to.
  expect(lastKnownName(await failure(offline.resolve("other")))).toBeUndefined();
  const other = layer({ ...memoryRemote({ label: "two" }), names: down }).names;
  expect(lastKnownName(await failure(other.resolve("name")))).toBeUndefined();
  const forever = fakeNames({
    resolve: failing(
      9,
      () => new TypeError("no"),
      () => ({ status: "absent" as const }),
    ),
  });
  const failed = await failure(
    layer({ ...memoryRemote({ label: "one" }), names: forever }).names.resolve("name"),
  );
  expect(lastKnownName(failed)).toBeUndefined();
  expect(cache({ store })(down)).toBe(down);
  expect(lastKnownName(undefined)).toBeUndefined();
  // A damaged record is none.
  await store.put('name/["one","name"]', new Uint8Array(40), { keep: true });
  expect(lastKnownName(await failure(offline.resolve("name")))).toBeUndefined();
});

test("options of wrong types are refused", async () => {
  const store = memoryCache();
  const types = { store: "", offline: "boolean" };
  expect(await wrongTypeProblems((options) => cache(options), { store }, types)).toEqual([]);
});
