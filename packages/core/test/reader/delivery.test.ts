import { sample } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import { NotFoundError, openReader, type Reader, UnreachableError, WithheldError } from "../../src/index.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { forge, kindsOf } from "./forger.ts";
import { collect, expectEntries, readWhole } from "./read-whole.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { contents, foldingCuts, sizesTo, smallCuts, type WrittenLog, writeLog } from "./written-log.ts";

let log: WrittenLog;

beforeAll(async () => {
  log = await writeLog(contents(200), { publishAt: sizesTo(200) });
});

/** The borders of pages, nodes and levels, and what is beside them. */
const borders = [
  0, 1, 3, 4, 5, 15, 16, 17, 19, 20, 21, 63, 64, 65, 67, 68, 79, 80, 81, 127, 128, 129, 199, 200,
];

async function readerOf(size: number): Promise<Reader> {
  const remote = scriptedRemote(log.contents, log.heads.get(size));
  return openReader({ logId: log.logId, remotes: [remote] });
}

test.each([smallCuts, foldingCuts])(
  "a log of every size from 0 to 200 is delivered whole, in order, each entry once (%j)",
  async (settings) => {
    const written = await writeLog(contents(200), { settings, publishAt: sizesTo(200) });
    for (const size of sample("delivery", sizesTo(200), 20)) {
      const remote = scriptedRemote(written.contents, written.heads.get(size));
      const { entries, error } = await readWhole({ logId: written.logId, remotes: [remote] });
      expect(error, `${size} entries`).toBeUndefined();
      expectEntries(entries, log.entries);
      expect(entries.length).toBe(size);
    }
  },
);

test("reading from a place on, and a number of the newest, agree with the writer at every border", async () => {
  for (const size of sample("borders", borders, 4)) {
    const reader = await readerOf(size);
    for (const from of new Set([...borders, size - 1, size, size + 1, size + 1000])) {
      if (from < 0) continue;
      const { entries, error } = await collect(reader.from(from));
      expect(error, `${size} from ${from}`).toBeUndefined();
      expectEntries(entries, log.entries, from);
      expect(entries.length).toBe(Math.max(0, size - from));
      const newest = await reader.latest(from);
      expectEntries(newest, log.entries, Math.max(0, size - from));
      expect(newest.length).toBe(Math.min(size, from));
    }
  }
});

test("every single entry is read at every size at a border, and none past the end", async () => {
  for (const size of borders.filter((border) => border > 0)) {
    const reader = await readerOf(size);
    for (const sequence of sizesTo(size - 1))
      expectEntries([await reader.entry(sequence)], log.entries, sequence);
    await expect(reader.entry(size)).rejects.toBeInstanceOf(NotFoundError);
    await expect(reader.entry(2 ** 53 - 1)).rejects.toBeInstanceOf(NotFoundError);
  }
});

test.each([-1, 0.5, Number.NaN, 2 ** 53])("%s is no sequence number", async (sequence) => {
  const reader = await readerOf(10);
  await expect(reader.entry(sequence)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  await expect(reader.latest(sequence)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect((await collect(reader.from(sequence))).error).toMatchObject({ code: "ERR_INVALID_INPUT" });
});

test("a page that fails ends the delivery right before its first entry", async () => {
  const pages = [...kindsOf(log)].filter(([, kind]) => kind === "page").map(([address]) => address);
  const found = new Set<number>();
  for (const page of pages) {
    const remote = scriptedRemote(log.contents, log.head);
    remote.storage.before = (address) => {
      if (address.toString() === page) throw new UnreachableError("No answer.", { operation: "storage.get" });
      return undefined;
    };
    const { entries, error } = await readWhole({ logId: log.logId, remotes: [remote], retries: 0 });
    expect(error).toBeInstanceOf(UnreachableError);
    expectEntries(entries, log.entries);
    found.add(entries.length);
  }
  // Every page once: the ends of the deliveries are all the page borders.
  expect([...found].sort((a, b) => a - b)).toEqual(pages.map((_, i) => 4 * i));
});

test("a read that failed once is made again when it is asked for again", async () => {
  const remote = scriptedRemote(log.contents, log.head);
  for (let depth = 0; depth < 3; depth++) {
    let reads = 0;
    remote.storage.before = () => {
      if (reads++ === depth) throw new UnreachableError("No answer.", { operation: "storage.get" });
      return undefined;
    };
    const fresh = await openReader({ logId: log.logId, remotes: [remote], retries: 0 });
    await expect(fresh.entry(1)).rejects.toBeInstanceOf(UnreachableError);
    remote.storage.before = () => undefined;
    expectEntries([await fresh.entry(1)], log.entries, 1);
  }
});

test("what one remote cannot give is taken from another that shows the same state", async () => {
  const broken = scriptedRemote(log.contents, log.head, { label: "broken" });
  let reads = 0;
  broken.storage.before = () => {
    if (++reads > 20) throw new UnreachableError("No answer.", { operation: "storage.get" });
    return undefined;
  };
  const sound = scriptedRemote(log.contents, log.head, { label: "sound" });
  const { entries, error } = await readWhole({ logId: log.logId, remotes: [broken, sound] });
  expect(error).toBeUndefined();
  expectEntries(entries, log.entries);
  expect(entries.length).toBe(200);
  expect(sound.storage.reads.length).toBeGreaterThan(0);
});

test("an entry that storage shows without its content is withheld, and the others are read around it", async () => {
  const page = [...kindsOf(log)].find(([, kind]) => kind === "page")![0];
  const wire = decodeRemoteLog(log.contents.get(page)!);
  const index = wire.pairs.findIndex(({ data }) => data.length > 0);
  const pair = wire.pairs[index]!;
  const pairs = wire.pairs.with(index, { ...pair, data: new Uint8Array(0), contentHash: sha256(pair.data) });
  const forgery = await forge(log, page, encodeRemoteLog({ ...wire, pairs }), { merkle: false });
  const reader = await openReader({
    logId: log.logId,
    remotes: [scriptedRemote(forgery.contents, forgery.head)],
  });
  const { entries, error } = await collect(reader.from(0));
  expect(error).toBeInstanceOf(WithheldError);
  const { sequence } = error as WithheldError;
  expectEntries(entries, log.entries);
  expect(entries.length).toBe(sequence);
  const rest = await collect(reader.from(sequence + 1));
  expect(rest.error).toBeUndefined();
  expectEntries(rest.entries, log.entries, sequence + 1);
  await expect(reader.entry(sequence)).rejects.toMatchObject({ code: "ERR_WITHHELD", sequence });
});

test.each([1, 2, 3, 8, 128])(
  "with a limit of %i reads at once there are never more, and all is read",
  async (concurrency) => {
    const remote = scriptedRemote(log.contents, log.head);
    remote.storage.before = () => new Promise((resolve) => setTimeout(() => resolve(undefined), 0));
    const { entries, error } = await readWhole({
      logId: log.logId,
      remotes: [remote],
      limits: { concurrency },
    });
    expect(error).toBeUndefined();
    expect(entries.length).toBe(200);
    expectEntries(entries, log.entries);
    expect(remote.storage.mostInFlight).toBeLessThanOrEqual(concurrency);
    // All the room that there is gets used.
    expect(remote.storage.mostInFlight).toBeGreaterThanOrEqual(Math.min(concurrency, 16));
  },
);

test("streams side by side share the limit on reads", async () => {
  const remote = scriptedRemote(log.contents, log.head);
  remote.storage.before = () => new Promise((resolve) => setTimeout(() => resolve(undefined), 0));
  const reader = await openReader({ logId: log.logId, remotes: [remote], limits: { concurrency: 4 } });
  const deliveries = await Promise.all([0, 50, 100].map((from) => collect(reader.from(from))));
  expect(deliveries.map(({ entries }) => entries.length)).toEqual([200, 150, 100]);
  expect(remote.storage.mostInFlight).toBe(4);
});

test("a stream that is not consumed reads no further than its limit", async () => {
  const remote = scriptedRemote(log.contents, log.head);
  const reader = await openReader({ logId: log.logId, remotes: [remote], limits: { concurrency: 4 } });
  const stream = reader.from(0);
  await stream.next();
  await new Promise((resolve) => setTimeout(resolve, 30));
  const read = remote.storage.reads.length;
  // Four pages, their contents, and the index nodes on the way and a little ahead.
  expect(read).toBeLessThanOrEqual(4 + 4 + 8);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(remote.storage.reads.length).toBe(read);
  await stream.return(undefined);
});

test.each([
  ["concurrency", 0],
  ["concurrency", Number.NaN],
  ["pageBytes", -1],
  ["headBytes", 1.5],
])("a limit %s of %s is refused", async (name, value) => {
  const opened = openReader({
    logId: log.logId,
    remotes: [scriptedRemote(log.contents)],
    limits: { [name]: value },
  });
  await expect(opened).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
});
