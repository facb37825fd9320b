// What a writer says, beside the manifest, of where the content of its newest snapshot is.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import {
  type GenesisSettings,
  openWriter,
  type Remote,
  type Writer,
  type WriterOptions,
} from "../../src/index.ts";
import { readNameContent } from "../../src/log/head.ts";
import { addressText, hintIn } from "../reader/snapshot-log.ts";

const seed = new Uint8Array(32).fill(8);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const large = (fill: number): Uint8Array => new Uint8Array(100).fill(fill);
const settings: Partial<GenesisSettings> = { visibility: "public", leafSize: 4, fanOut: 4 };

class Place {
  readonly contents = new Map<string, Uint8Array>();
  readonly table = new NameTable();
  readonly remote: Remote;
  readonly journal = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });

  constructor(largestName?: number) {
    const names = memoryNames({ table: this.table, ...(largestName && { largestContent: largestName }) });
    this.remote = { label: "one", storage: memoryStorage({ contents: this.contents }), names };
  }

  open(options: Partial<WriterOptions> = {}): Promise<Writer> {
    const { journal, remote } = this;
    const more = { settings, leastCapacity: 1000, largestEmbedded: 32, publish: "manual" as const };
    return openWriter({ seed, journal, remotes: [remote], graceMilliseconds: 0, ...more, ...options });
  }

  /** The head that the name shows, or leads to. */
  head(logId: string): Uint8Array {
    const held = readNameContent(this.table.values.get(logId)!.content);
    return held.kind === "head" ? held.bytes : this.contents.get(`${held.address}`)!;
  }

  hint({ logId }: Writer): Promise<string | undefined> {
    return hintIn({ logId, head: this.head(logId) });
  }
}

async function append(writer: Writer, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await writer.append(bytes(`entry ${writer.size}`));
}

test("it says where the content is once the entry is in a page, and only if it is stored on its own", async () => {
  const place = new Place();
  const writer = await place.open();
  await append(writer, 2);
  await writer.append(large(1), { snapshot: true });
  await append(writer, 1);
  await writer.publish();
  // Among the newest entries, of which the head says all.
  expect(await place.hint(writer)).toBeUndefined();
  await append(writer, 1);
  await writer.publish();
  expect(await place.hint(writer)).toBe(await addressText(large(1)));
  await writer.append(bytes("small"), { snapshot: true });
  await append(writer, 4);
  await writer.publish();
  expect(await place.hint(writer)).toBeUndefined();
  await writer.append(large(2), { snapshot: true });
  await append(writer, 4);
  await writer.publish();
  expect(await place.hint(writer)).toBe(await addressText(large(2)));
  await writer.close();

  const again = await place.open();
  await append(again, 20);
  await again.publish();
  expect(await place.hint(again)).toBe(await addressText(large(2)));
  await again.remove(again.manifest!.snapshot!);
  await again.publish();
  expect(again.manifest).not.toHaveProperty("snapshot");
  expect(await place.hint(again)).toBeUndefined();
  await again.close();
});

test("a head on the way through a long backlog says nothing of a snapshot that is not published yet", async () => {
  const place = new Place();
  const hints: (string | undefined)[] = [];
  const { names } = place.remote;
  const writer = await place.open({
    settings: { ...settings, leafSize: 1, fanOut: 4 },
    remotes: [
      {
        ...place.remote,
        names: {
          ...names,
          async update(name, content, options) {
            const revision = await names.update(name, content, options);
            hints.push(await place.hint(writer));
            return revision;
          },
        },
      },
    ],
  });
  const contents = Array.from({ length: 1000 }, (_, i) => bytes(`entry ${i}`));
  await writer.appendAll(contents);
  await writer.append(large(3), { snapshot: true });
  await writer.appendAll(contents.slice(0, 5));
  await writer.publish();
  expect(hints.length).toBeGreaterThan(1);
  expect(hints.at(-1)).toBe(await addressText(large(3)));
  expect(hints.slice(0, -1).every((hint) => hint === undefined)).toBe(true);
  await writer.close();
});

test("a head that just fits its name does without it", async () => {
  const lengthWith = async (
    largestName?: number,
  ): Promise<[length: number, hint: boolean, isPointer: boolean]> => {
    const place = new Place(largestName);
    const writer = await place.open();
    await writer.append(large(4), { snapshot: true });
    await append(writer, 4);
    await writer.publish();
    const { content } = place.table.values.get(writer.logId)!;
    const isPointer = readNameContent(content).kind === "pointer";
    const hint = await place.hint(writer);
    await writer.close();
    return [isPointer ? place.head(writer.logId).length : content.length, hint !== undefined, isPointer];
  };
  const [whole] = await lengthWith();
  // Field, length, and the address.
  const added = 2 + 1 + 36;
  // With the id of the remote beside it.
  const id = 19;
  expect(await lengthWith(whole)).toEqual([whole, true, false]);
  expect(await lengthWith(whole - 1)).toEqual([whole - added, false, false]);
  expect(await lengthWith(whole - added)).toEqual([whole - added, false, false]);
  // An object has room for it.
  expect(await lengthWith(whole - added - 1)).toEqual([whole - id, true, true]);
});

test("two private logs of one shape have heads of one length, whatever their snapshots hold", async () => {
  const lengthOf = async (fill: number): Promise<number> => {
    const place = new Place();
    const writer = await place.open({
      seed: new Uint8Array(32).fill(fill),
      settings: { ...settings, visibility: "private" },
    });
    await writer.append(large(fill), { snapshot: true });
    await append(writer, 4);
    await writer.publish();
    expect(await place.hint(writer)).toBeDefined();
    await writer.close();
    return place.head(writer.logId).length;
  };
  expect(await lengthOf(1)).toBe(await lengthOf(2));
});
