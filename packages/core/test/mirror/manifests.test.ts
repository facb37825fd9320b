// The manifest in a mirror: the newest of both that is proven, with all that it leads to.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import {
  type ForkError,
  type MirrorOptions,
  type MirrorResult,
  memoryReaderStore,
  mirrorLog,
  openReader,
  type Reader,
  verifyForkEvidence,
} from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { ManifestLog, type ShownPlace } from "../reader/manifest-log.ts";
import { makeTarget, type Target } from "./target.ts";

/** 3 entries; 1 version; 1 more; 4 more and an entry; 1 more. */
let log: ManifestLog;
let fork: ManifestLog;
const steps = [
  { entries: 3 },
  { versions: 1 },
  { versions: 1 },
  { entries: 1, versions: 4 },
  { versions: 1 },
] as const;

beforeAll(async () => {
  log = await ManifestLog.write(steps);
  fork = await ManifestLog.write(
    steps.map((step, i) =>
      i >= 2 && "versions" in step ? { ...step, say: { remotes: Uint8Array.of(i) } } : step,
    ),
  );
});

const readerOf = (...places: readonly ShownPlace[]): Promise<Reader> =>
  openReader({ logId: log.logId, remotes: places.map(({ remote }) => remote), retries: 0 });

async function mirrored(
  places: readonly ShownPlace[],
  to: Target,
  options: Partial<MirrorOptions> = {},
): Promise<MirrorResult> {
  const reader = await readerOf(...places);
  try {
    return await mirrorLog({ reader, to: to.remote, retries: 0, ...options });
  } finally {
    await reader.close();
  }
}

/** The version that a target shows, and whether a reader that knew an old one can follow it. */
async function shownOn({ remote, table }: Target): Promise<{ version: number; isWhole: boolean }> {
  const head = await verifyHead(table.values.get(log.logId)!.content, log.logId);
  const store = memoryReaderStore();
  const before = await openReader({ logId: log.logId, remotes: [log.place("first", 1).remote], store });
  await before.sync();
  const reader = await openReader({ logId: log.logId, remotes: [remote], store, retries: 0 });
  await reader.sync().catch(() => undefined);
  const version = head.manifest?.manifest.version ?? 0;
  return { version, isWhole: reader.manifest?.version === version };
}

/** A target that shows a step. */
async function targetAt(step: number, of = log): Promise<Target> {
  const target = makeTarget();
  const reader = await openReader({ logId: of.logId, remotes: [of.place("source", step).remote] });
  await mirrorLog({ reader, to: target.remote });
  return target;
}

const versions = [0, 1, 2, 6, 7] as const;

test("a source and a target, each at any version: the target has the newer one, and all that it takes", async () => {
  for (const there of versions.keys()) {
    for (const here of versions.keys()) {
      const target = await targetAt(there);
      const { name } = await mirrored([log.place("one", here)], target);
      // What is newer there stays.
      const kept = Math.max(here, there);
      expect([there, here, name === "updated"]).toEqual([there, here, here > there]);
      if (kept === 0) continue;
      expect(await shownOn(target)).toEqual({ version: versions[kept], isWhole: true });
    }
  }
});

test("the newest entries of one source and the newest manifest of another", async () => {
  const target = makeTarget();
  await mirrored([log.place("entries", 3), log.place("manifest", 4)], target);
  expect(await shownOn(target)).toEqual({ version: 7, isWhole: true });
});

test("a contradiction is a fork, whichever source shows it, and the target stays as it was", async () => {
  for (const places of [
    [log.place("one", 4)],
    [log.place("one", 2)],
    // The entries are those of the first, the manifest is the second's.
    [log.place("one", 1), log.place("two", 4)],
  ]) {
    const target = await targetAt(4, fork);
    const before = target.table.values.get(log.logId)!.content;
    const error = await failure<ForkError>(mirrored(places, target));
    expect(error).toMatchObject({ code: "ERR_FORK" });
    expect(await verifyForkEvidence(error.evidence)).toMatchObject({ of: "manifest" });
    expect(target.table.values.get(log.logId)!.content).toEqual(before);
  }
});

test("leaf hashes that are withheld are left out, and copied once somebody shows them", async () => {
  const target = makeTarget();
  const source = log.place("one", 3);
  source.withholdLeaves();
  await mirrored([source], target);
  expect(await shownOn(target)).toEqual({ version: 6, isWhole: false });
  expect((await mirrored([source], target)).name).toBe("current");
  expect((await mirrored([log.place("one", 3)], target)).name).toBe("updated");
  expect(await shownOn(target)).toEqual({ version: 6, isWhole: true });
  expect((await mirrored([log.place("one", 3)], target)).name).toBe("current");
});

test("what nobody proves does not take the place of what the target has", async () => {
  const target = await targetAt(2);
  const source = log.place("one", 4);
  source.forgeLeaves();
  const result = await mirrored([source], target);
  expect([result.size, result.name]).toEqual([4, "updated"]);
  expect(await shownOn(target)).toEqual({ version: 2, isWhole: true });
  await mirrored([log.place("one", 4)], target);
  expect(await shownOn(target)).toEqual({ version: 7, isWhole: true });
});

test("with the head of the last time nothing is asked that was not asked before, and a target that was set back is set right", async () => {
  const target = await targetAt(3);
  const { head, name } = await mirrored([log.place("one", 4)], target);
  expect(name).toBe("updated");
  const puts = target.acknowledged.length;
  const again = await mirrored([log.place("one", 4)], target, { known: head });
  expect([again.name, target.acknowledged.length]).toEqual(["current", puts]);
  const other = await targetAt(3);
  for (const [key, value] of other.table.values) target.table.values.set(key, value);
  expect(await mirrored([log.place("one", 4)], target, { known: head })).toMatchObject({ name: "updated" });
  expect(await shownOn(target)).toEqual({ version: 7, isWhole: true });
});

test("a mirroring that is resumed puts what the manifest leads to where it is missing", async () => {
  const target = await targetAt(4);
  for (const [address, { length }] of target.contents) if (length === 7 * 32) target.contents.delete(address);
  expect(await shownOn(target)).toEqual({ version: 7, isWhole: false });
  await mirrored([log.place("one", 4)], target);
  expect(await shownOn(target)).toEqual({ version: 7, isWhole: false });
  await mirrored([log.place("one", 4)], target, { resume: true });
  expect(await shownOn(target)).toEqual({ version: 7, isWhole: true });
});

test("a target without names gets the head of a source as it is, and all that its manifest leads to", async () => {
  const target = makeTarget();
  const { storage } = target.remote;
  const reader = await readerOf(log.place("one", 4));
  const { head, name } = await mirrorLog({ reader, to: { storage } });
  expect(name).toBeUndefined();
  await target.remote.names.update(log.logId, head, { expected: null });
  expect(await shownOn(target)).toEqual({ version: 7, isWhole: true });
});
