// Removing contents: gone from the journal and from every remote, everything else untouched, and finished wherever it was cut.

import { memoryNames, memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test } from "vitest";
import {
  DeniedError,
  generateSeed,
  openReader,
  openWriter,
  type Remote,
  type Writer,
  type WriterOptions,
} from "../../src/index.ts";
import { text, textOf } from "./log-contents.ts";

const settings = { visibility: "public", leafSize: 4, fanOut: 4 } as const;

const LETTERS = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** A content that is found by its words, embedded or, if it is long, stored on its own. */
const contentOf = (sequence: number): string =>
  `content ${sequence} ${sequence % 5 === 0 ? "x".repeat(200) : "y"}.`;

class World {
  readonly contents = new Map<string, Uint8Array>();
  readonly remote: Remote = {
    label: "memory",
    storage: memoryStorage({ contents: this.contents }),
    names: memoryNames(),
  };
  readonly seed = generateSeed();
  readonly journal = new MemoryLevel();
  writer!: Writer;

  async open(options: Partial<WriterOptions> = {}): Promise<Writer> {
    const shared = { seed: this.seed, journal: this.journal, remotes: [this.remote], settings };
    const some = { leastCapacity: 1, publish: "manual", largestEmbedded: 100, graceMilliseconds: 0 } as const;
    this.writer = await openWriter({ ...shared, ...some, ...options });
    return this.writer;
  }

  /** Everything that is stored: on the remote and in the journal. */
  async stored(): Promise<string> {
    let all = "";
    for (const bytes of this.contents.values()) all += `${textOf(bytes)}\n`;
    const name = await this.remote.names.resolve(this.writer.logId);
    if (name.status === "found") all += `${textOf(name.content)}\n`;
    for await (const [, value] of this.journal.iterator({ keyEncoding: "view", valueEncoding: "view" }))
      all += `${textOf(value as unknown as Uint8Array)}\n`;
    return all;
  }

  /** What a new reader gets, `undefined` for what was removed. */
  async read(): Promise<(string | undefined)[]> {
    const reader = await openReader({ logId: this.writer.logId, remotes: [this.remote] });
    try {
      await reader.sync();
      const read = new Array<string | undefined>(reader.size).fill(undefined);
      for await (const { sequence, content } of reader.from(0, { removed: "skip" }))
        read[sequence] = textOf(content);
      return read;
    } finally {
      await reader.close();
    }
  }
}

async function worldOf(entries: number, options: Partial<WriterOptions> = {}): Promise<World> {
  const world = new World();
  await world.open(options);
  onTestFinished(() => world.writer.close());
  await world.writer.appendAll(Array.from({ length: entries }, (_, i) => text(contentOf(i))));
  await world.writer.publish();
  return world;
}

const expected = (entries: number, removed: readonly number[]): (string | undefined)[] =>
  Array.from({ length: entries }, (_, i) => (removed.includes(i) ? undefined : contentOf(i)));

test("a content that two entries have stays until both are removed", async () => {
  const world = await worldOf(0);
  const same = `the same ${"z".repeat(200)}`;
  for (let i = 0; i < 12; i++) await world.writer.append(text(i % 6 === 3 ? same : contentOf(i)));
  await world.writer.publish();
  await world.writer.remove(3);
  await world.writer.publish();
  expect((await world.read())[9]).toBe(same);
  expect(await world.stored()).toContain(same);
  await world.writer.remove(9);
  await world.writer.publish();
  expect(await world.stored()).not.toContain(same);
  // Appended once more, it is stored once more.
  await world.writer.append(text(same));
  await world.writer.publish();
  expect((await world.read())[12]).toBe(same);
});

test("a content that is appended anew before the old one is deleted stays", async () => {
  const world = await worldOf(0, { graceMilliseconds: 3_600_000 });
  const same = `the same ${"z".repeat(200)}`;
  await world.writer.appendAll([same, ...LETTERS].map(text));
  await world.writer.publish();
  await world.writer.remove(0);
  await world.writer.publish();
  await world.writer.append(text(same));
  await world.writer.publish();
  await world.writer.close();
  await world.open();
  await world.writer.publish();
  expect(await world.read()).toEqual([undefined, ...LETTERS, same]);
});

test("a content whose bytes are those of a page takes no page with it", async () => {
  const world = await worldOf(20);
  const page = [...world.contents.values()].find((bytes) => textOf(bytes).includes("content 1 "))!;
  const { sequence } = await world.writer.append(page);
  await world.writer.publish();
  await world.writer.remove(sequence);
  await world.writer.publish();
  expect(await world.read()).toEqual([...expected(20, []), undefined]);
});

test("an old page stays for as long as an entry has its bytes as its content", async () => {
  const world = await worldOf(20);
  const page = [...world.contents.values()].find((bytes) => textOf(bytes).includes("content 1 "))!;
  await world.writer.append(page);
  await world.writer.publish();
  await world.writer.remove(1);
  await world.writer.publish();
  expect(await world.read()).toEqual([...expected(20, [1]), textOf(page)]);
  await world.writer.remove(20);
  await world.writer.publish();
  expect(await world.stored()).not.toContain("content 1 ");
});

test("readers on their way get the time that is set, and then the old objects go", async () => {
  const world = await worldOf(30, { graceMilliseconds: 3_600_000 });
  const before = world.contents.size;
  const now = Date.now();
  await world.writer.remove([5, 6]);
  await world.writer.publish();
  const [status] = world.writer.status().remotes;
  // The page, the node above it, and the content that was stored on its own; and a page by itself, which a publish that was cut
  // could have left where a bundle is now.
  expect(status!.removal).toEqual({ forgets: "deleted", left: 4, dueAt: expect.any(Number) });
  expect(status!.removal!.dueAt! - now).toBeGreaterThanOrEqual(3_600_000);
  expect(world.contents.size).toBe(before + 2);
  expect(await world.read()).toEqual(expected(30, [5, 6]));
  await world.writer.publish();
  expect(world.contents.size).toBe(before + 2);
  await world.writer.close();
  await world.open();
  expect(world.writer.status().remotes[0]!.removal?.left).toBe(4);
  await world.writer.publish();
  expect(world.contents.size).toBe(before - 1);
  expect(world.writer.status().remotes[0]).not.toHaveProperty("removal");
});

test("a writer that publishes by itself deletes what is due without being asked", async () => {
  const world = await worldOf(10, { publish: "auto", graceMilliseconds: 200 });
  await world.writer.remove(5);
  await expect
    .poll(async () => (await world.stored()).includes("content 5 "), { timeout: 30_000 })
    .toBe(false);
  expect(await world.read()).toEqual(expected(10, [5]));
});

test("a storage that can't forget gets new pages all the same, and the result says what it is", async () => {
  const world = new World();
  const storage = { ...world.remote.storage };
  Reflect.deleteProperty(storage, "delete");
  const capabilities = { ...storage.capabilities, delete: false };
  const released: string[] = [];
  const release = async (address: unknown): Promise<void> => void released.push(`${address}`);
  const never = { ...world.remote, label: "never", storage: { ...storage, capabilities } };
  const pins = { ...storage, capabilities: { ...capabilities, release: true }, release };
  for (const [remote, forgets, left] of [
    [never, "never", 0],
    [{ ...never, label: "pins", storage: pins }, "released", 4],
  ] as const) {
    await world.open({ remotes: [remote], journal: new MemoryLevel(), seed: generateSeed() });
    await world.writer.appendAll(Array.from({ length: 30 }, (_, i) => text(contentOf(i))));
    await world.writer.publish();
    expect((await world.writer.remove([5, 6])).remotes).toEqual([{ label: remote.label, forgets }]);
    await world.writer.publish();
    expect(await world.read()).toEqual(expected(30, [5, 6]));
    expect(released).toHaveLength(left);
    expect(world.writer.status().remotes[0]).not.toHaveProperty("removal");
    await world.writer.close();
  }
});

test("what is removed before it was published leaves the device as hashes alone", async () => {
  const world = await worldOf(0);
  await world.writer.appendAll(Array.from({ length: 20 }, (_, i) => text(contentOf(i))));
  await world.writer.remove({ first: 3, count: 8 });
  await world.writer.publish();
  const removed = [3, 4, 5, 6, 7, 8, 9, 10];
  const stored = await world.stored();
  for (let i = 0; i < 20; i++) expect(stored.includes(`content ${i} `)).toBe(!removed.includes(i));
  expect(await world.read()).toEqual(expected(20, removed));
});

test("credentials that may not delete hold up nothing else, and are told", async () => {
  const world = new World();
  let denied = true;
  const { storage } = world.remote;
  const deletes = async (...[address]: Parameters<NonNullable<typeof storage.delete>>): Promise<void> => {
    if (denied) throw new DeniedError("Not allowed.", { operation: "storage.delete" });
    await storage.delete!(address);
  };
  await world.open({ remotes: [{ ...world.remote, storage: { ...storage, delete: deletes } }] });
  onTestFinished(() => world.writer.close());
  await world.writer.appendAll(Array.from({ length: 30 }, (_, i) => text(contentOf(i))));
  await world.writer.publish();
  await world.writer.remove(5);
  await world.writer.publish();
  const error = expect.objectContaining({ code: "ERR_DENIED" });
  expect(world.writer.status().remotes[0]).toMatchObject({ published: 30, removal: { left: 4, error } });
  expect(await world.read()).toEqual(expected(30, [5]));
  denied = false;
  await world.writer.publish();
  expect(world.writer.status().remotes[0]).not.toHaveProperty("removal");
  expect(await world.stored()).not.toContain("content 5 ");
});

test("a remote that lost everything gets it back without what was removed", async () => {
  const world = await worldOf(40);
  await world.writer.remove({ first: 8, count: 9 });
  await world.writer.publish();
  world.contents.clear();
  await world.writer.repair();
  const removed = [8, 9, 10, 11, 12, 13, 14, 15, 16];
  expect(await world.read()).toEqual(expected(40, removed));
  expect(await world.stored()).not.toContain("content 9 ");
});

test("a page that the remote has lost is written from the journal", async () => {
  const world = await worldOf(40);
  for (const [address, bytes] of world.contents)
    if (textOf(bytes).includes("content 9 ")) world.contents.delete(address);
  await world.writer.remove(10);
  await world.writer.publish();
  expect(await world.read()).toEqual(expected(40, [10]));
});

test("pages that are stored anew because nothing is believed leave none of the old ones", async () => {
  const world = await worldOf(40);
  let fails = true;
  const { storage } = world.remote;
  const put: typeof storage.put = async (content, options) => {
    if (fails) throw new DeniedError("Not now.", { operation: "storage.put" });
    return storage.put(content, options);
  };
  await world.writer.close();
  await world.open({ remotes: [{ ...world.remote, storage: { ...storage, put } }] });
  await world.writer.remove([5, 9]);
  // Everything is in doubt, and nothing can be stored, while the removal is under way.
  await failure(world.writer.repair({ reads: true }));
  fails = false;
  await world.writer.publish();
  const stored = await world.stored();
  expect(stored).not.toContain("content 5 ");
  expect(stored).not.toContain("content 9 ");
  expect(await world.read()).toEqual(expected(40, [5, 9]));
});

test("a private log forgets as well, and its reader is told by the writer's word alone", async () => {
  const world = await worldOf(20, { settings: { ...settings, visibility: "private" } });
  const count = world.contents.size;
  await world.writer.remove([0, 10]);
  await world.writer.publish();
  expect(world.contents.size).toBe(count - 2);
  const { logId, readKey: key } = world.writer;
  const reader = await openReader({ logId, key, remotes: [world.remote] });
  onTestFinished(() => reader.close());
  const next = { code: "ERR_REMOVED", sequence: 10, next: 11 };
  expect(await failure(reader.entry(10))).toMatchObject(next);
  expect((await reader.latest(20)).map(({ sequence }) => sequence)).toHaveLength(18);
  const from: number[] = [];
  const stream = (async () => {
    for await (const { sequence } of reader.from(3)) from.push(sequence);
  })();
  expect(await failure(stream)).toMatchObject(next);
  expect(from).toEqual([3, 4, 5, 6, 7, 8, 9]);
});

test("what is not in the log is not removed, and nothing else is either", async () => {
  const world = await worldOf(10);
  const before = await world.stored();
  const bad = [10, -1, 1.5, { first: 9, count: 2 }, { first: 3, count: 0 }, [1, 11], "1", null];
  for (const entries of bad) {
    expect(await failure(world.writer.remove(entries as never))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
  expect(await world.stored()).toBe(before);
  expect(await world.writer.remove([])).toMatchObject({ removed: 0 });
  await world.writer.remove([1, 2]);
  expect(await world.writer.remove([2, 3])).toMatchObject({ removed: 1 });
});

test("the newest entries are kept by their number, and the journal keeps no others", async () => {
  const world = await worldOf(50);
  await world.writer.remove(47);
  expect(await world.writer.keepNewest({ entries: 12 })).toMatchObject({ removed: 38, firstKept: 38 });
  expect(world.writer.manifest).toMatchObject({ firstKept: 38, removed: [{ first: 47, count: 1 }] });
  await world.writer.publish();
  const removed = [...Array(38).keys(), 47];
  expect(await world.read()).toEqual(expected(50, removed));
  const own: number[] = [];
  for await (const { sequence } of world.writer.entries(0, { removed: "skip" })) own.push(sequence);
  expect(own).toEqual([38, 39, 40, 41, 42, 43, 44, 45, 46, 48, 49]);
  const first = world.writer.entries(7).next();
  expect(await failure(first)).toMatchObject({ code: "ERR_REMOVED", sequence: 7, next: 38 });
  expect(await world.writer.keepNewest({ entries: 20 })).toMatchObject({ removed: 0, firstKept: 38 });
  for (const retention of [{}, { entries: -1 }, { milliseconds: 0.5 }, { entries: "1" }])
    expect(await failure(world.writer.keepNewest(retention as never))).toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
});

test("a retention is kept as the writer publishes, page by page, and never beyond the newest snapshot", async () => {
  const world = await worldOf(0, { retention: { entries: 20 } });
  for (let i = 0; i < 70; i++) {
    await world.writer.append(text(contentOf(i)), { snapshot: i === 60 });
    await world.writer.publish();
  }
  expect(world.writer.manifest).toMatchObject({ firstKept: 48, snapshot: 60 });
  // Not a version, nor a rewriting, for each entry.
  expect(world.writer.manifest!.version).toBeLessThan(16);
  expect((await world.read()).slice(48)).toEqual(expected(70, []).slice(48));
  expect(await world.stored()).not.toContain("content 47 ");
  for (let i = 70; i < 100; i++) await world.writer.append(text(contentOf(i)));
  await world.writer.publish();
  expect(world.writer.manifest!.firstKept).toBe(60);
});

test("what was removed is nowhere any more, and all else is as it was", async () => {
  const removed = [0, 5, 17, 18, 19, 20, 21, 22, 60, 98, 99];
  const world = await worldOf(100);
  const result = await world.writer.remove([0, 5, { first: 17, count: 6 }, 60, 98, 99]);
  expect(result).toEqual({ removed: 11, firstKept: 0, remotes: [{ label: "memory", forgets: "deleted" }] });
  await world.writer.publish();
  const stored = await world.stored();
  for (let i = 0; i < 100; i++) expect(stored.includes(`content ${i} `), `${i}`).toBe(!removed.includes(i));
  expect(await world.read()).toEqual(expected(100, removed));
  expect(world.writer.status().remotes[0]).not.toHaveProperty("removal");
});
