import { beforeAll, expect, test } from "vitest";
import {
  addressOf,
  IntegrityError,
  MalformedError,
  memoryReaderStore,
  NotFoundError,
  openReader,
  RollbackError,
  rawSha256,
  StaleError,
} from "../../src/index.ts";
import { encodeHeadPointer, verifyHead } from "../../src/log/head.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { collect, readWhole } from "./read-whole.ts";
import { readerAt } from "./reader-at.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "./two-branches.ts";
import { contents, type WrittenLog, writeLog } from "./written-log.ts";

let written: TwoBranches;
let log: WrittenLog;
let branch: WrittenLog;
let objects: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  written = await writeTwoBranches();
  ({ log, branch, objects } = written);
});

const at = (size: number): Uint8Array => log.heads.get(size)!;

test.each([
  ["garbage", new Uint8Array([0xff, 0x00, 0x13])],
  ["nothing", new Uint8Array(0)],
  ["text", new TextEncoder().encode("404 not found")],
])("a name that holds %s is refused as malformed", async (_what, content) => {
  const delivery = await readWhole({ logId: log.logId, remotes: [scriptedRemote(objects, content)] });
  expect(delivery.error).toBeInstanceOf(MalformedError);
});

test("the head of another writer's log, or of another log of the same key, is refused", async () => {
  const stranger = await writeLog(contents(9));
  const sibling = await writeLog(contents(9), { seed: written.seed, settings: { leafSize: 8, fanOut: 4 } });
  for (const other of [stranger, sibling]) {
    const remote = scriptedRemote(new Map([...objects, ...other.contents]), other.head);
    expect((await readWhole({ logId: log.logId, remotes: [remote] })).error).toBeInstanceOf(IntegrityError);
  }
});

test("a checkpoint of another size in the place of a head's own is refused, for all pairs of sizes", async () => {
  for (const size of [0, 1, 4, 5, 16, 17, 20, 21, 64, 65, 70]) {
    for (const other of [0, 1, 2, 4, 5, 6, 16, 17, 18, 20, 21, 64, 65, 66, 69]) {
      if (size === other) continue;
      const { checkpoint } = decodeRemoteLog(at(other));
      const content = encodeRemoteLog({ ...decodeRemoteLog(at(size)), checkpoint });
      const { error } = await readWhole({ logId: log.logId, remotes: [scriptedRemote(objects, content)] });
      expect(error instanceof MalformedError || error instanceof IntegrityError).toBe(true);
    }
  }
});

test("a head pointer is followed once: to a head, not to another pointer, nor to garbage", async () => {
  const extended = new Map(objects);
  const put = async (bytes: Uint8Array): Promise<Uint8Array> => {
    const address = await addressOf(bytes, rawSha256);
    extended.set(address.toString(), bytes);
    return encodeHeadPointer(address);
  };
  const pointer = await put(at(70));
  const whole = await readWhole({ logId: log.logId, remotes: [scriptedRemote(extended, pointer)] });
  expect(whole.error).toBeUndefined();
  expect(whole.entries.length).toBe(70);

  for (const hostile of [
    await put(pointer),
    await put(new Uint8Array([1, 2, 3])),
    await put(new Uint8Array(0)),
  ]) {
    const remote = scriptedRemote(extended, hostile);
    expect((await readWhole({ logId: log.logId, remotes: [remote] })).error).toBeInstanceOf(MalformedError);
    expect(remote.storage.reads.length).toBe(1);
  }
  const pointerAndHead = new Uint8Array([...at(70), ...pointer]);
  const { error } = await readWhole({
    logId: log.logId,
    remotes: [scriptedRemote(extended, pointerAndHead)],
  });
  expect(error).toBeInstanceOf(MalformedError);
  const missing = encodeHeadPointer(await addressOf(new Uint8Array([9, 9]), rawSha256));
  const { error: absent } = await readWhole({
    logId: log.logId,
    remotes: [scriptedRemote(extended, missing)],
  });
  expect(absent).toBeInstanceOf(NotFoundError);
});

test("an older head is a rollback where the name system promises not to lag, and stale where it may", async () => {
  for (const [readYourWrites, kind] of [
    [true, RollbackError],
    [false, StaleError],
  ] as const) {
    const { reader, remote } = await readerAt(written, 60, { readYourWrites });
    for (const older of [59, 30, 0]) {
      remote.names.show(at(older), "a revision never seen before");
      await expect(reader.sync()).rejects.toBeInstanceOf(kind);
      const { error, entries } = await collect(reader.from(0));
      expect(error).toBeInstanceOf(kind);
      expect(entries).toEqual([]);
      expect(reader.size).toBe(60);
    }
    remote.names.show(at(61));
    expect((await reader.sync()).size).toBe(61);
  }
});

test("a rollback is noticed across a restart", async () => {
  const { store } = await readerAt(written, 60);
  const remote = scriptedRemote(objects);
  remote.names.show(at(59), "a revision never seen before");
  const reader = await openReader({ logId: log.logId, remotes: [remote], store });
  expect(reader.size).toBe(60);
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_ROLLBACK", offered: 59, verified: 60 });
});

test("a floor refuses an older state, and another history, on first contact", async () => {
  const { checkpoint } = await verifyHead(at(50), log.logId);
  const open = (head: Uint8Array, floor: { size: number; root?: Uint8Array }) =>
    readWhole({ logId: log.logId, remotes: [scriptedRemote(objects, head)], floor });
  expect((await open(at(49), { size: 50 })).error).toMatchObject({
    code: "ERR_ROLLBACK",
    offered: 49,
    verified: 50,
  });
  for (const head of [at(50), at(51), at(70)]) {
    const delivery = await open(head, { size: 50, root: checkpoint.root });
    expect(delivery.error).toBeUndefined();
  }
  for (const size of [50, 60, 70]) {
    const delivery = await open(branch.heads.get(size)!, { size: 50, root: checkpoint.root });
    expect(delivery.error).toBeInstanceOf(IntegrityError);
    expect(delivery.entries).toEqual([]);
  }
});

test("a name that shows a web page is no answer, and may be asked again", async () => {
  const remote = scriptedRemote(objects);
  remote.names.show(new TextEncoder().encode("<html>404</html>"));
  const reader = await openReader({ logId: log.logId, remotes: [remote], retries: 0 });
  await expect(reader.sync()).rejects.toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "web-page",
    retry: "safe",
  });
});

test("a name system that says unchanged without being asked is not believed", async () => {
  const remote = scriptedRemote(objects);
  remote.names.answer({ status: "unchanged", revision: "7" });
  const reader = await openReader({ logId: log.logId, remotes: [remote], retries: 0 });
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_UNREACHABLE" });
});

test("a log that is not there, or not there any more, is not found", async () => {
  const { reader, remote } = await readerAt(written, 60);
  remote.names.answer({ status: "absent" });
  await expect(reader.sync()).rejects.toBeInstanceOf(NotFoundError);
  await expect(reader.sync()).rejects.toThrow(/A state of \d+ entries was verified before/);
  expect(reader.size).toBe(60);
  const fresh = await openReader({ logId: log.logId, remotes: [scriptedRemote(objects)] });
  await expect(fresh.sync()).rejects.toBeInstanceOf(NotFoundError);
});

test("a reader that is up to date makes one conditional request, and nothing else", async () => {
  const { reader, remote } = await readerAt(written, 60);
  remote.names.asked.length = 0;
  const result = await reader.sync();
  expect(result).toMatchObject({ advanced: false, remotes: [{ status: "newest" }] });
  expect(remote.names.asked).toEqual([expect.objectContaining({ known: "1" })]);
  expect(remote.storage.reads).toEqual([]);
});

test("a store that holds other bytes than the reader wrote is refused as damaged", async () => {
  for (const key of ["mark", "fork"]) {
    for (const value of ["", "{", "null", "7", "{}", '{"head":"zz"}', '{"genesis":7}']) {
      const store = memoryReaderStore();
      await store.put(`${log.logId}/${key}`, new TextEncoder().encode(value));
      const opened = openReader({ logId: log.logId, remotes: [scriptedRemote(objects, at(60))], store });
      await expect(opened, `${key} ${value}`).rejects.toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
    }
  }
  for (const value of ["null", "{}", '{"next":-1}', '{"next":1.5}', "["]) {
    const store = memoryReaderStore();
    await store.put(`${log.logId}/cursor/c`, new TextEncoder().encode(value));
    const reader = await openReader({ logId: log.logId, remotes: [scriptedRemote(objects, at(60))], store });
    const { error } = await collect(reader.follow({ cursor: "c", live: false }));
    expect(error, value).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  }
});
