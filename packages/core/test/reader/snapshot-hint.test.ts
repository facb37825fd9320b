// What a head says, unsigned, of where the content of the newest snapshot is: it saves a read, and can do no harm.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { until } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { beforeAll, describe, expect, test } from "vitest";
import { countReads, type Reads } from "../../../../bench/src/costs/counted-remote.ts";
import { bytesEqual } from "../../src/bytes.ts";
import {
  Address,
  addressOf,
  generateSeed,
  openReader,
  openWriter,
  type Reader,
  type ReadKey,
  type Remote,
  rawSha256,
  UnreachableError,
  type Visibility,
} from "../../src/index.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import {
  addressText,
  hintIn,
  hinting,
  SNAPSHOT,
  SNAPSHOT_BYTES,
  snapshotEntries,
  writeSnapshotLog,
} from "./snapshot-log.ts";
import { smallCuts, type WrittenLog } from "./written-log.ts";

interface ShownLog {
  readonly logId: string;
  readonly key?: ReadKey | undefined;
  readonly contents: Map<string, Uint8Array>;
  readonly head: Uint8Array;
}

function remoteWith({ logId, contents }: ShownLog, content: Uint8Array): Remote {
  const table = new NameTable();
  table.values.set(logId, { status: "found", content, revision: "1" });
  return { label: "one", storage: memoryStorage({ contents }), names: memoryNames({ table }) };
}

const isSnapshot = (content: Uint8Array): boolean => bytesEqual(content, snapshotEntries[SNAPSHOT]!);

async function written(visibility: Visibility): Promise<ShownLog> {
  const contents = new Map<string, Uint8Array>();
  const table = new NameTable();
  const remote = { label: "one", storage: memoryStorage({ contents }), names: memoryNames({ table }) };
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel({ keyEncoding: "view", valueEncoding: "view" }),
    remotes: [remote],
    publish: "manual",
    settings: { visibility, ...smallCuts },
    leastCapacity: 1000,
  });
  await writer.appendAll(snapshotEntries.slice(0, SNAPSHOT));
  await writer.append(snapshotEntries[SNAPSHOT]!, { snapshot: true });
  await writer.appendAll(snapshotEntries.slice(SNAPSHOT + 1));
  await writer.publish();
  const { logId, readKey: key } = writer;
  await writer.close();
  return { logId, ...(key && { key }), contents, head: table.values.get(logId)!.content };
}

describe.each(["public", "private"] as const)("of a large snapshot far back in a %s log", (visibility) => {
  let log: ShownLog;
  beforeAll(async () => {
    log = await written(visibility);
  });

  async function counted(head: Uint8Array, read: (reader: Reader) => Promise<void>): Promise<Reads> {
    const reads: Reads = { requests: 0, bytes: 0, dependent: 0 };
    const remote = countReads(remoteWith(log, head), reads);
    const reader = await openReader({ logId: log.logId, key: log.key, remotes: [remote] });
    await read(reader);
    await reader.close();
    return reads;
  }

  const readAll = async (reader: Reader): Promise<void> => {
    const read: Uint8Array[] = [];
    for await (const { content } of reader.fromSnapshot()) read.push(content);
    const expected = snapshotEntries.slice(SNAPSHOT);
    expect(read.length).toBe(expected.length);
    expect(read.findIndex((content, i) => !bytesEqual(content, expected[i]!))).toBe(-1);
  };
  const readOne = async (reader: Reader): Promise<void> => {
    await reader.sync();
    expect(isSnapshot((await reader.entry(SNAPSHOT)).content)).toBe(true);
  };

  test("a reader starts there in 4 reads that depend on each other, and makes not one more than without it", async () => {
    const untold = hinting(log.head);
    expect((await counted(log.head, readAll)).dependent).toBe(4);
    expect((await counted(untold, readAll)).dependent).toBe(5);
    // The name, two nodes, the page, and the content.
    expect(await counted(log.head, readOne)).toMatchObject({ dependent: 4, requests: 5 });
    expect(await counted(untold, readOne)).toMatchObject({ dependent: 5, requests: 5 });
  });

  test("what a head says of it that is not true costs one read more, and nobody hears of it", async () => {
    const other = new Uint8Array(500).fill(7);
    log.contents.set(`${await addressOf(other, rawSha256)}`, other);
    for (const wrong of [other, new Uint8Array(9)]) {
      const head = hinting(log.head, (await addressOf(wrong, rawSha256)).bytes);
      const reads = await counted(head, async (reader) => {
        await readOne(reader);
        const { error, remotes } = reader.status();
        expect([error, remotes.map((remote) => remote.error)]).toEqual([undefined, [undefined]]);
      });
      expect(reads).toMatchObject({ dependent: 5, requests: 6 });
    }
  });
});

describe("a head that tells a lie of it", () => {
  let log: WrittenLog;
  let hint: string;
  beforeAll(async () => {
    log = await writeSnapshotLog();
    hint = await addressText(snapshotEntries[SNAPSHOT]!);
    expect(await hintIn(log)).toBe(hint);
  });

  const readerOf = (remote: Remote, more: object = {}): Promise<Reader> =>
    openReader({ logId: log.logId, remotes: [remote], retries: 0, ...more });

  async function startsAtSnapshot(reader: Reader): Promise<boolean> {
    for await (const { sequence, content } of reader.fromSnapshot())
      return sequence === SNAPSHOT && isSnapshot(content);
    return false;
  }

  test("about what is no address is read as if it said nothing", async () => {
    for (const bytes of [Uint8Array.of(7), new Uint8Array(200), Uint8Array.of(1, 0x55, 0x12, 0x20)]) {
      const remote = scriptedRemote(log.contents, hinting(log.head, bytes));
      expect(await startsAtSnapshot(await readerOf(remote))).toBe(true);
      expect(remote.storage.reads.length).toBe(new Set(remote.storage.reads).size);
    }
  });

  test("with an address of a kind that the storage does not have makes no request", async () => {
    const foreign = Address.create(0x55, 0x1b, new Uint8Array(32).fill(3));
    const remote = scriptedRemote(log.contents, hinting(log.head, foreign.bytes));
    expect(await startsAtSnapshot(await readerOf(remote))).toBe(true);
    expect(remote.storage.reads).not.toContain(`${foreign}`);
  });

  test("with bytes that are not those of the address, or too many, is found out, and the content read where it is", async () => {
    const huge = new Uint8Array(defaultLimits.contentBytes + 1);
    const address = await addressOf(huge, rawSha256);
    const remote = scriptedRemote(
      new Map([...log.contents, [`${address}`, huge]]),
      hinting(log.head, address.bytes),
    );
    expect(await startsAtSnapshot(await readerOf(remote))).toBe(true);
    expect(remote.storage.limits[remote.storage.reads.indexOf(`${address}`)]).toBe(
      defaultLimits.contentBytes,
    );

    const lying = scriptedRemote(log.contents, log.head);
    let times = 0;
    lying.storage.before = (asked) =>
      `${asked}` === hint && times++ === 0 ? Promise.resolve(new Uint8Array(SNAPSHOT_BYTES)) : undefined;
    expect(await startsAtSnapshot(await readerOf(lying))).toBe(true);
    expect(times).toBe(2);
  });

  test("to an object that never comes is left as soon as the entry is known to have its content elsewhere", async () => {
    const elsewhere = await addressOf(Uint8Array.of(9), rawSha256);
    const remote = scriptedRemote(log.contents, hinting(log.head, elsewhere.bytes));
    let isOver = false;
    remote.storage.before = (asked, { signal }) => {
      if (`${asked}` !== `${elsewhere}`) return undefined;
      return new Promise((_, reject) =>
        signal!.addEventListener("abort", () => {
          isOver = true;
          reject(signal!.reason);
        }),
      );
    };
    const reader = await readerOf(remote);
    const reading = reader.fromSnapshot();
    expect((await reading.next()).value).toMatchObject({ sequence: SNAPSHOT });
    await until(() => isOver);
    await reading.return();
  });

  test("whose content fails once is read again, and counts for nothing", async () => {
    const remote = scriptedRemote(log.contents, log.head);
    let times = 0;
    remote.storage.before = (asked) =>
      `${asked}` === hint && times++ === 0
        ? Promise.reject(new UnreachableError("Gone.", { operation: "storage.get" }))
        : undefined;
    const retried: unknown[] = [];
    const reader = await readerOf(remote, { retries: 3, onRetry: (retry: unknown) => retried.push(retry) });
    expect(await startsAtSnapshot(reader)).toBe(true);
    expect([times, retried]).toEqual([2, []]);
  });

  test("of a snapshot is not believed of any other entry", async () => {
    for (const from of [SNAPSHOT - 1, SNAPSHOT + 1]) {
      const remote = scriptedRemote(log.contents, log.head);
      const reader = await readerOf(remote);
      await reader.sync();
      await reader.entry(from);
      expect(remote.storage.reads).not.toContain(hint);
    }
  });
});
