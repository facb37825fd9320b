import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { defineKeyValue, type KeyValueDriver, type KeyValueStore } from "../../src/adapter/index.ts";
import { addressOf, rawSha256 } from "../../src/index.ts";

class ServiceError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`the service says ${code}`);
    this.code = code;
  }
}

const content = new Uint8Array([1, 2, 3]);
const address = await addressOf(content, rawSha256);
const refusing = (code: string) => () => Promise.reject(new ServiceError(code));

/** A remote on a store of which a test gives what it is about; nothing else is expected to be called. */
function remoteOn(store: Partial<KeyValueStore>, changed: Partial<KeyValueDriver> = {}) {
  let opened = 0;
  const lost: ((error: unknown) => void)[] = [];
  const remote = defineKeyValue({
    name: "fake",
    place: "the fake service",
    prefix: "p/",
    largestValue: 100,
    async open(_signal, hasGone) {
      opened++;
      lost.push(hasGone);
      return store as KeyValueStore;
    },
    means: (error) => (error instanceof ServiceError ? (error.code as "absent") : undefined),
    ...changed,
  });
  return { ...remote, opened: () => opened, lost };
}

test("keys have the prefix, and few characters whatever the name", async () => {
  const keys: string[] = [];
  const note = async (key: string) => void keys.push(key);
  const { storage, names } = remoteOn({ get: note, put: note });
  await storage.put(content);
  await failure(storage.get(address));
  await names.resolve("Ä/../ name");
  expect(keys).toEqual([
    `p/content-${address}`,
    `p/content-${address}`,
    expect.stringMatching(/^p\/name-[0-9a-f]{64}$/),
  ]);
});

test("an absence or a conflict that the client throws is an answer where it can be one, and nowhere else", async () => {
  const absent = refusing("absent");
  const able = { delete: true };
  const { storage, names } = remoteOn({ get: absent, delete: absent, put: absent }, { can: able });
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(await storage.has(address)).toBe(false);
  await storage.delete!(address);
  expect(await names.resolve("name")).toEqual({ status: "absent" });
  expect(await failure(storage.put(content))).toMatchObject({ code: "ERR_UNREACHABLE" });
  const conflicting = remoteOn({ putIf: refusing("conflict"), get: refusing("conflict") });
  const update = conflicting.names.update("name", content, { expected: null });
  expect(await failure(update)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  expect(await failure(conflicting.names.resolve("name"))).toMatchObject({ code: "ERR_UNREACHABLE" });
});

test.each([
  ["denied", "ERR_DENIED"],
  ["quota", "ERR_QUOTA"],
  ["too-large", "ERR_TOO_LARGE"],
  ["timeout", "ERR_TIMEOUT"],
  ["busy", "ERR_UNREACHABLE"],
  ["unsupported", "ERR_UNSUPPORTED"],
  ["invalid", "ERR_INVALID_INPUT"],
])("what means %s is %s, with the client's error as the cause", async (meaning, code) => {
  const { storage } = remoteOn({ put: refusing(meaning) });
  const error = await failure(storage.put(content));
  expect(error).toMatchObject({ code, operation: "storage.put", cause: { code: meaning } });
});

test("a limit that is known only after connecting is kept before anything is sent", async () => {
  const { storage, names } = remoteOn({ largestValue: 2 });
  for (const write of [storage.put(content), names.update("name", content, { expected: null })]) {
    expect(await failure(write)).toMatchObject({ code: "ERR_TOO_LARGE", limit: 2 });
  }
});

test("both halves share one connection, which is opened anew after it was lost, and closed with the second half", async () => {
  let closes = 0;
  const { storage, names, opened, lost } = remoteOn({
    get: async () => undefined,
    close: () => void closes++,
  });
  expect(opened()).toBe(0);
  await Promise.all([storage.has(address), names.resolve("name")]);
  expect(opened()).toBe(1);
  lost[0]!(new Error("reset"));
  expect(closes).toBe(1);
  await storage.has(address);
  expect(opened()).toBe(2);
  await storage.close();
  expect(closes).toBe(1);
  await names.close();
  expect(closes).toBe(2);
});

test("a watch is told when the connection was lost, and subscribes on the next one", async () => {
  let watches = 0;
  let unsubscribed = 0;
  const { names, lost } = remoteOn(
    {
      async watch() {
        watches++;
        return () => void unsubscribed++;
      },
    },
    { can: { watch: true } },
  );
  const watching = names.watch!("name")[Symbol.asyncIterator]();
  await watching.next();
  const waking = watching.next();
  lost[0]!(new Error("reset"));
  expect(await waking).toEqual({ done: false, value: undefined });
  expect([watches, unsubscribed]).toEqual([2, 1]);
  await watching.return?.();
  expect(unsubscribed).toBe(2);
});

test("a list leaves out names and what is no address; a method that is declared and missing is said so", async () => {
  const listed = async function* () {
    yield* [`p/name-${"0".repeat(64)}`, "p/content-junk", `p/content-${address}`, "content-x"];
  };
  const { storage } = remoteOn({ list: listed }, { can: { list: true, delete: true } });
  const found: string[] = [];
  for await (const one of storage.list!()) found.push(`${one}`);
  expect(found).toEqual([`${address}`]);
  expect(await failure(storage.delete!(address))).toMatchObject({
    code: "ERR_UNSUPPORTED",
    message: expect.stringContaining("`delete`"),
  });
});

test("an unchanged that nobody asked about is no absence: nothing is known", async () => {
  const { storage, names } = remoteOn({ get: async () => "unchanged" });
  for (const read of [storage.get(address), storage.has(address), names.resolve("name")]) {
    expect(await failure(read)).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  }
  expect(await names.resolve("name", { known: "7" })).toEqual({ status: "unchanged", revision: "7" });
});
