// What a device takes of another's log, and in which steps.

import { formatLink, generateSeed, openWriter, type Remote, type Writer } from "@remote-log/core";
import { generateIdentity, recipientOf } from "@remote-log/core/keyring";
import { memoryNames, memoryRemote, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test } from "vitest";
import { GroupStore, type NewEntry } from "../../src/store/group-store.ts";
import { KnownKeys } from "../../src/store/known-keys.ts";
import { FollowedLog, type Take } from "../../src/sync/followed-log.ts";
import { MemberIdentity } from "../../src/sync/member-identity.ts";

const signal = new AbortController().signal;
const ALL = { end: Number.POSITIVE_INFINITY, skips: false, signal };

interface Followed {
  readonly writer: Writer;
  readonly recipient: string;
  readonly store: GroupStore;
  readonly known: KnownKeys;
  readonly log: FollowedLog;
  /** How many entries each step had that was kept. */
  readonly steps: number[];
  /** How often remotes were opened. */
  readonly opened: () => number;
}

/** A log of somebody, and who follows it. */
async function followed(): Promise<Followed> {
  const contents = new Map<string, Uint8Array>();
  const table = new NameTable();
  const remote = (): Remote => ({
    ...memoryRemote(),
    storage: memoryStorage({ contents }),
    names: memoryNames({ table }),
  });
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel(),
    remotes: [remote()],
    publish: "manual",
  });
  const identity = await generateIdentity();
  const database = new MemoryLevel<Uint8Array, Uint8Array>();
  const store = new GroupStore(database);
  await store.open();
  const steps: number[] = [];
  const add = store.add.bind(store);
  store.add = async (entries) => {
    steps.push(entries.length);
    await add(entries);
  };
  let opened = 0;
  const open = (): Remote => {
    opened++;
    return remote();
  };
  const known = await KnownKeys.load(database);
  const log = new FollowedLog(writer.logId, formatLink({ logId: writer.logId, remotes: ["memory:x"] }), {
    store,
    schemes: { "memory:": open },
    readers: new MemoryLevel<Uint8Array, Uint8Array>(),
    identity: new MemberIdentity(identity, known),
    retries: 0,
  });
  onTestFinished(async () => {
    await log.close();
    await writer.close();
  });
  const recipient = await recipientOf(identity);
  return { writer, recipient, store, known, log, steps, opened: () => opened };
}

async function write(writer: Writer, ...contents: readonly Uint8Array[]): Promise<void> {
  await writer.appendAll(contents);
  await writer.publish();
}

const bytes = (...values: number[]): Uint8Array[] => values.map((value) => new Uint8Array([value]));

function taking(log: string, waits: (sequence: number) => boolean = () => false): Take {
  return (sequence, content): NewEntry | "wait" =>
    waits(sequence) ? "wait" : { log, sequence, content, receivedAt: 1 };
}

test("entries are kept in steps of 256, or of a mebibyte, and read once", async () => {
  const { writer, recipient, store, log, steps } = await followed();
  await writer.grant([recipient], { withHistory: true });
  await write(writer, ...Array.from({ length: 600 }, () => new Uint8Array(1)));
  await log.catchUp(taking(writer.logId), ALL);
  expect([steps, store.stateOf(writer.logId).next]).toEqual([[256, 256, 88], 600]);
  steps.length = 0;
  await log.catchUp(taking(writer.logId), ALL);
  expect(steps).toEqual([0]);
  steps.length = 0;
  await write(writer, new Uint8Array(2 ** 20 - 1), ...bytes(1, 2), new Uint8Array(2 ** 20), ...bytes(3));
  await log.catchUp(taking(writer.logId), ALL);
  expect([steps, store.stateOf(writer.logId).next]).toEqual([[2, 2, 1], 605]);
});

test("it ends before a number, and before what has to wait, which is read later", async () => {
  const { writer, recipient, store, log } = await followed();
  await writer.grant([recipient], { withHistory: true });
  await write(writer, ...bytes(0, 1, 2, 3, 4));
  const next = (): number => store.stateOf(writer.logId).next;
  await log.catchUp(taking(writer.logId), { ...ALL, end: 2 });
  expect(next()).toBe(2);
  await log.catchUp(
    taking(writer.logId, (sequence) => sequence === 3),
    ALL,
  );
  expect(next()).toBe(3);
  await log.catchUp(taking(writer.logId), ALL);
  expect(next()).toBe(5);
  // Nothing is asked for what is read already.
  const { store: other, log: unread, writer: silent, opened } = await followed();
  await unread.catchUp(taking(silent.logId), { ...ALL, end: 0 });
  expect([other.stateOf(silent.logId).next, opened()]).toEqual([0, 1]);
});

test("what came before a failure is kept", async () => {
  const { writer, recipient, store, log } = await followed();
  await writer.grant([recipient], { withHistory: true });
  await write(writer, ...bytes(0, 1, 2));
  const failing: Take = (sequence, content) => {
    if (sequence === 2) throw new Error("no");
    return taking(writer.logId)(sequence, content);
  };
  await expect(log.catchUp(failing, ALL)).rejects.toThrow("no");
  expect(store.stateOf(writer.logId).next).toBe(2);
});

test("who may not read what was before begins where it may, if that is how it is to be", async () => {
  const { writer, recipient, store, log } = await followed();
  await write(writer, ...bytes(0, 1, 2));
  await expect(log.catchUp(taking(writer.logId), { ...ALL, skips: true })).rejects.toMatchObject({
    code: "ERR_NO_KEY",
  });
  await writer.grant([recipient]);
  await writer.publish();
  // Nothing was written with the new key.
  await expect(log.catchUp(taking(writer.logId), { ...ALL, skips: true })).rejects.toMatchObject({
    code: "ERR_NO_KEY",
  });
  await write(writer, ...bytes(3, 4));
  await expect(log.catchUp(taking(writer.logId), ALL)).rejects.toMatchObject({ code: "ERR_NO_KEY" });
  expect(store.stateOf(writer.logId).next).toBe(0);
  const taken: number[] = [];
  const take: Take = (sequence, content) => {
    taken.push(sequence);
    return taking(writer.logId)(sequence, content);
  };
  await log.catchUp(take, { ...ALL, skips: true });
  expect([taken, store.stateOf(writer.logId).next]).toEqual([[3, 4], 5]);
});

test("a key that was given and is wrong is forgotten, and the log's owner is believed", async () => {
  const { writer, recipient, store, known, log } = await followed();
  const wrong = new Map([[writer.logId, { epoch: 0, key: new Uint8Array(32).fill(9) }]]);
  await known.keep(wrong);
  await write(writer, ...bytes(0));
  await expect(log.catchUp(taking(writer.logId), ALL)).rejects.toMatchObject({ code: "ERR_NO_KEY" });
  expect(known.get(writer.logId)).toBeUndefined();
  await known.keep(wrong);
  await writer.grant([recipient], { withHistory: true });
  await writer.publish();
  await log.catchUp(taking(writer.logId), ALL);
  expect(store.stateOf(writer.logId).next).toBe(1);
  // What the owner's keyring gave is known from now on.
  expect([...known.get(writer.logId)!.key]).toEqual([...writer.readKey!.toBytes()]);
});

test("a key that was given opens the log of whoever named nobody", async () => {
  const { writer, store, known, log } = await followed();
  await write(writer, ...bytes(0, 1));
  await known.keep(new Map([[writer.logId, { epoch: 0, key: writer.readKey!.toBytes() }]]));
  await log.catchUp(taking(writer.logId), ALL);
  expect(store.stateOf(writer.logId).next).toBe(2);
});

test("its remotes are opened once, and again after it could not be opened; closing it twice is closing it once", async () => {
  const { writer, recipient, store, log, opened } = await followed();
  await expect(log.catchUp(taking(writer.logId), ALL)).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  await writer.grant([recipient], { withHistory: true });
  await write(writer, ...bytes(0));
  for (let i = 0; i < 3; i++) await log.catchUp(taking(writer.logId), ALL);
  expect([store.stateOf(writer.logId).next, opened() <= 2]).toEqual([1, true]);
  await log.close();
  await log.close();
  const link = formatLink({ logId: writer.logId, remotes: ["other:x"] });
  const never = new FollowedLog(writer.logId, link, {
    store,
    schemes: {},
    readers: new MemoryLevel<Uint8Array, Uint8Array>(),
    identity: new MemberIdentity(
      await generateIdentity(),
      await KnownKeys.load(new MemoryLevel<Uint8Array, Uint8Array>()),
    ),
    retries: 0,
  });
  for (let i = 0; i < 2; i++)
    await expect(never.catchUp(taking(writer.logId), ALL)).rejects.toBeInstanceOf(Error);
  await never.close();
});
