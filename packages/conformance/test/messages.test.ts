import { conformanceCases, runCase } from "@remote-log/conformance";
import { addressOf, type NameResolver, rawSha256, type StorageBackend } from "@remote-log/core";
import { memoryNames, memoryStorage } from "@remote-log/memory";
import { expect, test } from "vitest";
import { show } from "../src/assert.ts";

/** Why a case fails on an adapter with some methods of its own. */
async function reasonOf(id: string, storage: object, names: object = {}): Promise<string> {
  const opened = {
    storage: { ...memoryStorage(), ...storage } as StorageBackend,
    names: { ...memoryNames(), ...names } as NameResolver,
  };
  const one = conformanceCases.find((candidate) => candidate.id === id)!;
  const { status, reason } = await runCase(
    { name: "broken", create: async () => opened, reopen: async () => opened },
    one,
  );
  expect(status).toBe("failed");
  return reason;
}

test("a storage that reads its bytes again after an await is told to copy them first", async () => {
  const kept = new Map<string, Uint8Array>();
  const put = async (content: Uint8Array) => {
    const address = await addressOf(new Uint8Array(content), rawSha256);
    kept.set(String(address), new Uint8Array(content));
    return address;
  };
  const get = async (address: object) => kept.get(String(address))!;
  expect(await reasonOf("CAS-BYTES-03", { put, get })).toMatch(
    /: \w+, not \w+; were the bytes read again after an await\? Copy them first$/,
  );
});

test("names that keep the caller's buffer are told to copy it", async () => {
  let kept = new Uint8Array(0);
  const update = async (_name: string, content: Uint8Array<ArrayBuffer>) => {
    kept = content;
    return "1";
  };
  const resolve = async () => ({ status: "found", content: kept, revision: "1" });
  expect(await reasonOf("NS-CONTENT-03", {}, { update, resolve })).toMatch(
    /was the caller's buffer kept\? Copy it first$/,
  );
});

test("a race that several win says how many", async () => {
  const update = async () => String(Math.random());
  expect(await reasonOf("NS-UPDATE-06", {}, { update })).toBe(
    "20 of 20 concurrent updates succeeded, not one",
  );
});

test("a capability that is no boolean is named", async () => {
  const { list: _list, ...storage } = memoryStorage().capabilities;
  expect(await reasonOf("CAS-DECL-01", { capabilities: storage })).toBe(
    "the capability list is undefined, not a boolean",
  );
  const names = { ...memoryNames().capabilities, watch: "yes" };
  expect(await reasonOf("NS-DECL-01", {}, { capabilities: names })).toBe(
    'the capability watch is "yes", not a boolean',
  );
});

test("a reader that is refused while the writer runs fails its case, with the reader's reason, and nothing else", async () => {
  const names = memoryNames();
  let refused = 0;
  const resolve: NameResolver["resolve"] = async (...values) => {
    if (refused++ > 0) throw new Error("Readers are not welcome.");
    return names.resolve(...values);
  };
  const update: NameResolver["update"] = async (...values) => {
    await new Promise((done) => setTimeout(done, 5));
    return names.update(...values);
  };
  expect(await reasonOf("NS-RESOLVE-10", {}, { resolve, update })).toBe("Readers are not welcome.");
});

const circle: { self?: object } = {};
circle.self = circle;

test.for([
  [{ status: "found", content: new Uint8Array(3) }, '{"status":"found","content":"3 bytes"}'],
  [[1n, new Error("no")], '["1","Error: no"]'],
  [new URL("http://host/"), "http://host/"],
  [circle, "[object Object]"],
  [Object.create(null), "{}"],
  [{ text: "x".repeat(400) }, `{"text":"${"x".repeat(291)}…`],
  [undefined, "undefined"],
] as const)("%o is shown so that one can read it", ([value, text]) => {
  expect(show(value)).toBe(text);
});
