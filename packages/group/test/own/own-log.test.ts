// A log of a device: who is named as a reader, and when its key changes.

import { generateSeed, RestoredError, UnreachableError } from "@remote-log/core";
import { generateIdentity, recipientOf } from "@remote-log/core/keyring";
import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type Audience, isRestored, OwnLog, type OwnLogOptions } from "../../src/own/own-log.ts";

const never = new AbortController().signal;
const quietly = { changesKey: false, onlyIfWritten: false, signal: undefined } as const;
let people: readonly string[];

beforeAll(async () => {
  people = await Promise.all(Array.from({ length: 12 }, async () => recipientOf(await generateIdentity())));
});

async function open(options: Partial<OwnLogOptions> = {}): Promise<OwnLog> {
  const log = await OwnLog.open(generateSeed(), new MemoryLevel<Uint8Array, Uint8Array>(), {
    sync: "manual",
    remotes: undefined,
    ...options,
  });
  onTestFinished(() => log.close());
  return log;
}

const all = (names: readonly string[], more: { history?: boolean; holds?: number } = {}): Audience =>
  new Map(names.map((name) => [name, { history: true, ...more }]));

const named = (log: OwnLog): readonly string[] => log.writer.readers.map(({ recipient }) => recipient).sort();

test("who is missing is named, and who is no member any more is shut out by another key", async () => {
  const log = await open();
  const [one, two, three] = people as [string, string, string];
  await log.append(new Uint8Array(1), undefined);
  await log.setAudience(all([one, two]), quietly);
  expect([named(log), log.epoch]).toEqual([[one, two].sort(), 0]);
  const { key } = log.key;
  await log.setAudience(all([one, two]), quietly);
  expect(log.epoch).toBe(0);
  await log.setAudience(all([one, three]), quietly);
  await log.append(new Uint8Array(1), undefined);
  expect([named(log), log.epoch]).toEqual([[one, three].sort(), 1]);
  expect(log.key).toMatchObject({ epoch: 1 });
  expect(log.key.key).not.toEqual(key);
});

test("the key changes when it is told to, and for who may not read what was before", async () => {
  const log = await open();
  const [one, two] = people as [string, string];
  const epochs: number[] = [];
  const next = async (audience: Audience, changesKey = false): Promise<void> => {
    await log.setAudience(audience, { ...quietly, changesKey });
    await log.append(new Uint8Array(1), undefined);
    epochs.push(log.epoch);
  };
  await next(all([one]));
  await next(all([one]), true);
  await next(new Map([...all([one]), ...all([two], { history: false })]));
  // Who was named without history is named again with it, for which no key changes.
  await next(all([one, two]));
  await next(all([one, two]));
  expect(epochs).toEqual([0, 1, 2, 2, 2]);
  expect(log.writer.readers.map(({ withHistory }) => withHistory)).toEqual([true, true]);
});

test("who holds the key already waits until one for every four is waiting, or somebody else is named", async () => {
  const log = await open();
  await log.append(new Uint8Array(1), undefined);
  const [readers, holders] = [people.slice(0, 8), people.slice(8)];
  const audience = (holding: readonly string[], others: readonly string[] = readers): Audience =>
    new Map([...all(others), ...all(holding, { holds: 0 })]);
  await log.setAudience(audience([]), quietly);
  await log.setAudience(audience(holders.slice(0, 2)), quietly);
  expect(named(log)).toEqual([...readers].sort());
  await log.setAudience(audience(holders.slice(0, 3)), quietly);
  expect(named(log)).toEqual([...readers, ...holders.slice(0, 3)].sort());
  // One who holds another key is named at once.
  await log.setAudience(
    new Map([...audience(holders.slice(0, 3)), ...all(holders.slice(3), { holds: 1 })]),
    quietly,
  );
  expect(named(log)).toEqual([...people].sort());
});

test("who waits is named with the next one who can't, and when the key changes", async () => {
  for (const changesKey of [false, true]) {
    const log = await open();
    await log.append(new Uint8Array(1), undefined);
    await log.setAudience(all(people.slice(0, 8)), quietly);
    const more = changesKey ? [] : people.slice(9, 10);
    const audience = new Map([
      ...all([...people.slice(0, 8), ...more]),
      ...all(people.slice(8, 9), { holds: 0 }),
    ]);
    await log.setAudience(audience, { ...quietly, changesKey });
    expect(named(log)).toContain(people[8]);
    await log.append(new Uint8Array(1), undefined);
    expect(log.epoch).toBe(changesKey ? 1 : 0);
  }
});

test("in a log that has nothing nobody is named, if that is how it is to be", async () => {
  const log = await open();
  await log.setAudience(all(people.slice(0, 1)), { ...quietly, onlyIfWritten: true });
  expect(named(log)).toEqual([]);
  await log.append(new Uint8Array(1), undefined);
  await log.setAudience(all(people.slice(0, 1)), { ...quietly, onlyIfWritten: true });
  expect(named(log)).toEqual(people.slice(0, 1));
  const other = await open();
  await other.setAudience(all(people.slice(0, 1)), quietly);
  expect(named(other)).toEqual(people.slice(0, 1));
});

test("its place is reachable if one of its remotes answers, in time", async () => {
  const failing = memoryRemote();
  let answers = false;
  const remote = {
    ...failing,
    names: {
      ...failing.names,
      resolve: async (...words: Parameters<typeof failing.names.resolve>) => {
        if (!answers) throw new UnreachableError("no network", { operation: "names.resolve" });
        return failing.names.resolve(...words);
      },
    },
  };
  const log = await open({ remotes: () => [{ remote, uri: "memory:one" }] });
  expect(await log.isReachable(never)).toBe(false);
  answers = true;
  expect(await log.isReachable(never)).toBe(true);
  answers = false;
  const two = await open({
    remotes: () => [
      { remote, uri: "memory:one" },
      { remote: memoryRemote({ label: "two" }), uri: "memory:two" },
    ],
  });
  expect(await two.isReachable(never)).toBe(true);
  expect(two.uris).toEqual(["memory:one", "memory:two"]);
  expect(await (await open()).isReachable(never)).toBe(false);
  await expect(log.isReachable(AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
});

test("entries wait until the remote that is farthest has them; without one they wait for good, and nothing is published", async () => {
  const log = await open({ remotes: () => [{ remote: memoryRemote(), uri: "memory:one" }] });
  const receipt = await log.append(new Uint8Array(1), undefined);
  expect([receipt.sequence, log.waiting]).toEqual([0, 1]);
  const published = log.published(never);
  await log.publish(undefined);
  await published;
  expect(log.waiting).toBe(0);
  const nowhere = await open();
  await nowhere.append(new Uint8Array(1), undefined);
  await nowhere.publish(undefined);
  expect(nowhere.waiting).toBe(1);
  expect(log.link).toContain(log.id);
});

test("an error says of itself that a journal is older than what is published", () => {
  expect(isRestored(new RestoredError("x", { operation: "x", local: 0, published: 1 }))).toBe(true);
  expect(isRestored(new Error("x"))).toBe(false);
});
