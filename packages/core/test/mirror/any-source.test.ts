// Several sources as one: an object comes from whichever shows it, and nobody is asked in vain.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Address, addressOf, NotFoundError, rawSha256, WithheldError } from "../../src/index.ts";
import { AnySource } from "../../src/mirror/any-source.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";

const content = new TextEncoder().encode("the content");
const address = await addressOf(content, rawSha256);
const holding = (): ScriptedStorage => new ScriptedStorage(new Map([[`${address}`, content]]));
const empty = (): ScriptedStorage => new ScriptedStorage(new Map());
const other = { ...rawSha256, name: "other", codec: 0x71, hash: 0x13, digestBytes: 64 };

/** A storage whose addresses are of another kind. */
function foreign(): ScriptedStorage {
  const storage = holding();
  Object.assign(storage, { capabilities: { ...storage.capabilities, hashTypes: [other] } });
  return storage;
}

test("the first source that shows an object gives it, and none behind it is asked", async () => {
  const [first, second, third] = [empty(), holding(), holding()];
  expect(await new AnySource([first, second, third]).get(address)).toEqual(content);
  expect([first.reads.length, second.reads.length, third.reads.length]).toEqual([1, 1, 0]);
});

test("a source that shows something false does not keep another from showing what is right", async () => {
  const liar = holding();
  liar.before = async () => new Uint8Array(content.length);
  expect(await new AnySource([liar, holding()]).get(address)).toEqual(content);
  expect(await failure(new AnySource([empty(), liar, empty()]).get(address))).toMatchObject({
    code: "ERR_INTEGRITY",
  });
});

test("if nobody shows an object, the gravest answer is told", async () => {
  const removal = new WithheldError("removed", { operation: "storage.get", sequence: 1 });
  const removing = empty();
  removing.before = () => Promise.reject(removal);
  expect(await failure(new AnySource([empty(), removing, empty()]).get(address))).toBe(removal);
  expect(await failure(new AnySource([empty()]).get(address))).toMatchObject({ code: "ERR_NOT_FOUND" });
});

test("a source is asked for the kinds of address that it has, and for no others", async () => {
  const sources = [foreign(), holding()] as const;
  const any = new AnySource(sources);
  expect(await any.get(address)).toEqual(content);
  expect(sources.map(({ reads }) => reads.length)).toEqual([0, 1]);
  for (const [codec, hash, digest] of [
    [0x70, 0x12, 32],
    [0x55, 0x16, 32],
    [0x55, 0x12, 31],
    [0x71, 0x12, 64],
  ] as const) {
    const unknown = Address.create(codec, hash, new Uint8Array(digest).fill(7));
    expect(await failure(any.get(unknown))).toMatchObject({ code: "ERR_INTEGRITY" });
  }
  expect(sources.map(({ reads }) => reads.length)).toEqual([0, 1]);
  expect(any.capabilities.hashTypes).toEqual([other, rawSha256]);
});

test("a source that can't have an object says nothing about it", async () => {
  const types = [{ codec: 0x71 }, { hash: 0x16 }, { digestBytes: 20 }].map((differs) => ({
    ...rawSha256,
    ...differs,
  }));
  const sources = types.map((type) => {
    const storage = holding();
    Object.assign(storage, { capabilities: { ...storage.capabilities, hashTypes: [type] } });
    return storage;
  });
  // Else this would be a lie of theirs, which is graver than an absence.
  expect(await failure(new AnySource([...sources, empty()]).get(address))).toMatchObject({
    code: "ERR_NOT_FOUND",
  });
  const both = holding();
  Object.assign(both, { capabilities: { ...both.capabilities, hashTypes: [other, rawSha256] } });
  expect(await new AnySource([both]).get(address)).toEqual(content);
});

test("a storage that is named twice is asked once", async () => {
  const storage = empty();
  await failure(new AnySource([storage, storage]).get(address));
  expect(storage.reads).toHaveLength(1);
});

test("no more bytes are taken than are asked for, and any number if none is said", async () => {
  const storage = holding();
  const any = new AnySource([storage]);
  await any.get(address);
  expect(await failure(any.get(address, { maxBytes: 10 }))).toMatchObject({ code: "ERR_TOO_LARGE" });
  expect(storage.limits).toEqual([Number.MAX_SAFE_INTEGER, 10]);
});

test("an abort ends the asking with its reason: no other source is asked", async () => {
  const controller = new AbortController();
  const [aborting, second] = [empty(), holding()];
  aborting.before = () => {
    controller.abort("gave up");
    return Promise.reject(new NotFoundError("no", { operation: "storage.get" }));
  };
  const any = new AnySource([aborting, second]);
  expect(await failure(any.get(address, { signal: controller.signal }))).toBe("gave up");
  expect(second.reads).toEqual([]);
});

test("sources are only read", () => {
  const any = new AnySource([holding()]);
  expect(any.name).toBe("sources");
  for (const act of [() => any.has(), () => any.put()])
    expect(act).toThrow(expect.objectContaining({ code: "ERR_UNSUPPORTED" }));
});
