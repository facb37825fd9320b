// Where the content of the newest snapshot is, in the head of a copy: as in the source, and nothing of a snapshot that was removed.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { Address, mirrorLog, openReader, openWriter, type Reader, type Remote } from "../../src/index.ts";
import { readNameContent } from "../../src/log/head.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import {
  addressText,
  hintIn,
  hinting,
  SNAPSHOT,
  snapshotEntries,
  writeSnapshotLog,
} from "../reader/snapshot-log.ts";
import type { WrittenLog } from "../reader/written-log.ts";
import { rewritten } from "./rewritten-log.ts";
import { makeTarget, mirrorFrom, type Target } from "./target.ts";

let log: WrittenLog;
let hint: string;
beforeAll(async () => {
  log = await writeSnapshotLog();
  hint = await addressText(snapshotEntries[SNAPSHOT]!);
});

function headOn({ table }: Pick<Target, "table">, logId = log.logId): Uint8Array {
  const held = readNameContent(table.values.get(logId)!.content);
  if (held.kind === "pointer") throw new Error("The name leads to the head.");
  return held.bytes;
}

type Tree = Awaited<ReturnType<typeof rewritten>>;

/** Two trees of one state, each without a content that the other has: a copy of both has a head of its own. */
let trees: readonly [Tree, Tree];
beforeAll(async () => {
  const last = log.entries.length - 1;
  const lacking = (lost: number): Promise<Tree> =>
    rewritten(log, (pair, sequence) => (sequence === lost ? { ...pair, place: { kind: "removed" } } : pair));
  trees = [await lacking(last), await lacking(last - 1)];
});

async function copiedHint(
  to: Target,
  hints: readonly (Uint8Array | undefined)[],
): Promise<string | undefined> {
  const from = trees.map(({ contents, head }, i) =>
    scriptedRemote(contents, hinting(head, hints[i]), { label: `${i}` }),
  );
  const result = await mirrorFrom(log, to, { from });
  expect(result).toMatchObject({ name: "updated", missing: [] });
  const head = headOn(to);
  for (const tree of trees) expect(hinting(head)).not.toEqual(tree.head);
  return hintIn({ logId: log.logId, head });
}

test("a copy that is made as the source is says the same", async () => {
  const to = makeTarget();
  await mirrorFrom(log, to);
  expect(headOn(to)).toEqual(log.head);
  expect(await hintIn({ logId: log.logId, head: headOn(to) })).toBe(hint);
});

test("a copy with a head of its own says what any source says", async () => {
  const { bytes } = Address.fromString(hint);
  expect(await copiedHint(makeTarget(), [bytes, undefined])).toBe(hint);
  expect(await copiedHint(makeTarget(), [undefined, bytes])).toBe(hint);
  expect(await copiedHint(makeTarget(), [undefined, undefined])).toBeUndefined();
});

test("a head of a copy that just fits the name of the target does without it", async () => {
  const { bytes } = Address.fromString(hint);
  const whole = makeTarget();
  await copiedHint(whole, [bytes, bytes]);
  const { length } = headOn(whole);
  expect(await copiedHint(makeTarget({ largestName: length }), [bytes, bytes])).toBe(hint);
  expect(await copiedHint(makeTarget({ largestName: length - 1 }), [bytes, bytes])).toBeUndefined();
});

test("a copy says nothing of a snapshot that a newer manifest does not name", async () => {
  const contents = new Map<string, Uint8Array>();
  const table = new NameTable();
  const remote: Remote = {
    label: "one",
    storage: memoryStorage({ contents }),
    names: memoryNames({ table }),
  };
  const writer = await openWriter({
    ...{ seed: new Uint8Array(32).fill(6), journal: new MemoryLevel(), remotes: [remote], publish: "manual" },
    ...{
      settings: { visibility: "public", leafSize: 4, fanOut: 4 },
      leastCapacity: 1000,
      largestEmbedded: 32,
    },
  });
  onTestFinished(() => writer.close());
  const { logId } = writer;
  await writer.append(new Uint8Array(100), { snapshot: true });
  for (let i = 0; i < 5; i++) await writer.append(Uint8Array.of(i));
  await writer.publish();
  const before = scriptedRemote(new Map(contents), headOn({ table }, logId), { label: "before" });
  await writer.remove(0);
  await writer.publish();
  const readerAt = async (from: Remote): Promise<Reader> => {
    const reader = await openReader({ logId, remotes: [from] });
    onTestFinished(() => reader.close());
    await reader.sync();
    return reader;
  };
  const [{ views }, { newestManifest }] = [await readerAt(before), await readerAt(remote)];
  expect(views[0]!.head.snapshotContent).toBeDefined();
  const to = makeTarget();
  // The entries of one remote, and the manifest of another.
  await mirrorLog({ reader: { logId, views, sync: async () => undefined, newestManifest }, to: to.remote });
  expect(await hintIn({ logId, head: headOn(to, logId) })).toBeUndefined();
});
