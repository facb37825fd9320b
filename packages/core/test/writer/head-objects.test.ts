// Heads that are too large for their name are objects: durable here before they are sent, and deleted once the name shows another.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import {
  openReader,
  openWriter,
  type Remote,
  UnreachableError,
  type Writer,
  type WriterOptions,
} from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { remoteKey } from "../../src/journal/keys.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import { headAddressIn } from "../../src/log/head.ts";
import { isHead, text, textOf } from "./log-contents.ts";
import { type Call, wrapRemote } from "./wrapped-remote.ts";

afterEach(() => void vi.restoreAllMocks());

/** Less than any head has, and more than a pointer with the id of the remote. */
const SMALL = 100;
const settings = { visibility: "public", leafSize: 4, fanOut: 4 } as const;

class World {
  readonly contents = new Map<string, Uint8Array>();
  readonly table = new NameTable();
  readonly journal = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  fault: (call: Call, proceed: () => Promise<unknown>) => Promise<unknown> = (_, proceed) => proceed();
  writer!: Writer;

  remote(largestName = SMALL, deletes = true): Remote {
    const { contents, table } = this;
    const names = memoryNames({ table, largestContent: largestName });
    const around = <T>(call: Call, proceed: () => Promise<T>): Promise<T> =>
      this.fault(call, proceed) as Promise<T>;
    return wrapRemote({ label: "one", storage: memoryStorage({ contents }), names }, around, deletes);
  }

  async open(options: Partial<WriterOptions> = {}): Promise<Writer> {
    const own = {
      seed: new Uint8Array(32).fill(4),
      journal: this.journal,
      remotes: [this.remote()],
      settings,
    };
    const some = { leastCapacity: 1, publish: "manual", largestEmbedded: 100, graceMilliseconds: 0 } as const;
    this.writer = await openWriter({ ...own, ...some, ...options });
    onTestFinished(() => this.writer.close());
    return this.writer;
  }

  /** The addresses of the heads that are stored. */
  get heads(): string[] {
    return [...this.contents].filter(([, bytes]) => isHead(bytes)).map(([address]) => address);
  }

  /** The head that the name leads to. */
  get shown(): string | undefined {
    return `${headAddressIn(this.table.values.get(this.writer.logId)!.content)}`;
  }

  async records<T>(use: (records: RemoteRecords, journal: Journal) => Promise<T>): Promise<T> {
    await this.journal.open();
    const journal = await Journal.open(this.journal);
    const result = await use(new RemoteRecords(journal, "one"), journal);
    await journal.close();
    return result;
  }

  async read(): Promise<string[]> {
    const reader = await openReader({ logId: this.writer.logId, remotes: [this.remote()], retries: 0 });
    try {
      const read: string[] = [];
      for await (const { content } of reader.from(0, { removed: "skip" })) read.push(textOf(content));
      return read;
    } finally {
      await reader.close();
    }
  }
}

async function collected<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
}

async function published(world: World, content: string): Promise<void> {
  await world.writer.append(text(content));
  await world.writer.publish();
}

test("once the name shows another head, the one before is deleted after the time that readers get", async () => {
  const world = new World();
  const writer = await world.open({ graceMilliseconds: 1000 });
  const now = vi.spyOn(Date, "now").mockReturnValue(10_000);
  await published(world, "one");
  const [first] = world.heads;
  now.mockReturnValue(20_000);
  await published(world, "two");
  expect(world.heads).toEqual([first, world.shown]);
  expect(writer.status().remotes[0]!.removal).toEqual({ forgets: "deleted", left: 1, dueAt: 21_000 });
  now.mockReturnValue(20_999);
  await published(world, "three");
  expect(world.heads).toHaveLength(3);
  now.mockReturnValue(21_000);
  await published(world, "four");
  expect(world.heads).toHaveLength(3);
  expect(world.heads).not.toContain(first);
  now.mockReturnValue(30_000);
  await published(world, "five");
  expect(world.heads).toHaveLength(2);
  expect(world.heads).toContain(world.shown);
  expect(await world.read()).toEqual(["one", "two", "three", "four", "five"]);
});

test("an entry that was removed is in no head that is left", async () => {
  const world = new World();
  const writer = await world.open();
  await writer.appendAll(["zero", "the secret word", "two"].map(text));
  await writer.publish();
  await writer.remove(1);
  await writer.publish();
  await writer.publish();
  expect(world.heads).toEqual([world.shown]);
  for (const bytes of world.contents.values()) expect(textOf(bytes)).not.toContain("the secret word");
  expect(await world.read()).toEqual(["zero", "two"]);
});

test("a head that fits its name again leaves none behind", async () => {
  const world = new World();
  await world.open();
  await published(world, "one");
  await world.writer.close();
  await world.open({ remotes: [world.remote(2 ** 20)] });
  await published(world, "two");
  expect(world.heads).toEqual([]);
  await world.writer.close();
  expect(await world.records((records) => records.loadHeadObjects())).toEqual([]);
});

test("a head is sent once it is durable here, and before its name", async () => {
  const world = new World();
  const writer = await world.open();
  const order: string[] = [];
  world.fault = async (call, proceed) => {
    const isOfHead = call.kind === "update" || (call.kind === "put" && isHead(call.content!));
    if (isOfHead) {
      const intent = await world.journal.get(new TextEncoder().encode("rone\0intent"));
      order.push(`${call.kind} ${intent === undefined ? "before" : "after"} its intent`);
    }
    return proceed();
  };
  await published(world, "one");
  await writer.append(text("two"));
  await writer.publish();
  expect(order).toEqual(
    Array.from({ length: 2 }, () => ["put after its intent", "update after its intent"]).flat(),
  );
});

test("a head that could not be stored is stored before the name leads to it, also by the next process", async () => {
  const world = new World();
  await world.open();
  await published(world, "one");
  world.fault = async (call, proceed) => {
    if (call.kind === "put" && isHead(call.content!))
      throw new UnreachableError("The network is gone.", { operation: "storage.put" });
    return proceed();
  };
  // No test waits.
  vi.spyOn(Math, "random").mockReturnValue(0);
  await world.writer.append(text("two"));
  expect(await failure(world.writer.publish())).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(await world.read()).toEqual(["one"]);
  await world.writer.close();
  const [intent, noted] = await world.records(async (records) => [
    await records.loadIntent(),
    await records.loadHeadObjects(),
  ]);
  expect(intent?.head).toBeDefined();
  // Whether it was stored is not known: that of the name, and this one.
  expect(noted.map(({ address }) => `${address}`)).toEqual([
    world.shown,
    `${headAddressIn(intent!.content)}`,
  ]);
  world.fault = (_, proceed) => proceed();
  await world.open();
  await published(world, "three");
  expect(await world.read()).toEqual(["one", "two", "three"]);
  expect(world.heads).toEqual([world.shown]);
});

test("a head that was sent, and never shown, is deleted once another is", async () => {
  const world = new World();
  await world.open();
  await published(world, "one");
  await world.writer.close();
  const lost = await world.records(async (records, journal) => {
    const memory = memoryStorage({ contents: world.contents });
    const head = await memory.put(text("a head that an earlier process sent"));
    const noted = await records.loadHeadObjects();
    await journal.write([records.headObjectsOperation([...noted, { address: head, size: 1 }])], true);
    return `${head}`;
  });
  await world.open();
  await published(world, "two");
  expect(world.contents.has(lost)).toBe(false);
  expect(world.heads).toEqual([world.shown]);
});

test("the head that a version before noted nowhere is deleted if the name was seen to show it", async () => {
  const world = new World();
  await world.open();
  await published(world, "one");
  await world.writer.close();
  await world.records((_, journal) => journal.write([{ type: "del", key: remoteKey("one", "heads") }], true));
  await world.open();
  await published(world, "two");
  expect(world.heads).toEqual([world.shown]);
});

test("a head that the name shows again stays, however old it is", async () => {
  const world = new World();
  await world.open({ graceMilliseconds: 1000 });
  const now = vi.spyOn(Date, "now").mockReturnValue(10_000);
  await published(world, "one");
  await world.writer.close();
  await world.records(async (records, journal) => {
    const [head] = await records.loadHeadObjects();
    const steps = await records.oldObjects.addOperations({ tree: [head!.address], contents: [] }, 10_000);
    await journal.write(steps, true);
  });
  now.mockReturnValue(20_000);
  await world.open({ graceMilliseconds: 1000 });
  await world.writer.publish();
  expect(world.heads).toEqual([world.shown]);
  expect(await world.read()).toEqual(["one"]);
});

test("an entry that has the bytes of an old head stays, and entries that the head covers are not read for that", async () => {
  const world = new World();
  await world.open();
  await published(world, "one");
  const [head] = world.heads;
  const bytes = world.contents.get(head!)!;
  await world.writer.append(bytes);
  await world.writer.publish();
  expect(world.heads).toContain(head);
  await published(world, "three");
  expect(await world.read()).toEqual(["one", textOf(bytes), "three"]);
});

test("an old head is noted with the number of entries in it: none of them can have its bytes", async () => {
  const world = new World();
  await world.open({ graceMilliseconds: 1_000_000 });
  vi.spyOn(Date, "now").mockReturnValue(10_000);
  await published(world, "one");
  const first = world.shown;
  await published(world, "two");
  const second = world.shown;
  await world.writer.close();
  // The next process has seen what the name shows.
  await world.open({ graceMilliseconds: 1_000_000 });
  await published(world, "three");
  await world.writer.close();
  const old = await world.records((records) => collected(records.oldObjects.load()));
  expect(old.map(({ tree, since, shownAt }) => [tree.map(String), since, shownAt])).toEqual([
    [[first], 1, 10_000],
    [[second], 2, 10_000],
  ]);
});

test("a storage that forgets nothing is asked for nothing, and nothing is noted", async () => {
  const world = new World();
  await world.open({ remotes: [world.remote(SMALL, false)] });
  await published(world, "one");
  await published(world, "two");
  expect(world.heads).toHaveLength(2);
  expect(world.writer.status().remotes[0]).not.toHaveProperty("removal");
  await world.writer.close();
  expect(await world.records((records) => records.loadHeadObjects())).toEqual([]);
});
