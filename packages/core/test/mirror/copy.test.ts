import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fsRemote } from "@remote-log/fs";
import { expect, onTestFinished, test } from "vitest";
import {
  Address,
  addressOf,
  mirrorLog,
  openReader,
  type Remote,
  rawSha256,
  WithheldError,
} from "../../src/index.ts";
import { readNameContent } from "../../src/log/head.ts";
import { decodeIndexNode } from "../../src/wire/index-node-message.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { forge, kindsOf } from "../reader/forger.ts";
import { expectEntries, readWhole } from "../reader/read-whole.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import {
  contents,
  foldedSize,
  foldingCuts,
  smallCuts,
  type WrittenLog,
  writeLog,
} from "../reader/written-log.ts";
import { expectWhole, makeTarget, mirrorFrom } from "./target.ts";

test.each([0, 1, 4, 5, 17, 65, 300])(
  "a log of %i entries is read whole by whoever sees the copy alone, and has what the head needs, no more",
  async (size) => {
    for (const settings of [smallCuts, foldingCuts]) {
      const log = await writeLog(contents(size), { settings });
      const target = makeTarget();
      const result = await mirrorFrom(log, target);
      await expectWhole(target, log);
      const kinds = [...kindsOf(log).values()];
      const count = (kind: string): number => kinds.filter((one) => one === kind).length;
      expect([...target.contents.keys()].sort()).toEqual([...kindsOf(log).keys()].sort());
      expect(result).toMatchObject({
        name: "updated",
        size,
        entries: size,
        contents: count("content"),
        pages: count("page"),
        nodes: count("node"),
        head: log.head,
        bytes: [...target.contents.values()].reduce((sum, { length }) => sum + length, 0),
      });
    }
  },
);

test("nothing is stored before all that it leads to, and the name is set last", async () => {
  const log = await writeLog(contents(foldedSize), { settings: foldingCuts });
  const target = makeTarget({
    // Puts are acknowledged in another order than they were made.
    around: async (call, proceed) => {
      if (call.kind === "put" && call.content![0]! % 3 === 0) await new Promise((go) => setTimeout(go, 2));
      return proceed();
    },
  });
  await mirrorFrom(log, target);
  const place = new Map(target.acknowledged.map((text, i) => [text, i]));
  for (const [text, kind] of kindsOf(log)) {
    for (const below of leadsTo(target.contents.get(text)!, kind)) {
      expect(place.get(below)!).toBeLessThan(place.get(text)!);
    }
  }
  expect(target.acknowledged.at(-1)).toBe("name");
  expect(target.acknowledged).toHaveLength(kindsOf(log).size + 1);
});

function leadsTo(bytes: Uint8Array, kind: string): string[] {
  const addresses =
    kind === "node"
      ? decodeIndexNode(bytes).addresses
      : kind === "page"
        ? decodeRemoteLog(bytes).pairs.map(({ remoteHash }) => remoteHash)
        : [];
  return addresses.filter(({ length }) => length > 0).map((one) => Address.fromBytes(one).toString());
}

test("contents that are objects of their own are copied, from pages and from the head", async () => {
  const log = await writeLog(contents(30), { largestEmbedded: 0 });
  const target = makeTarget();
  expect(await mirrorFrom(log, target)).toMatchObject({ contents: 30 });
  await expectWhole(target, log);
});

test("where contents were removed, everything else is copied, and the copy says which is missing", async () => {
  const log = await writeLog(contents(40));
  const removed = await withoutContent(log, 9);
  const target = makeTarget();
  const { missing } = await mirrorFrom(removed, target);
  expect(missing).toMatchObject([{ from: 9, to: 10, error: { code: "ERR_WITHHELD" } }]);
  const reader = await openReader({ logId: log.logId, remotes: [target.remote] });
  for (let i = 0; i < 40; i++) {
    const reading = reader.entry(i);
    if (i === 9) await expect(reading).rejects.toBeInstanceOf(WithheldError);
    else expect((await reading).content).toEqual(log.entries[i]);
  }
  await reader.close();
});

/** The log after a content was taken out of a page: other addresses, and the same signed root. */
async function withoutContent(
  log: WrittenLog,
  sequence: number,
): Promise<Pick<WrittenLog, "logId" | "contents" | "head">> {
  const localHash = rawSha256.digest(log.entries[sequence]!) as Uint8Array;
  for (const [text, kind] of kindsOf(log)) {
    if (kind !== "page") continue;
    const wire = decodeRemoteLog(log.contents.get(text)!);
    const at = wire.pairs.findIndex((pair) => Buffer.compare(pair.localHash, localHash) === 0);
    if (at < 0) continue;
    const none = new Uint8Array(0);
    const pair = { remoteHash: none, localHash, data: none, contentHash: localHash };
    const page = encodeRemoteLog({ ...wire, pairs: wire.pairs.with(at, pair) });
    const { contents, head } = await forge(log, text, page, { merkle: false });
    return { logId: log.logId, contents: new Map(contents), head };
  }
  throw new Error(`Entry ${sequence} is in no page.`);
}

test("a copy keeps contents that its source shows as removed later, since any storage can claim that", async () => {
  const log = await writeLog(contents(40));
  for (const isKnown of [true, false]) {
    const target = makeTarget();
    const { head } = await mirrorFrom(log, target);
    const removed = await withoutContent(log, 9);
    const result = await mirrorFrom(removed, target, isKnown ? { known: head } : {});
    expect(result).toMatchObject({ name: "current", missing: [], missingEntries: 0, head: log.head });
    await expectWhole(target, log);
  }
});

test("the head is stored too where that is asked for, after everything else, and its address returned", async () => {
  const log = await writeLog(contents(20));
  const target = makeTarget();
  const { headAddress } = await mirrorFrom(log, target, { storeHead: true });
  expect(headAddress!.equals(await addressOf(log.head, rawSha256))).toBe(true);
  expect(target.contents.get(headAddress!.toString())).toEqual(log.head);
  expect(target.acknowledged.slice(-2)).toEqual([headAddress!.toString(), "name"]);
});

test("a head that the target's names cannot hold is stored, and the name points at it", async () => {
  const log = await writeLog(contents(20));
  const target = makeTarget({ largestName: 100 });
  await mirrorFrom(log, target);
  const held = readNameContent(target.table.values.get(log.logId)!.content);
  if (held.kind !== "pointer") throw new Error("The name holds the head itself.");
  expect(target.contents.get(held.address.toString())).toEqual(log.head);
  await expectWhole(target, log);
});

test("to a storage alone everything is copied, and the head is in the result for whoever names it", async () => {
  const log = await writeLog(contents(20));
  const target = makeTarget();
  const result = await mirrorFrom(log, target, { to: { storage: target.remote.storage } });
  expect(result.head).toEqual(log.head);
  expect(result).not.toHaveProperty("name");
  expect(target.table.values.size).toBe(0);
});

test("a log goes from a folder to another folder, and on from there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mirror-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const log = await writeLog(contents(60));
  const places = ["a", "b"].map((label) => fsRemote({ label, root: join(folder, label) }));
  let from: Remote = scriptedRemote(log.contents, log.head);
  for (const to of places) {
    const reader = await openReader({ logId: log.logId, remotes: [from] });
    expect(await mirrorLog({ reader, to })).toMatchObject({ name: "updated", entries: 60 });
    await reader.close();
    from = to;
  }
  const { entries, error } = await readWhole({ logId: log.logId, remotes: [from] });
  expect(error).toBeUndefined();
  expect(entries).toHaveLength(60);
  expectEntries(entries, log.entries);
});

test("progress counts what is in the target, up to all of it", async () => {
  const log = await writeLog(contents(100));
  const seen: number[] = [];
  await mirrorFrom(log, makeTarget(), { onProgress: ({ entries }) => seen.push(entries) });
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(100);
});
