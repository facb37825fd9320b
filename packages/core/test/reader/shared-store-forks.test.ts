// Readers that share a store, and storage that shows each of them another history.

import { beforeAll, expect, test } from "vitest";
import {
  type Entry,
  ForkError,
  generateSeed,
  memoryReaderStore,
  openReader,
  type Reader,
  type ReaderStore,
  verifyForkEvidence,
} from "../../src/index.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "./two-branches.ts";
import { contents, writeLog } from "./written-log.ts";

let written: TwoBranches;

beforeAll(async () => {
  written = await writeTwoBranches();
});

type ScriptedRemote = ReturnType<typeof scriptedRemote>;

/** Two readers of one store that have verified the first five entries, each with a remote of its own. */
async function twoReaders(
  store: ReaderStore,
  held: readonly ReadonlyMap<string, Uint8Array>[] = [written.objects, written.objects],
): Promise<{
  readonly readers: readonly [Reader, Reader];
  readonly remotes: readonly [ScriptedRemote, ScriptedRemote];
}> {
  const { log } = written;
  const open = async (label: string, objects: ReadonlyMap<string, Uint8Array>) => {
    const remote = scriptedRemote(objects, log.heads.get(5), { label });
    const reader = await openReader({ logId: log.logId, remotes: [remote], store, pollMilliseconds: 5 });
    await reader.sync();
    return { reader, remote };
  };
  const [one, two] = [await open("one", held[0]!), await open("two", held[1]!)];
  return { readers: [one.reader, two.reader], remotes: [one.remote, two.remote] };
}

async function readAll(reader: Reader): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of reader.from(0)) entries.push(entry);
  return entries;
}

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

test.each([
  ["equal", 40, 40],
  ["larger", 40, 50],
  ["smaller", 50, 40],
])("readers of one store never deliver two histories, the second of %s size", async (_how, one, two) => {
  for (const atOnce of [false, true]) {
    const store = memoryReaderStore();
    const { readers, remotes } = await twoReaders(store);
    remotes[0].names.show(written.log.heads.get(one)!);
    remotes[1].names.show(written.branch.heads.get(two)!);
    const first = readAll(readers[0]);
    if (!atOnce) await first;
    const outcomes = await Promise.allSettled([first, readAll(readers[1])]);
    const delivered = outcomes.filter(({ status }) => status === "fulfilled");
    expect(delivered.length, `at once: ${atOnce}`).toBeLessThanOrEqual(1);
    const stopped = outcomes.find(({ status }) => status === "rejected") as PromiseRejectedResult;
    expect(stopped.reason).toBeInstanceOf(ForkError);
    expect(await verifyForkEvidence((stopped.reason as ForkError).evidence)).toMatchObject({
      smaller: Math.min(one, two),
      larger: Math.max(one, two),
    });
    // Both are frozen from their next step on, and so is whoever comes later.
    for (const reader of readers) expect(await reasonOf(reader.sync())).toBeInstanceOf(ForkError);
    for (const reader of readers) expect(await reasonOf(reader.entry(0))).toBeInstanceOf(ForkError);
    const remote = scriptedRemote(written.objects, written.log.heads.get(70));
    const later = openReader({ logId: written.log.logId, remotes: [remote], store });
    expect(await reasonOf(later)).toBeInstanceOf(ForkError);
  }
});

test.each([
  [40, 40],
  [40, 50],
  [50, 40],
])("nor do they if each remote withholds the other history: %i and %i entries", async (one, two) => {
  for (const order of [[0, 1], [1, 0], []] as const) {
    const { log, branch } = written;
    const { readers, remotes } = await twoReaders(memoryReaderStore(), [log.contents, branch.contents]);
    remotes[0].names.show(log.heads.get(one)!);
    remotes[1].names.show(branch.heads.get(two)!);
    const delivered = new Set<Reader>();
    const read = async (reader: Reader): Promise<void> => {
      const entries = await readAll(reader).catch(() => []);
      if (entries.length > 5) delivered.add(reader);
    };
    // One after the other, or both at once; and then once more.
    for (const i of order) await read(readers[i]);
    await Promise.all(readers.map(read));
    expect(delivered.size, `in the order ${order}`).toBeLessThanOrEqual(1);
  }
});

test.each([
  ["from", (reader: Reader) => reader.from(0)],
  ["follow", (reader: Reader) => reader.follow({ cursor: "c", live: false })],
])("%s stops within 256 entries after another reader of the store has found a fork", async (_name, read) => {
  const seed = generateSeed();
  const log = await writeLog(contents(320), { seed });
  const branch = await writeLog(contents(320, " elsewhere", 30), { seed });
  const objects = new Map([...log.contents, ...branch.contents]);
  const store = memoryReaderStore();
  const open = (head: Uint8Array) =>
    openReader({ logId: log.logId, remotes: [scriptedRemote(objects, head)], store });
  const [one, two] = [await open(log.head), await open(branch.head)];
  let delivered = 0;
  const reading = (async () => {
    for await (const _ of read(one)) {
      delivered++;
      if (delivered === 100) expect(await reasonOf(two.sync())).toBeInstanceOf(ForkError);
    }
  })();
  expect(await reasonOf(reading)).toBeInstanceOf(ForkError);
  expect(delivered).toBe(256);
  expect(await reasonOf(one.inclusionProof(3))).toBeInstanceOf(ForkError);
  expect(await reasonOf(one.consistencyProof(3))).toBeInstanceOf(ForkError);
});

test("a proof is refused after the fork, even if nothing was read since", async () => {
  for (const prove of [
    (reader: Reader) => reader.inclusionProof(3),
    (one: Reader) => one.consistencyProof(3),
  ]) {
    const store = memoryReaderStore();
    const { readers, remotes } = await twoReaders(store);
    remotes[0].names.show(written.log.heads.get(40)!);
    remotes[1].names.show(written.branch.heads.get(40)!);
    await readers[0].sync();
    expect(await reasonOf(readers[1].sync())).toBeInstanceOf(ForkError);
    expect(await reasonOf(prove(readers[0]))).toBeInstanceOf(ForkError);
  }
});

test("what another reader saves while two states are compared is compared as well", async () => {
  const { readers, remotes } = await twoReaders(memoryReaderStore());
  remotes[0].names.show(written.log.heads.get(40)!);
  remotes[1].names.show(written.branch.heads.get(40)!);
  let calls = 0;
  remotes[1].storage.before = async () => {
    if (calls++ > 0) return undefined;
    await readers[0].sync();
    // A second call of the same reader sees what the store holds now, while the first still compares.
    await reasonOf(readers[1].inclusionProof(0));
    return undefined;
  };
  expect(await reasonOf(readers[1].sync())).toBeInstanceOf(ForkError);
  expect(calls).toBeGreaterThan(1);
});
