import { beforeAll, expect, test } from "vitest";
import { memoryReaderStore, openReader, type ReaderStore, StaleError } from "../../src/index.ts";
import { collect, expectEntries, take } from "./read-whole.ts";
import { readerAt } from "./reader-at.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "./two-branches.ts";
import type { WrittenLog } from "./written-log.ts";

// A resolver that knows that all it is shown is out of date says so, with ERR_STALE: expired, or older than what the
// reader knows. That is the trouble of this remote alone, and it may pass.

let written: TwoBranches;
let log: WrittenLog;
let objects: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  written = await writeTwoBranches();
  ({ log, objects } = written);
});

const at = (size: number): Uint8Array => log.heads.get(size)!;
const expired = (): StaleError =>
  new StaleError("The record expired 3 days ago.", { operation: "names.resolve" });

/** A remote whose name system may lag. */
function lagging(head?: Uint8Array, label = "lagging") {
  return scriptedRemote(objects, head, { label, readYourWrites: false });
}

test("a name that is out of date for its resolver is stale, and may be asked for again", async () => {
  const remote = lagging();
  const error = expired();
  remote.names.fail(error);
  const reader = await openReader({ logId: log.logId, remotes: [remote], retries: 0 });
  await expect(reader.sync()).rejects.toBe(error);
  const { entries, error: reason } = await collect(reader.from(0));
  expect([entries, reason]).toEqual([[], error]);
  expect([reader.size, reader.checkpoint, error.retry]).toEqual([0, undefined, "safe"]);
  remote.names.show(at(60));
  expect((await reader.sync()).size).toBe(60);
});

test("what was verified before stays, with its revision, and can be read while the name is out of date", async () => {
  const { reader, remote } = await readerAt(written, 60, { readYourWrites: false });
  const { checkpoint } = reader;
  const error = expired();
  remote.names.fail(error);
  await expect(reader.sync()).rejects.toBe(error);
  expect([reader.size, reader.checkpoint]).toEqual([60, checkpoint]);
  expect((await reader.entry(59)).content).toEqual(log.entries[59]);
  remote.names.show(at(60), "1");
  remote.names.asked.length = 0;
  expect(await reader.sync()).toMatchObject({ advanced: false, remotes: [{ status: "newest" }] });
  expect(remote.names.asked).toEqual([expect.objectContaining({ known: "1" })]);
});

test("a reader that is opened again on its store keeps its state past a name that is out of date", async () => {
  const { store, reader: first } = await readerAt(written, 60, { readYourWrites: false });
  await first.close();
  const remote = lagging(undefined, "scripted");
  remote.names.fail(expired());
  const reader = await openReader({ logId: log.logId, remotes: [remote], store, retries: 0 });
  await expect(reader.sync()).rejects.toBeInstanceOf(StaleError);
  expect(reader.size).toBe(60);
  remote.names.show(at(59), "a revision never seen before");
  await expect(reader.sync()).rejects.toBeInstanceOf(StaleError);
  expect(reader.size).toBe(60);
});

test("other remotes continue, and the one that is out of date is reported as failed, with its error", async () => {
  const [stale, sound] = [lagging(undefined, "stale"), lagging(at(60), "sound")];
  const error = expired();
  stale.names.fail(error);
  for (const remotes of [
    [stale, sound],
    [sound, stale],
  ]) {
    const reader = await openReader({ logId: log.logId, remotes, retries: 0 });
    const result = await reader.sync();
    expect(result.size).toBe(60);
    const reports = new Map(result.remotes.map((report) => [report.label, report]));
    expect(reports.get("stale")).toEqual({ label: "stale", status: "failed", error });
    expect(reports.get("sound")).toMatchObject({ status: "newest", size: 60 });
    const delivery = await collect(reader.from(0));
    expect(delivery.error).toBeUndefined();
    expectEntries(delivery.entries, log.entries);
    expect(delivery.entries.length).toBe(60);
  }
});

test("beside a remote that shows less than was verified, an out-of-date one makes the whole stale", async () => {
  const [first, mirror] = [lagging(at(60), "first"), lagging(at(40), "mirror")];
  const reader = await openReader({ logId: log.logId, remotes: [first, mirror], retries: 0 });
  await reader.sync();
  first.names.fail(expired());
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_STALE", retry: "safe" });
  expect(reader.size).toBe(60);
});

test.each([
  ["from", (): ReaderStore | undefined => undefined],
  ["follow", (): ReaderStore | undefined => memoryReaderStore()],
] as const)(
  "a live stream by %s waits until the name is up to date, and continues",
  async (_what, makeStore) => {
    const remote = lagging(at(30));
    const store = makeStore();
    const reader = await openReader({
      logId: log.logId,
      remotes: [remote],
      pollMilliseconds: 1,
      ...(store && { store }),
    });
    const stream = store === undefined ? reader.from(0, { live: true }) : reader.follow({ cursor: "c" });
    let asked = 0;
    const resolve = remote.names.resolve.bind(remote.names);
    Object.assign(remote.names, {
      // Out of date for a while before the first state, between two states, and then no more.
      resolve: (...args: Parameters<typeof resolve>) => {
        asked++;
        if (asked === 25) remote.names.show(at(60));
        return asked <= 10 || (asked > 15 && asked <= 30) ? Promise.reject(expired()) : resolve(...args);
      },
    });
    const entries = await take(stream, 60);
    expectEntries(entries, log.entries);
    expect(entries.length).toBe(60);
    expect(asked).toBeGreaterThan(30);
    await reader.close();
  },
);

test("a stream that is not live ends with the error of the name", async () => {
  const remote = lagging(at(30));
  const reader = await openReader({ logId: log.logId, remotes: [remote], retries: 0 });
  expect((await collect(reader.from(0))).entries.length).toBe(30);
  const error = expired();
  remote.names.fail(error);
  expect(await collect(reader.from(0))).toEqual({ entries: [], error });
});
