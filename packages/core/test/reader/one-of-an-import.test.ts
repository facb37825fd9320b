// What one entry out of an import costs: its page alone is read, if the storage reads ranges.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { beforeAll, expect, test } from "vitest";
import { generateSeed, openReader, openWriter, type Remote, type StorageBackend } from "../../src/index.ts";

const SIZE = 5_000;
const held = new Map<string, Uint8Array>();
const table = new NameTable();
let logId: string;

const entry = (i: number) => new Uint8Array(256).map((_, at) => (i * 7 + at * (i % 13)) % 256);

beforeAll(async () => {
  const remote = {
    label: "memory",
    storage: memoryStorage({ contents: held }),
    names: memoryNames({ table }),
  };
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal: new MemoryLevel({ keyEncoding: "view", valueEncoding: "view" }),
    remotes: [remote],
    publish: "manual",
    bundles: "writer",
  });
  await writer.appendAll(Array.from({ length: SIZE }, (_, i) => entry(i)));
  await writer.publish();
  logId = writer.logId;
  await writer.close();
});

/** A remote of which is counted what is read, and how many reads need what the one before gave. */
function counted(capabilities: Partial<StorageBackend["capabilities"]> = {}) {
  const reads = { bytes: 0, dependent: 0, requests: 0 };
  const shown: { readonly object: Buffer; readonly depth: number }[] = [];
  const show = (object: Uint8Array, depth: number): void => {
    reads.requests++;
    reads.bytes += object.length;
    reads.dependent = Math.max(reads.dependent, depth);
    shown.push({ object: Buffer.from(object), depth });
  };
  const storage = memoryStorage({ contents: held });
  const names = memoryNames({ table });
  const remote: Remote = {
    label: "counted",
    storage: {
      ...storage,
      capabilities: { ...storage.capabilities, ...capabilities },
      async get(address, options) {
        const naming = shown.filter(({ object }) => object.includes(Buffer.from(address.bytes)));
        const content = await storage.get(address, options);
        show(content, 1 + Math.min(...naming.map(({ depth }) => depth)));
        return content;
      },
    },
    names: {
      ...names,
      async resolve(name, options) {
        const resolution = await names.resolve(name, options);
        show(resolution.status === "found" ? resolution.content : new Uint8Array(0), 1);
        return resolution;
      },
    },
  };
  return { remote, reads };
}

async function readAlone(i: number, { remote }: Pick<ReturnType<typeof counted>, "remote">): Promise<void> {
  const reader = await openReader({ logId, remotes: [remote] });
  expect((await reader.entry(i)).content).toEqual(entry(i));
  await reader.close();
}

test("an entry out of an import takes 4 reads one after the other at most, and 40 KB", async () => {
  for (const i of [0, 7, 1234, 3_999, SIZE - 600]) {
    const one = counted();
    await readAlone(i, one);
    expect(one.reads.dependent, `of entry ${i}`).toBeLessThanOrEqual(4);
    expect(one.reads.bytes, `of entry ${i}`).toBeLessThanOrEqual(40_000);
    const whole = counted({ ranges: false });
    await readAlone(i, whole);
    expect(whole.reads.bytes).toBeGreaterThan(one.reads.bytes + 10_000);
  }
});
