// Which objects a storage holds: asked singly, listed once these are many, or read.

import { failure, whole } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import {
  type Address,
  addressOf,
  DeniedError,
  NotFoundError,
  rawSha256,
  type StorageBackend,
  TimeoutError,
  UnreachableError,
} from "../../src/index.ts";
import { Presence } from "../../src/writer/presence.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";

const { signal } = new AbortController();
const objects = await Promise.all(
  Array.from({ length: 80 }, async (_, i) => {
    const content = Uint8Array.of(i, 7);
    return { content, address: await addressOf(content, rawSha256) };
  }),
);
const addresses = objects.map(({ address }) => address);
const even = new Map(
  objects.filter((_, i) => i % 2 === 0).map(({ address, content }) => [`${address}`, content]),
);

/** A storage with every second object; `asked` and `lists` count its requests. */
function storageOf(options: { readonly list?: "works" | "fails" } = {}) {
  const inner = new ScriptedStorage(even);
  const counts = { asked: 0, lists: 0 };
  const list = async function* (): AsyncGenerator<Address> {
    counts.lists++;
    for (const address of addresses) if (even.has(`${address}`)) yield address;
    if (options.list === "fails")
      throw new UnreachableError("no answer", { operation: "storage.list", retry: "safe" });
  };
  const storage: StorageBackend = {
    name: "counting",
    capabilities: inner.capabilities,
    get: (address, more) => inner.get(address, more),
    put: () => inner.put(),
    has: async (address) => {
      counts.asked++;
      return even.has(`${address}`);
    },
    ...(options.list && { list }),
  };
  return { storage, counts, inner };
}

const allOf = async (presence: Presence): Promise<boolean[]> => {
  const found: boolean[] = [];
  for (const address of addresses) found.push(await presence.has(address, signal));
  return found;
};
const expected = objects.map((_, i) => i % 2 === 0);

test("each object is asked for, and counted", async () => {
  const { storage, counts } = storageOf();
  let told = 0;
  const presence = new Presence(storage, { onAsked: () => told++ });
  expect([presence.asked, presence.missing]).toEqual([0, 0]);
  expect(await allOf(presence)).toEqual(expected);
  expect([presence.asked, presence.missing, told, counts.asked]).toEqual([80, 40, 80, 80]);
});

test("after 64 questions a storage that can is asked for a list, once", async () => {
  const { storage, counts } = storageOf({ list: "works" });
  expect(await allOf(new Presence(storage))).toEqual(expected);
  expect(counts).toEqual({ asked: 64, lists: 1 });
});

test("many questions at once share the list", async () => {
  const { storage, counts } = storageOf({ list: "works" });
  const presence = new Presence(storage);
  expect(await Promise.all(addresses.map((address) => presence.has(address, signal)))).toEqual(expected);
  expect(counts).toEqual({ asked: 64, lists: 1 });
});

test("a list that can't be had is not asked for again: each object is", async () => {
  const { storage, counts } = storageOf({ list: "fails" });
  expect(await allOf(new Presence(storage))).toEqual(expected);
  expect(counts).toEqual({ asked: 80, lists: 1 });
});

test.runIf(whole)("a storage that holds much more than this log is not listed to the end", async () => {
  const { storage, counts } = storageOf();
  let yielded = 0;
  const many: StorageBackend = {
    ...storage,
    list: async function* () {
      const digest = new Uint8Array(32);
      for (;;) {
        new DataView(digest.buffer).setUint32(0, ++yielded);
        // Text is all that is taken of it.
        yield { toString: () => `${yielded}` } as Address;
        if (yielded > 2 ** 20 + 5) throw new Error("It continues.");
      }
    },
  };
  const presence = new Presence(many);
  for (let i = 0; i < 66; i++) expect(await presence.has(addresses[i]!, signal)).toBe(expected[i]);
  expect([yielded, counts.asked]).toEqual([2 ** 20 + 1, 66]);
});

test("an abort ends the list with its reason", async () => {
  const controller = new AbortController();
  const { storage } = storageOf();
  const aborting: StorageBackend = {
    ...storage,
    list: async function* () {
      controller.abort("gave up");
      yield* [];
      throw new Error("aborted");
    },
  };
  const presence = new Presence(aborting);
  for (let i = 0; i < 64; i++) await presence.has(addresses[i]!, controller.signal);
  expect(await failure(presence.has(addresses[64]!, controller.signal))).toBe("gave up");
});

test.each(["ERR_DENIED", "ERR_UNSUPPORTED"])(
  "a storage that will not say (%s) counts as without it",
  async (code) => {
    const { storage } = storageOf();
    const refusing = {
      ...storage,
      has: () => Promise.reject(Object.assign(new DeniedError("no", { operation: "storage.has" }), { code })),
    };
    const presence = new Presence(refusing);
    expect(await presence.has(addresses[0]!, signal)).toBe(false);
    expect([presence.asked, presence.missing]).toEqual([1, 1]);
  },
);

test("if every object is sent again none is asked for", async () => {
  const { storage, counts, inner } = storageOf({ list: "works" });
  const presence = new Presence(storage, { sends: true });
  expect(await allOf(presence)).toEqual(objects.map(() => false));
  expect([presence.asked, presence.missing, counts, inner.reads]).toEqual([
    80,
    80,
    { asked: 0, lists: 0 },
    [],
  ]);
});

test("any other failure is told, and counts as no answer", async () => {
  const { storage } = storageOf();
  const down = new UnreachableError("no answer", { operation: "storage.has", retry: "safe" });
  const presence = new Presence({ ...storage, has: () => Promise.reject(down) });
  expect(await failure(presence.has(addresses[0]!, signal))).toBe(down);
  expect([presence.asked, presence.missing]).toEqual([0, 0]);
});

test("an object that is known to be damaged is missing, whatever the storage says", async () => {
  const { storage, counts } = storageOf();
  const presence = new Presence(storage, { damaged: [addresses[0]!] });
  expect([await presence.has(addresses[0]!, signal), await presence.has(addresses[2]!, signal)]).toEqual([
    false,
    true,
  ]);
  expect([presence.asked, presence.missing, counts.asked]).toEqual([2, 1, 1]);
});

test("with reading, an object is there if its bytes are: neither lost, nor others", async () => {
  const { storage, counts, inner } = storageOf({ list: "works" });
  expect(await allOf(new Presence(storage, { reads: true }))).toEqual(expected);
  expect([counts, inner.reads.length]).toEqual([{ asked: 0, lists: 0 }, 80]);
  const reading = new Presence(storage, { reads: true });
  inner.before = async () => Uint8Array.of(1);
  expect(await reading.has(addresses[0]!, signal)).toBe(false);
  inner.before = async () => new Uint8Array(2 ** 24 + 1);
  expect(await reading.has(addresses[0]!, signal)).toBe(false);
  const lagging = new ScriptedStorage(even, false);
  expect(await new Presence(lagging, { reads: true }).has(addresses[1]!, signal)).toBe(false);
  const down = new UnreachableError("no answer", { operation: "storage.get", retry: "safe" });
  inner.before = () => Promise.reject(down);
  expect(await failure(reading.has(addresses[0]!, signal))).toBe(down);
  inner.before = () => Promise.reject(new NotFoundError("no", { operation: "storage.get" }));
  expect(await reading.has(addresses[0]!, signal)).toBe(false);
});

test("to be read, an object has to be in the storage itself, whoever else may hold it", async () => {
  const { storage, counts, inner } = storageOf();
  const searched: string[] = [];
  const local: StorageBackend = {
    ...storage,
    capabilities: { ...storage.capabilities, absence: "local" },
    get: async (address, options) => {
      if (even.has(`${address}`)) return inner.get(address, options);
      searched.push(`${address}`);
      throw new TimeoutError("Nobody has shown it in time.", { operation: "storage.get" });
    },
  };
  expect(await allOf(new Presence(local, { reads: true }))).toEqual(expected);
  expect([counts.asked, searched]).toEqual([addresses.length, []]);
});
