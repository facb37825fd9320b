// Logs whose older pages are stored together, through everything that happens to a log.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { runs, testSeed } from "@remote-log/test-kit";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test, vi } from "vitest";
import { Address } from "../../src/address/address.ts";
import { generateSeed, openReader, openWriter, type Remote, type Writer } from "../../src/index.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";

type Step =
  | { readonly kind: "append"; readonly count: number; readonly publish: boolean }
  | { readonly kind: "remove"; readonly from: number; readonly count: number }
  | { readonly kind: "reopen"; readonly bundles: boolean; readonly deletes: boolean }
  | { readonly kind: "lose"; readonly every: number }
  | { readonly kind: "fail"; readonly after: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("append"),
      count: fc.integer({ min: 1, max: 70 }),
      publish: fc.boolean(),
    } as const),
  },
  fc
    .record({ kind: fc.constant("remove"), from: fc.nat(1), count: fc.integer({ min: 1, max: 9 }) } as const)
    .map((one) => ({ ...one, from: one.from })),
  fc.record({ kind: fc.constant("reopen"), bundles: fc.boolean(), deletes: fc.boolean() } as const),
  fc.record({ kind: fc.constant("lose"), every: fc.integer({ min: 1, max: 4 }) } as const),
  fc.record({ kind: fc.constant("fail"), after: fc.nat(12) } as const),
);

/** A device and a remote, with what it should hold. */
class World {
  readonly objects = new Map<string, Uint8Array>();
  readonly table = new NameTable();
  readonly entries: (Uint8Array | undefined)[] = [];
  /** Objects that can still be put before the storage fails; no limit by default. */
  room = Number.POSITIVE_INFINITY;
  writer!: Writer;
  readonly #seed = generateSeed();
  readonly #journal = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });

  get remote(): Remote {
    const storage = memoryStorage({ contents: this.objects });
    return {
      label: "one",
      names: memoryNames({ table: this.table }),
      storage: {
        ...storage,
        put: async (content, options) => {
          if (--this.room < 0) throw new Error("full");
          return storage.put(content, options);
        },
      },
    };
  }

  async open(bundles: boolean, deletes: boolean, graceMilliseconds = 0, largestEmbedded = 40): Promise<void> {
    await this.writer?.close();
    this.writer = await openWriter({
      seed: this.#seed,
      journal: this.#journal,
      remotes: [this.remote],
      publish: "manual",
      bundles: bundles ? "writer" : "off",
      oldPages: deletes ? "delete" : "keep",
      leastCapacity: 1000,
      graceMilliseconds,
      largestEmbedded,
      settings: { visibility: "public", leafSize: 2, fanOut: 8 },
    });
  }

  async append(count: number): Promise<void> {
    const added = Array.from({ length: count }, (_, i) => {
      const sequence = this.entries.length + i;
      return new TextEncoder().encode(`entry ${sequence} `.padEnd(sequence % 11 === 5 ? 60 : 20, "."));
    });
    this.entries.push(...added);
    await this.writer.appendAll(added);
  }

  async remove(from: number, count: number): Promise<void> {
    const first = Math.min(from, this.entries.length);
    const end = Math.min(this.entries.length, first + count);
    if (end === first) return;
    await this.writer.remove({ first, count: end - first });
    this.entries.fill(undefined, first, end);
  }

  /** What a reader reads, in order. */
  async read(): Promise<ReadonlyMap<number, Uint8Array>> {
    const reader = await openReader({ logId: this.writer.logId, remotes: [this.remote] });
    const read = new Map<number, Uint8Array>();
    for await (const { sequence, content } of reader.from(0, { removed: "skip" }))
      read.set(sequence, content);
    for (const sequence of [0, 17, this.entries.length - 1]) {
      if (this.entries[sequence] === undefined) continue;
      expect((await reader.entry(sequence)).content).toEqual(this.entries[sequence]);
    }
    await reader.close();
    return read;
  }

  /** The contents that a reader of the standard alone comes to from the head along `tail`, oldest first. */
  walk(): Uint8Array[] {
    const found: Uint8Array[] = [];
    let page = decodeRemoteLog(this.table.values.get(this.writer.logId)!.content);
    for (;;) {
      for (const { remoteHash, data } of page.pairs)
        found.unshift(remoteHash.length > 0 ? this.objects.get(`${Address.fromBytes(remoteHash)}`)! : data);
      if (page.tail.length === 0) return found;
      page = decodeRemoteLog(this.objects.get(`${Address.fromBytes(page.tail)}`)!);
    }
  }
}

test("whatever happens to it, a log with bundles is read whole, and a repair finds what is missing, no more", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 4, maxLength: 14 }),
      fc.boolean(),
      async (steps, deletes) => {
        const world = new World();
        await world.open(true, deletes);
        let [removed, isCut] = [false, false];
        for (const one of [...steps, { kind: "append", count: 40, publish: true } as const]) {
          if (one.kind === "append") {
            await world.append(one.count);
            if (one.publish) await world.writer.publish();
          } else if (one.kind === "remove" && world.entries.length > 0) {
            removed = true;
            await world.remove(one.from * 13, one.count);
          } else if (one.kind === "reopen") {
            await world.open(one.bundles, one.deletes);
          } else if (one.kind === "lose") {
            for (const [i, address] of [...world.objects.keys()].entries())
              if (i % one.every === 0) world.objects.delete(address);
            await world.writer.repair();
          } else if (one.kind === "fail") {
            await world.append(50);
            isCut = true;
            world.room = one.after;
            await world.writer.publish().catch(() => undefined);
            world.room = Number.POSITIVE_INFINITY;
          }
        }
        const expected = new Map(
          [...world.entries].flatMap((entry, sequence) => (entry ? [[sequence, entry] as const] : [])),
        );
        expect(await world.read()).toEqual(expected);
        if (!removed) expect(world.walk()).toEqual(world.entries);
        // Whatever it looks for is there, in the form in which it was stored; but for pages after one that was written anew.
        if (removed) await world.writer.repair();
        const { remotes } = await world.writer.repair();
        expect(remotes).toMatchObject([{ putBack: 0 }]);
        expect(await world.read()).toEqual(expected);
        // What was removed is nowhere any more, unless a publish that was cut left what none after it needs.
        if (isCut) return world.writer.close();
        const text = [...world.objects.values()].map((bytes) => Buffer.from(bytes).toString("latin1")).join();
        for (const [sequence, entry] of world.entries.entries())
          if (entry === undefined) expect(text).not.toContain(`entry ${sequence} `);
        await world.writer.close();
      },
    ),
    { numRuns: runs(15, 400), seed: testSeed | 0 },
  );
});

test("an import is stored in bundles alone, and what is appended one by one in both forms", async () => {
  const world = new World();
  await world.open(true, false);
  await world.append(16 * 20 + 3);
  await world.writer.publish();
  const imported = world.objects.size;
  // 20 bundles of 8 pages of 2, of which a node holds one; one page that is begun; and the contents that are not embedded.
  expect(imported).toBeLessThan(20 + 30 + 25);
  expect(world.walk()).toEqual(world.entries);
  for (let i = 0; i < 40; i++) {
    await world.append(1);
    await world.writer.publish();
  }
  expect(await world.read()).toEqual(new Map(world.entries.map((entry, i) => [i, entry!])));
  expect(world.walk()).toEqual(world.entries);
});

test("old pages and nodes that are to be deleted go once the grace time is over, and nothing else does", async () => {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now });
  onTestFinished(() => void vi.useRealTimers());
  const world = new World();
  await world.open(true, true, 60_000);
  const publishOne = async (): Promise<void> => {
    await world.append(1);
    await world.writer.publish();
  };
  for (let i = 0; i < 200; i++) await publishOne();
  const before = world.objects.size;
  // Somebody is in the middle of the log, and knows the nodes of this state, in which some pages are stored by themselves.
  const reader = await openReader({ logId: world.writer.logId, remotes: [world.remote] });
  const inFlight = reader.from(0);
  await inFlight.next();
  vi.setSystemTime(now + 59_000);
  for (let i = 0; i < 20; i++) await publishOne();
  expect(world.objects.size).toBeGreaterThan(before);
  let read = 1;
  for await (const { content } of inFlight) expect(content).toEqual(world.entries[read++]);
  expect(read).toBe(200);
  vi.setSystemTime(now + 60_000);
  await publishOne();
  expect(world.objects.size).toBeLessThan(before);
  vi.setSystemTime(now + 120_000);
  await publishOne();
  // What is left is what the log needs.
  const { remotes } = await world.writer.repair();
  expect(remotes).toMatchObject([{ putBack: 0 }]);
  expect(world.objects.size).toBe(remotes[0]!.checked);
  expect(await world.read()).toEqual(new Map(world.entries.map((entry, i) => [i, entry!])));
  expect(world.walk()).toEqual(world.entries);
  await reader.close();
  await world.writer.close();
});

test.each(["lost", "damaged"])(
  "a bundle that is %s is put back before the pages in it are deleted",
  async (how) => {
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now });
    onTestFinished(() => void vi.useRealTimers());
    const world = new World();
    await world.open(true, true, 60_000);
    for (let i = 0; i < 150; i++) {
      await world.append(1);
      await world.writer.publish();
    }
    const bundles = [...world.objects].filter(([, bytes]) => isBundle(bytes));
    expect(bundles.length).toBeGreaterThan(3);
    for (const [address, bytes] of bundles) {
      if (how === "lost") world.objects.delete(address);
      else world.objects.set(address, bytes.toReversed());
    }
    vi.setSystemTime(now + 61_000);
    await world.append(1);
    await world.writer.publish();
    for (const [address, bytes] of bundles) expect(world.objects.get(address)).toEqual(bytes);
    expect(await world.read()).toEqual(new Map(world.entries.map((entry, i) => [i, entry!])));
    const { remotes } = await world.writer.repair();
    expect(remotes).toMatchObject([{ putBack: 0 }]);
    await world.writer.close();
  },
);

/** Whether an object has the entries of more than a page of 2, and is no head. */
function isBundle(bytes: Uint8Array): boolean {
  try {
    const { pairs, checkpoint } = decodeRemoteLog(bytes);
    return pairs.length > 2 && checkpoint.length === 0;
  } catch {
    return false;
  }
}

test("what a publish that was cut stored with other settings goes with a removal", async () => {
  for (const [before, after] of [
    [
      { bundles: true, largestEmbedded: 40 },
      { bundles: false, largestEmbedded: 40 },
    ],
    [
      { bundles: false, largestEmbedded: 40 },
      { bundles: true, largestEmbedded: 40 },
    ],
    [
      { bundles: true, largestEmbedded: 10 },
      { bundles: true, largestEmbedded: 40 },
    ],
    [
      { bundles: true, largestEmbedded: 40 },
      { bundles: true, largestEmbedded: 10 },
    ],
  ]) {
    for (const room of [0, 1, 2, 5, 11, 20, 24]) {
      const world = new World();
      await world.open(before!.bundles, false, 0, before!.largestEmbedded);
      await world.append(21);
      await world.writer.publish();
      await world.append(60);
      world.room = room;
      await world.writer.publish().catch(() => undefined);
      world.room = Number.POSITIVE_INFINITY;
      await world.open(after!.bundles, false, 0, after!.largestEmbedded);
      await world.remove(14, 40);
      await world.writer.publish();
      await world.writer.publish();
      const text = [...world.objects.values()].map((bytes) => Buffer.from(bytes).toString("latin1")).join();
      for (let sequence = 14; sequence < 54; sequence++) expect(text).not.toContain(`entry ${sequence} `);
      const left = [...world.entries.entries()].filter(([, entry]) => entry !== undefined);
      expect(await world.read()).toEqual(new Map(left as [number, Uint8Array][]));
      await world.writer.close();
    }
  }
});
