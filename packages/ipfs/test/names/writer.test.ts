import {
  deriveKeys,
  generateSeed,
  memoryReaderStore,
  openReader,
  openWriter,
  type Remote,
  type Writer,
} from "@remote-log/core";
import { ipnsNames } from "@remote-log/ipfs";
import { memoryStorage } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { afterEach, expect, test, vi } from "vitest";
import { remoteName } from "../../src/record/remote-name.ts";
import { HOUR } from "../records.ts";
import { MapRoute, sequenceOf } from "../routes-in-memory.ts";

// What a whole writer makes of a name that others put records under, which it once signed.

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A writer whose name is on a route that a test bends; each opening is a new process on the same journal. */
async function newWorld() {
  const seed = generateSeed();
  const nameKey = deriveKeys(seed).ipns;
  const name = (await remoteName({ nameKey })).text;
  const storage = memoryStorage();
  const route = new MapRoute();
  const journal = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  const names = (key?: Uint8Array) =>
    ipnsNames({ storage, routes: [route], ...(key !== undefined && { nameKey: key }) });
  return {
    /** The record that the route holds. */
    get held(): Uint8Array {
      return route.held.get(name)!;
    },
    hold: (record: Uint8Array) => void route.held.set(name, record),
    forget: () => route.held.clear(),
    async open(label = "node"): Promise<Writer> {
      await journal.open();
      const remote: Remote = { label, storage, names: names(nameKey), name };
      return openWriter({
        settings: { visibility: "public" },
        seed,
        journal,
        remotes: [remote],
        publish: "manual",
      });
    },
    async size({ logId }: Writer): Promise<number> {
      const remote: Remote = { label: "reader", storage, names: names(), name };
      const reader = await openReader({ logId, remotes: [remote], store: memoryReaderStore() });
      return (await reader.sync()).size;
    },
  };
}

async function publish(writer: Writer, byte: number): Promise<void> {
  await writer.append(Uint8Array.of(byte));
  await writer.publish();
}

test("a writer continues above an older record of its own that comes up again", async () => {
  const world = await newWorld();
  const first = await world.open("one node");
  for (const byte of [1, 2, 3, 4]) await publish(first, byte);
  const old = world.held;
  expect(sequenceOf(old)).toBe(3n);
  await first.close();
  // On another node, which does not find the record: the count begins anew.
  world.forget();
  const second = await world.open("another node");
  await publish(second, 5);
  expect(sequenceOf(world.held)).toBe(0n);
  world.hold(old);
  await publish(second, 6);
  expect(sequenceOf(world.held)).toBe(4n);
  expect(await world.size(second)).toBe(6);
  await publish(second, 7);
  expect(await world.size(second)).toBe(7);
  await second.close();
});

test("a running writer publishes anew where an older record has taken the place of its newest", async () => {
  const world = await newWorld();
  const writer = await world.open();
  await publish(writer, 1);
  const old = world.held;
  await publish(writer, 2);
  expect(writer.status().remotes).toMatchObject([{ confirmed: 2 }]);
  world.hold(old);
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + 61_000);
  await writer.publish();
  expect(sequenceOf(world.held)).toBe(2n);
  expect(await world.size(writer)).toBe(2);
  await writer.close();
});

test("a writer whose newest record has expired publishes it anew when it is opened", async () => {
  const world = await newWorld();
  const first = await world.open();
  await publish(first, 1);
  await first.close();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 366 * 24 * HOUR });
  const second = await world.open();
  await expect(world.size(second)).rejects.toMatchObject({ code: "ERR_STALE" });
  await second.publish();
  expect(sequenceOf(world.held)).toBe(1n);
  expect(await world.size(second)).toBe(1);
  await second.close();
});
