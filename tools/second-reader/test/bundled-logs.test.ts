// Logs whose older pages are stored together: both readers read what was written, and so does one of the plain standard.

import { readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { type GenesisSettings, openReader } from "@remote-log/core";
import { fsRemote } from "@remote-log/fs";
import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import {
  type Bundle,
  decodeBundleMessage,
  decodeIndexNode,
  decodeRemoteLog,
  openFolder,
  type Pair,
  pairsOfBundle,
  Refused,
} from "../index.mjs";
import {
  bytesOf,
  contentOf,
  expected,
  shown,
  shownByFirst,
  type WrittenLog,
  writeLog,
} from "./written-log.ts";

const kinds: Readonly<Record<string, Partial<GenesisSettings>>> = {
  public: { visibility: "public" },
  private: { visibility: "private" },
  unpadded: { visibility: "private", padding: "none" },
};
const shapes = [
  { leafSize: 1, fanOut: 2, size: 23 },
  { leafSize: 2, fanOut: 4, size: 67 },
  { leafSize: 4, fanOut: 16, size: 140 },
  { leafSize: 32, fanOut: 4, size: 330 },
];
const each = Object.keys(kinds).flatMap((kind) => shapes.map((shape) => ({ kind, ...shape })));

/** The objects of a log, by their paths. */
function filesOf({ root }: WrittenLog): Map<string, Uint8Array> {
  const files = readdirSync(join(root, "contents"), { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  return new Map(paths.map((path) => [path, new Uint8Array(readFileSync(path))]));
}

/** What all index nodes say that a log has: bundles, and pages that are in one alone. */
function bundlesOf(log: WrittenLog): { readonly bundles: readonly Bundle[]; readonly alone: number } {
  const bundles: Bundle[] = [];
  let alone = 0;
  for (const content of filesOf(log).values()) {
    try {
      const node = decodeIndexNode(content);
      bundles.push(...node.bundles.map(decodeBundleMessage));
      alone += node.refs.filter(({ address }) => address.length === 0).length;
    } catch (error) {
      // Not a node.
      if (!(error instanceof Refused)) throw error;
    }
  }
  return { bundles, alone };
}

/** What the first reader streams. */
async function streamed({ root, writer }: WrittenLog): Promise<string[]> {
  await using reader = await openReader({
    logId: writer.logId,
    key: writer.readKey,
    remotes: [fsRemote({ root })],
  });
  const entries: string[] = [];
  for await (const { sequence, content } of reader.from(0, { removed: "skip" }))
    entries.push(`${sequence} ${Buffer.from(content)}`);
  return entries;
}

/** All pairs that a reader of the standard alone comes to from the head along `tail`, oldest first. */
function alongTails({ root, writer }: WrittenLog): Pair[] {
  const remote = openFolder(root);
  const pairs: Pair[] = [];
  for (let bytes = remote.nameOf(bytesOf(writer.logId)); bytes !== undefined; ) {
    const { tail, ...message } = decodeRemoteLog(bytes);
    pairs.unshift(...pairsOfBundle({ tail, ...message }));
    if (tail.length === 0) return pairs;
    bytes = remote.read(tail);
  }
  throw new Error("A tail leads nowhere.");
}

test.each(sample("logs with bundles", each, 3))(
  "a log that is $kind, with pages of $leafSize and nodes of $fanOut: imported, appended to, with removed entries",
  async ({ kind, leafSize, fanOut, size }) => {
    const log = await writeLog({ ...kinds[kind], leafSize, fanOut }, { bundles: "writer" });
    const contents = Array.from({ length: size }, (_, i) => contentOf(i));
    let known = { size: 0 };
    const check = async (entries: readonly string[]): Promise<void> => {
      const read = log.read({ known });
      expect(shown(read.entries())).toEqual(entries);
      expect(await streamed(log)).toEqual(entries.filter((entry) => !entry.endsWith(" removed")));
      known = read;
    };
    // An import, whose pages are in bundles alone but for the newest.
    const imported = Math.floor(size / 2);
    await log.writer.appendAll(contents.slice(0, imported));
    await log.writer.publish();
    await check(expected(contents.slice(0, imported)));
    expect(alongTails(log)).toHaveLength(imported);
    expect(bundlesOf(log).alone).toBeGreaterThan(0);
    // Then pages that are stored by themselves before they are bundled.
    const step = Math.ceil(size / 24);
    for (let end = imported + step; end - step < size; end += step) {
      await log.writer.appendAll(contents.slice(end - step, end));
      await log.writer.publish();
      await check(expected(contents.slice(0, end)));
    }
    expect(alongTails(log)).toHaveLength(size);
    const { bundles } = bundlesOf(log);
    expect(bundles.length).toBeGreaterThan(1);
    for (const { first, lengths } of bundles) expect(first % lengths.length).toBe(0);

    const removed = [0, 3, imported - 2, imported + 1];
    await log.writer.remove(removed);
    await log.writer.publish();
    const left = expected(contents).map((entry, i) => (removed.includes(i) ? `${i} removed` : entry));
    await check(left);
    expect(await shownByFirst(log)).toEqual(left);
    await log.writer.close();
  },
);

test("identifiers that follow from the content are left out of bundles, and others are not", async () => {
  const leftOut = async (settings: Partial<GenesisSettings>): Promise<number> => {
    const log = await writeLog({ ...settings, leafSize: 2, fanOut: 8 }, { bundles: "writer" });
    const contents = Array.from({ length: 40 }, (_, i) => contentOf(i));
    await log.writer.appendAll(contents);
    await log.writer.publish();
    expect(shown(log.read().entries())).toEqual(expected(contents));
    await log.writer.close();
    let without = 0;
    for (const content of filesOf(log).values()) {
      try {
        const page = decodeRemoteLog(content) as unknown as {
          pairs: readonly { readonly present: ReadonlySet<number> }[];
        };
        without += page.pairs.filter(({ present }) => present.has(3) && !present.has(2)).length;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
      }
    }
    return without;
  };
  expect(await leftOut({ visibility: "public" })).toBeGreaterThan(15);
  expect(await leftOut({ visibility: "private" })).toBe(0);
});

test("a bundle that is gone is no loss if its pages are there, and pages are none if their bundle is there", async () => {
  const log = await writeLog({ visibility: "public", leafSize: 2, fanOut: 4 }, { bundles: "writer" });
  const contents = Array.from({ length: 40 }, (_, i) => contentOf(i));
  await log.writer.appendAll(contents.slice(0, 20));
  await log.writer.publish();
  for (const content of contents.slice(20)) {
    await log.writer.append(content);
    await log.writer.publish();
  }
  const all = expected(contents);
  let [whole, refused] = [0, 0];
  for (const path of filesOf(log).keys()) {
    renameSync(path, join(log.root, "aside"));
    try {
      const entries = shown(log.read().entries());
      if (!entries.some((entry) => entry.endsWith("withheld"))) {
        expect(entries).toEqual(all);
        whole++;
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused++;
    } finally {
      renameSync(join(log.root, "aside"), path);
    }
  }
  // Bundles of what was appended one by one, and their pages.
  expect(whole).toBeGreaterThan(6);
  // Bundles of what was appended at once, and nodes.
  expect(refused).toBeGreaterThan(3);
  await log.writer.close();
});
