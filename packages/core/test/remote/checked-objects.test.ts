// What is read from a storage, or stored there, is held against its address.

import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test, vi } from "vitest";
import {
  Address,
  addressOf,
  generateSeed,
  InvalidInputError,
  NotFoundError,
  openReader,
  openWriter,
  type Remote,
  rawSha256,
  type StorageBackend,
  UnreachableError,
} from "../../src/index.ts";
import { readNameContent } from "../../src/log/head.ts";
import { getChecked } from "../../src/remote/checked-get.ts";
import { putChecked } from "../../src/remote/checked-put.ts";
import { nameContent } from "../../src/remote/name-content.ts";
import { checkRemotes } from "../../src/remote/remote.ts";
import { ScriptedNames, ScriptedStorage, scriptedRemote } from "../reader/scripted-remote.ts";

const content = new TextEncoder().encode("the content");
const address = await addressOf(content, rawSha256);
const foreign = Address.create(0x55, 0x13, new Uint8Array(64).fill(7));
const aborted = AbortSignal.abort("gave up");
const { signal } = new AbortController();

/** A storage whose every read does the same. */
function reading(read: () => Promise<Uint8Array>, readYourWrites = true): ScriptedStorage {
  const storage = new ScriptedStorage(new Map(), readYourWrites);
  storage.before = read;
  return storage;
}

test("bytes that are not those of the address are refused, also if the storage did not look", async () => {
  const other = new TextEncoder().encode("the contenT");
  expect(
    await failure(
      getChecked(
        reading(async () => other),
        address,
        { maxBytes: 100 },
      ),
    ),
  ).toMatchObject({
    code: "ERR_INTEGRITY",
  });
});

test("as many bytes as are accepted are taken, and not one more", async () => {
  const storage = reading(async () => content);
  expect(await getChecked(storage, address, { maxBytes: 11 })).toEqual(content);
  expect(await failure(getChecked(storage, address, { maxBytes: 10 }))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 10,
    operation: "storage.get",
  });
});

test("a signal that has fired is the reason before anything else, and nothing is asked", async () => {
  const storage = reading(() => expect.unreachable());
  expect(await failure(getChecked(storage, foreign, { maxBytes: 1, signal: aborted }))).toBe("gave up");
  const put = vi.fn<StorageBackend["put"]>(() => expect.unreachable());
  expect(await failure(putChecked(Object.assign(storage, { put }), content, address, aborted))).toBe(
    "gave up",
  );
  expect([storage.reads, put.mock.calls]).toEqual([[], []]);
});

test("an address of a kind that the storage does not declare is not asked for", async () => {
  const storage = reading(async () => content);
  expect(await failure(getChecked(storage, foreign, { maxBytes: 100 }))).toMatchObject({
    code: "ERR_INTEGRITY",
  });
  expect(storage.reads).toEqual([]);
});

test("what a storage makes of an abort is not shown: the signal's reason is", async () => {
  const controller = new AbortController();
  const storage = reading(async () => {
    controller.abort("gave up");
    throw new NotFoundError("no", { operation: "storage.get" });
  });
  const options = { maxBytes: 100, signal: controller.signal };
  expect(await failure(getChecked(storage, address, options))).toBe("gave up");
});

test("an absence is one that may pass just where a storage may show what was written later", async () => {
  const absent = new NotFoundError("no", { operation: "storage.get" });
  const unreachable = new UnreachableError("no", { operation: "storage.get" });
  const get = (error: Error, readYourWrites: boolean): Promise<Error> =>
    failure(
      getChecked(
        reading(() => Promise.reject(error), readYourWrites),
        address,
        { maxBytes: 100 },
      ),
    );
  expect(await get(absent, true)).toBe(absent);
  expect(await get(absent, false)).toMatchObject({
    code: "ERR_NOT_PROPAGATED",
    retry: "safe",
    cause: absent,
    message: expect.stringContaining(`${address}`),
  });
  expect(await get(unreachable, false)).toBe(unreachable);
});

test("a storage that answers a put with another address does not keep what it was given", async () => {
  const put = vi.fn<StorageBackend["put"]>(async () => address);
  const storage = Object.assign(
    reading(() => expect.unreachable()),
    { put },
  );
  await putChecked(storage, content, address, signal);
  expect(put).toHaveBeenCalledExactlyOnceWith(content, { signal });
  expect(await failure(putChecked(storage, content, foreign, signal))).toMatchObject({
    code: "ERR_INTEGRITY",
    operation: "storage.put",
    message: expect.stringMatching(new RegExp(`address ${address},.*address ${foreign}`)),
  });
});

test("a name holds a head that fits, and the address of one that does not, once that is stored", async () => {
  const second = { ...rawSha256, name: "other", codec: 0x71 };
  const names = Object.assign(new ScriptedNames(), { capabilities: { largestContent: 11 } });
  const refusals = [new UnreachableError("not now", { operation: "storage.put", retry: "safe" })];
  const put = vi.fn<StorageBackend["put"]>(async (bytes) => {
    const refusal = refusals.pop();
    if (refusal !== undefined) throw refusal;
    return addressOf(bytes, rawSha256);
  });
  const capabilities = { hashTypes: [rawSha256, second] };
  const storage = Object.assign(
    reading(() => expect.unreachable()),
    { capabilities, put },
  );
  expect(await nameContent({ storage, names }, content, signal)).toBe(content);
  expect(put).not.toHaveBeenCalled();
  const larger = new TextEncoder().encode("the contents");
  const held = readNameContent(await nameContent({ storage, names }, larger, signal));
  expect(held).toMatchObject({ kind: "pointer" });
  expect(`${(held as { address: Address }).address}`).toBe(`${await addressOf(larger, rawSha256)}`);
  // Again after the failure that passed.
  expect(put).toHaveBeenCalledTimes(2);
});

const labelled = (...labels: string[]): Remote[] =>
  labels.map((label) => scriptedRemote(new Map(), undefined, { label }));

test.each([
  ["one character", ["a"]],
  ["256 characters", ["a".repeat(256)]],
  ["two labels", ["a", "b"]],
])("labels of remotes may have %s", (_what, labels) => {
  expect(() => checkRemotes(labelled(...labels))).not.toThrow();
});

test.each([
  ["no character", [""], "1 to 256 printable characters"],
  ["257 characters", ["a".repeat(257)], "1 to 256 printable characters"],
  ["a character that commands a terminal", ["a\u001bb"], "1 to 256 printable characters"],
  ["twice the same", ["b", "a", "b"], 'Two remotes are called "b"'],
  ["none at all", [], "at least one remote"],
])(
  "labels of remotes may not have %s, and neither a reader nor a writer opens",
  async (_what, labels, words) => {
    const remotes = labelled(...labels);
    expect(() => checkRemotes(remotes)).toThrow(InvalidInputError);
    const message = expect.stringContaining(words) as string;
    expect(() => checkRemotes(remotes)).toThrow(expect.objectContaining({ message }));
    const logId = "0".repeat(64);
    await expect(openReader({ logId, remotes })).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
      message,
    });
    if (labels.length === 0) return;
    const writing = openWriter({
      settings: { visibility: "public" },
      seed: generateSeed(),
      journal: new MemoryLevel(),
      remotes,
    });
    await expect(writing).rejects.toMatchObject({ code: "ERR_INVALID_INPUT", message });
  },
);
