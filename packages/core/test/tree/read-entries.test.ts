import { failure } from "@remote-log/test-kit";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Address } from "../../src/address/address.ts";
import { deriveKeys } from "../../src/crypto/index.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import { defaultSettings } from "../../src/log/genesis.ts";
import { verifyHead } from "../../src/log/head.ts";
import type { Page } from "../../src/log/page.ts";
import { publicSealing } from "../../src/log/public-sealing.ts";
import { readKeyOf } from "../../src/log/read-key.ts";
import { type Removals, removedBy } from "../../src/log/removed-in.ts";
import { leftSealed } from "../../src/log/sealing-of.ts";
import { endOf } from "../../src/log/sequence-ranges.ts";
import { type Entry, openEntry } from "../../src/tree/entry.ts";
import { type Opening, readEntries } from "../../src/tree/read-entries.ts";
import { defaultLimits, type ReaderLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, smallCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { bundle } from "./planned-reads.ts";

const SIZE = 30;
const entries = contents(SIZE);
const never = new AbortController().signal;
let log: WrittenLog;
/** Every entry is an object of its own. */
let pointing: WrittenLog;

beforeAll(async () => {
  log = await writeLog(entries);
  pointing = await writeLog(contents(60), { largestEmbedded: 0 });
});

async function viewOf(written: WrittenLog, limits: ReaderLimits = defaultLimits) {
  const storage = new ScriptedStorage(written.contents);
  const head = await verifyHead(written.head, written.logId);
  return { storage, view: new TreeView(head, storage, limits, never) };
}

async function all(reading: AsyncIterable<Entry>): Promise<Entry[]> {
  const read: Entry[] = [];
  for await (const entry of reading) read.push(entry);
  return read;
}

describe("a stretch of entries", () => {
  test("is read from any entry to any other", async () => {
    const { view } = await viewOf(log);
    const expected = entries.map((content, sequence) => ({ sequence, id: sha256(content), content }));
    for (let from = 0; from <= SIZE; from++) {
      for (const to of [from, from + 1, from + 2, from + 7, 27, 28, 29, SIZE]) {
        if (to < from || to > SIZE) continue;
        const read = await all(readEntries(view, { from, to }, { limits: defaultLimits }));
        expect(read, `${from} to ${to}`).toEqual(expected.slice(from, to));
      }
    }
  });

  test("reads no page that it does not need", async () => {
    const { view, storage } = await viewOf(log);
    await all(readEntries(view, { from: 5, to: 12 }, { limits: defaultLimits }));
    expect(storage.limits.filter((limit) => limit === defaultLimits.pageBytes).length).toBe(2);
  });

  test("reads at most 16 contents at once, and fewer if the limits say so", async () => {
    for (const [concurrency, expected] of [
      [128, 16],
      [4, 4],
    ] as const) {
      const limits = { ...defaultLimits, concurrency };
      const { view, storage } = await viewOf(pointing, limits);
      let most = 0;
      let running = 0;
      storage.before = async (address) => {
        const isContent = pointing.contents.get(address.toString())!.length <= 40;
        if (!isContent) return undefined;
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return undefined;
      };
      expect((await all(readEntries(view, { from: 0, to: 60 }, { limits }))).length).toBe(60);
      expect(most).toBe(expected);
    }
  });

  test("ends its reads when the iteration ends early", async () => {
    const { view, storage } = await viewOf(pointing);
    const aborted: unknown[] = [];
    for await (const { sequence } of readEntries(view, { from: 0, to: 60 }, { limits: defaultLimits })) {
      if (sequence === 0) {
        storage.before = (_address, { signal }) =>
          new Promise((_, reject) =>
            signal!.addEventListener("abort", () => {
              aborted.push(signal!.reason);
              reject(signal!.reason);
            }),
          );
      }
      if (sequence === 1) break;
    }
    expect(aborted.length).toBeGreaterThan(0);
    await expect.poll(() => storage.inFlight).toBe(0);
  });
});

describe("entries that the writer removed", () => {
  // Of the pages of 4: all of some, half of others; and of the last two entries, which are in the head, one.
  const removals = [
    { firstKept: 0, removed: [{ first: 5, count: 1 }] },
    { firstKept: 9, removed: [] },
    {
      firstKept: 6,
      removed: [
        { first: 8, count: 4 },
        { first: 14, count: 8 },
        { first: 28, count: 1 },
      ],
    },
    { firstKept: SIZE, removed: [] },
    { firstKept: 0, removed: [] },
    undefined,
  ];
  const isRemoved = (said: Removals | undefined, sequence: number): boolean =>
    said !== undefined && removedBy(said).some((range) => range.first <= sequence && sequence < endOf(range));

  test("are passed over, and pages of them alone are not read", async () => {
    for (const said of removals) {
      for (const [from, to] of [
        [0, SIZE],
        [7, 29],
        [10, 15],
      ] as const) {
        const { view, storage } = await viewOf(log);
        const options = { limits: defaultLimits, removals: said, skipsRemoved: true };
        const read = await all(readEntries(view, { from, to }, options));
        const kept = [...entries.keys()].filter((at) => from <= at && at < to && !isRemoved(said, at));
        expect(read.map(({ sequence }) => sequence)).toEqual(kept);
        const pages = [0, 1, 2, 3, 4, 5, 6].filter(
          (page) =>
            page * 4 < to &&
            (page + 1) * 4 > from &&
            [0, 1, 2, 3].some((at) => !isRemoved(said, page * 4 + at)),
        );
        const isPage = (limit: number | undefined): boolean => limit === defaultLimits.pageBytes;
        expect(storage.limits.filter(isPage).length, JSON.stringify(said)).toBe(pages.length);
      }
    }
  });

  test("end the stretch with ERR_REMOVED in the place of the first, unless they are passed over", async () => {
    for (const said of removals) {
      for (const [from, to] of [
        [0, SIZE],
        [7, 13],
        [24, 28],
      ] as const) {
        const { view } = await viewOf(log);
        const reading = readEntries(view, { from, to }, { limits: defaultLimits, removals: said });
        const stretch = Array.from({ length: to - from }, (_, i) => from + i);
        const first = stretch.find((sequence) => isRemoved(said, sequence));
        const read: number[] = [];
        const reads = (async () => {
          for await (const { sequence } of reading) read.push(sequence);
        })();
        const error = await (first === undefined ? reads : failure(reads));
        expect(read).toEqual(stretch.filter((sequence) => sequence < (first ?? to)));
        if (first !== undefined)
          expect(error).toMatchObject({ code: "ERR_REMOVED", operation: "reader.read", sequence: first });
      }
    }
  });
});

describe("what opens the entries is", () => {
  const seed = new Uint8Array(32).fill(7);
  const key = readKeyOf(deriveKeys(seed).read, 0);
  const limits = defaultLimits;
  const stretch = { from: 1, to: 3 };
  let sealed: WrittenLog;

  beforeAll(async () => {
    sealed = await writeLog(contents(4), { seed, settings: { ...smallCuts, visibility: "private" } });
  });

  const read = async (written: WrittenLog, opening: Opening) =>
    (await all(readEntries((await viewOf(written)).view, stretch, { limits, ...opening }))).map(
      ({ content }) => content,
    );
  const opened = contents(3).slice(1);

  test("the key of a private log", async () => {
    expect(await read(sealed, { key })).toEqual(opened);
  });

  test("an identity, even if there is a key", async () => {
    const identity = { openingOf: async () => leftSealed };
    for (const content of await read(sealed, { key, identity })) expect(opened).not.toContainEqual(content);
  });

  test("nothing without a key: that is ERR_NO_KEY, or entries are left sealed on request", async () => {
    for (const withoutKey of [undefined, "fail"] as const)
      expect(await failure(read(sealed, { withoutKey }))).toMatchObject({
        ...{ code: "ERR_NO_KEY", reason: "no-key" },
      });
    expect((await read(sealed, { withoutKey: "sealed" })).length).toBe(2);
  });

  test("nothing in a public log, whatever is given", async () => {
    expect(await read(log, { key, withoutKey: "sealed" })).toEqual(opened);
  });
});

/** A tree that answers no read, and what a stretch of it asks for: pages, and refs that are read ahead. */
function viewOfPages(shape: { leafSize: number; fanOut: number; pages: number }, concurrency: number) {
  const pages: number[] = [];
  const ahead: number[] = [];
  const genesis = { ...defaultSettings, visibility: "public", ...shape, signingKey: new Uint8Array(32) };
  const view = {
    head: { genesis: { genesis }, pairs: [] },
    leafSize: shape.leafSize,
    pages: shape.pages,
    fetchPage(index: number): Promise<() => Page> {
      pages.push(index);
      return new Promise(() => undefined);
    },
    neighbours: async () => ({ end: shape.pages, bundles: [] }),
    limits: { ...defaultLimits, concurrency },
    prefetchRef: (page: number) => ahead.push(page),
  } as unknown as TreeView;
  const read = (from: number): void => {
    const stretch = { from, to: shape.pages * shape.leafSize };
    const reading = readEntries(view, stretch, { limits: { ...defaultLimits, concurrency } });
    void reading.next();
  };
  return { view, pages, ahead, read };
}

async function askedOf(shape: Parameters<typeof viewOfPages>[0], from: number, concurrency: number) {
  const { pages, ahead, read } = viewOfPages(shape, concurrency);
  read(from);
  await new Promise((resolve) => setImmediate(resolve));
  return { pages, ahead };
}

describe("read ahead are", () => {
  test("as many pages as the limits allow", async () => {
    const { pages } = await askedOf({ leafSize: 4, fanOut: 4, pages: 20 }, 9, 3);
    expect(pages).toEqual([2, 3, 4]);
  });

  test("fewer pages if they are large: those of 131,072 entries", async () => {
    const { pages } = await askedOf({ leafSize: 65_536, fanOut: 4, pages: 20 }, 0, 128);
    expect(pages).toEqual([0, 1]);
  });

  test("as many bundles as weigh as much as those pages", async () => {
    const shape = { leafSize: 4, fanOut: 16, pages: 16 };
    const under = Array.from({ length: 8 }, (_, i) => bundle(2 * i, [2 ** 16, 2 ** 16]));
    const asked: Address[] = [];
    const { view, read } = viewOfPages(shape, 8);
    Object.assign(view, {
      neighbours: async () => ({ end: 16, bundles: under }),
      ref: async (_level: number, page: number) => ({ address: under[Math.floor(page / 2)]!.address }),
      object: (address: Address) => {
        asked.push(address);
        return new Promise(() => undefined);
      },
    });
    read(0);
    // Each weighs as much as four pages.
    await vi.waitFor(() => expect(asked.length).toBe(2), { timeout: 60_000 });
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toEqual(under.slice(0, 2).map(({ address }) => address));
  });

  test("the next index nodes, an eighth as many as objects are read at once, if the stretch needs them", async () => {
    const aheadOf = async (pages: number, page: number, concurrency: number) =>
      (await askedOf({ leafSize: 4, fanOut: 4, pages }, page * 4, concurrency)).ahead;
    expect(await aheadOf(14, 5, 128)).toEqual([8, 12]);
    expect(await aheadOf(12, 0, 128)).toEqual([4, 8]);
    expect(await aheadOf(600, 1, 24)).toEqual([4, 8, 12]);
    expect(await aheadOf(600, 1, 1)).toEqual([4, 8]);
    expect((await aheadOf(600, 1, 1000)).length).toBe(16);
  });
});

describe("an entry that is opened", () => {
  test.each([
    ["as it is", publicSealing("sha256")],
    ["sealed, without a key", leftSealed],
  ])("%s shares no memory with its page", async (_how, sealing) => {
    const { view } = await viewOf(log);
    const { pairs } = await view.page(0);
    const { id, content } = await openEntry(view, sealing, 0, pairs[0]!, undefined);
    expect(content).toEqual(entries[0]);
    for (const bytes of [id, content]) expect(bytes.buffer.byteLength).toBe(bytes.length);
    content.fill(0);
    id.fill(0);
    expect((await openEntry(view, sealing, 0, pairs[0]!, undefined)).content).toEqual(entries[0]);
  });

  test("and whose content storage does not show is refused with ERR_WITHHELD, which says which", async () => {
    const { view } = await viewOf(log);
    const hash = new Uint8Array(32);
    const pair = { localHash: hash, contentHash: hash, place: { kind: "removed" } } as const;
    await expect(openEntry(view, undefined as never, 7, pair, undefined)).rejects.toMatchObject({
      code: "ERR_WITHHELD",
      sequence: 7,
    });
  });
});
