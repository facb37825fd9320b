// When a mirroring is refused, and what a target gets of a log that no source shows whole.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { Address, mirrorLog, openReader, type Remote, type StorageBackend } from "../../src/index.ts";
import type { Pair } from "../../src/log/pair.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { rewritten } from "./rewritten-log.ts";
import { expectWhole, logAt, makeTarget, mirrorFrom, readableOn, type Target } from "./target.ts";

const SIZE = 29;
const OLDER = 13;

let log: WrittenLog;
let older: Target;

const removed = (pair: Pair): Pair => ({ ...pair, place: { kind: "removed" } });
const elsewhere = (pair: Pair): Pair => ({
  ...pair,
  place: { kind: "pointer", address: Address.create(0xfa, 0x1b, pair.contentHash) },
});

beforeAll(async () => {
  log = await writeLog(contents(SIZE), { settings: foldingCuts, publishAt: [OLDER] });
  older = makeTarget();
  await mirrorFrom(logAt(log, OLDER), older);
});

/** A source that shows just these entries of the newest state. */
async function showing(shows: (sequence: number) => boolean): Promise<Remote> {
  const tree = await rewritten(log, (pair, sequence) => (shows(sequence) ? pair : elsewhere(pair)));
  return scriptedRemote(tree.contents, tree.head);
}

test("a state of which a source shows nothing that the target lacks is refused, and the name is left", async () => {
  for (const shows of [() => false, (sequence: number) => sequence < OLDER]) {
    const target = makeTarget({ like: older });
    const held = target.table.values.get(log.logId);
    expect(await failure(mirrorFrom(log, target, { from: [await showing(shows)] }))).toMatchObject({
      code: "ERR_INTEGRITY",
    });
    expect(target.table.values.get(log.logId)).toBe(held);
  }
});

test.each([OLDER, 20, SIZE - 1])("one entry more is worth a new name: %i", async (one) => {
  const target = makeTarget({ like: older });
  const result = await mirrorFrom(log, target, { from: [await showing((sequence) => sequence === one)] });
  expect(result).toMatchObject({ name: "updated", missingEntries: SIZE - OLDER - 1 });
  const readable = await readableOn(target.remote, log);
  expect([...readable]).toEqual(log.entries.map((_, i) => i).filter((i) => i < OLDER || i === one));
});

test("a first mirroring needs one entry, and not the first", async () => {
  const none = makeTarget();
  expect(await failure(mirrorFrom(log, none, { from: [await showing(() => false)] }))).toMatchObject({
    code: "ERR_INTEGRITY",
  });
  expect(none.table.values.size).toBe(0);
  const target = makeTarget();
  const result = await mirrorFrom(log, target, { from: [await showing((sequence) => sequence === 20)] });
  expect(result).toMatchObject({ name: "updated", entries: 1, missingEntries: SIZE - 1 });
});

test("a target that is at this state, with gaps, is told what is missing still", async () => {
  const target = makeTarget();
  const source = await showing((sequence) => sequence < 20);
  const first = await mirrorFrom(log, target, { from: [source] });
  for (const options of [{}, { known: first.head, missing: first.missing }]) {
    const again = await mirrorFrom(log, target, { from: [source], ...options });
    expect(again).toMatchObject({ name: "current", missingEntries: SIZE - 20 });
  }
});

test("a target that is further than the sources is left, whatever they lack", async () => {
  const target = makeTarget();
  await mirrorFrom(log, target);
  const at = logAt(log, OLDER);
  const tree = await rewritten(at, removed);
  const result = await mirrorFrom(at, target, { from: [scriptedRemote(tree.contents, tree.head)] });
  expect(result).toMatchObject({ name: "newer", size: OLDER });
  await expectWhole(target, log);
});

test("what a remote has that is behind is taken, under the name that it has there", async () => {
  const tree = await rewritten(log, removed);
  const behind = scriptedRemote(log.contents, log.heads.get(OLDER), { label: "behind" });
  const named: Remote = {
    label: "behind",
    storage: behind.storage,
    name: "another name",
    names: {
      name: "named",
      capabilities: behind.names.capabilities,
      resolve: async (name, options) =>
        name === "another name" ? behind.names.resolve(name, options) : { status: "absent" },
      update: () => expect.unreachable(),
    },
  };
  for (const source of [behind, named]) {
    const target = makeTarget();
    const from = [scriptedRemote(tree.contents, tree.head), source];
    await mirrorFrom(log, target, { from });
    const readable = await readableOn(target.remote, log);
    expect(log.entries.map((_, i) => i).filter((i) => i < OLDER && !readable.has(i))).toEqual([]);
  }
});

test("a source of which just the state is known, and no remotes, is copied", async () => {
  const reader = await openReader({ logId: log.logId, remotes: [scriptedRemote(log.contents, log.head)] });
  await reader.sync();
  const target = makeTarget();
  const { logId, views } = reader;
  const source = { logId, views, sync: async () => undefined };
  expect(await mirrorLog({ reader: source, to: target.remote })).toMatchObject({ missing: [] });
  await expectWhole(target, log);
  await reader.close();
});

test("the head in the result is the caller's: changing it changes nothing", async () => {
  const reader = await openReader({ logId: log.logId, remotes: [scriptedRemote(log.contents, log.head)] });
  const { head } = await mirrorLog({ reader, to: { storage: makeTarget().remote.storage } });
  head.fill(0);
  const target = makeTarget();
  expect((await mirrorLog({ reader, to: target.remote })).head).toEqual(log.head);
  await expectWhole(target, log);
  await reader.close();
});

test.each([
  ["concurrency", 0, 1],
  ["retries", -1, 0],
])("%s has a least number, and is refused below it: %i", async (name, below, least) => {
  const target = makeTarget();
  for (const count of [below, least + 0.5, Number.POSITIVE_INFINITY])
    expect(await failure(mirrorFrom(log, target, { [name]: count }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
      operation: "mirror.open",
      message: expect.stringContaining(`${name} must be a whole number of at least ${least}, not ${count}`),
    });
  expect(target.contents.size).toBe(0);
  expect(await mirrorFrom(log, target, { [name]: least })).toMatchObject({ name: "updated" });
});

test("a target that does not answer is called what it is called, and held for no longer than the reader allows", async () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const remotes = [scriptedRemote(log.contents, log.head)];
  const limits = { requestMilliseconds: 20 };
  const reader = await openReader({ logId: log.logId, remotes, limits });
  const { storage, names } = makeTarget().remote;
  const silentNames = { name: "n", capabilities: names.capabilities, update: never, resolve: never };
  const silentStorage: StorageBackend = { ...storage, put: never };
  for (const [to, called] of [
    [{ label: "my mirror", storage, names: silentNames }, "my mirror"],
    [{ storage, names: silentNames }, storage.name],
    [{ label: "my mirror", storage: silentStorage }, "my mirror"],
  ] as const)
    expect(await failure(mirrorLog({ reader, to, retries: 0 }))).toMatchObject({
      code: "ERR_TIMEOUT",
      message: expect.stringMatching(new RegExp(`^${called} gave no answer`)),
    });
  await reader.close();
});

test.each([{ codec: 0x70 }, { hash: 0x16 }, { digestBytes: 20 }])(
  "a target whose addresses differ in %j is of another kind",
  async (differs) => {
    const { storage } = makeTarget().remote;
    const [type] = storage.capabilities.hashTypes;
    const hashTypes = [{ ...type!, ...differs, name: "other" }];
    const to = { storage: { ...storage, capabilities: { ...storage.capabilities, hashTypes } } };
    expect(await failure(mirrorFrom(log, makeTarget(), { to }))).toMatchObject({
      code: "ERR_UNSUPPORTED",
      message: expect.stringContaining("by other"),
    });
  },
);

test("a target without names gets everything, also what it seems to have, and nothing of a second tree", async () => {
  const target = makeTarget();
  const to = { storage: target.remote.storage };
  const stripped = await rewritten(log, removed);
  const from = [
    scriptedRemote(log.contents, log.head, { label: "whole" }),
    scriptedRemote(stripped.contents, stripped.head, { label: "stripped" }),
  ];
  await mirrorFrom(log, target, { to, from });
  const first = [...target.acknowledged].sort();
  expect(first).toEqual([...log.contents.keys()].filter((text) => first.includes(text)).sort());
  target.acknowledged.length = 0;
  await mirrorFrom(log, target, { to, from, resume: true });
  expect([...target.acknowledged].sort()).toEqual(first);
});
