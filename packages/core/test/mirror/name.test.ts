import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { ForkError, mirrorLog, openReader, verifyForkEvidence } from "../../src/index.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "../reader/two-branches.ts";
import { writeLog } from "../reader/written-log.ts";
import { expectWhole, logAt, makeTarget, mirrorFrom } from "./target.ts";

let branches: TwoBranches;

beforeAll(async () => {
  branches = await writeTwoBranches();
});

test("an older state under the target's name is replaced", async () => {
  const { log } = branches;
  for (const [from, to] of [
    [0, 1],
    [3, 4],
    [16, 17],
    [20, 70],
  ] as const) {
    const target = makeTarget();
    await mirrorFrom(logAt(log, from), target);
    expect(await mirrorFrom(logAt(log, to), target)).toMatchObject({ name: "updated" });
    await expectWhole(target, logAt(log, to));
  }
});

test("a newer state under the target's name is never replaced by an older one", async () => {
  const { log } = branches;
  const target = makeTarget();
  await mirrorFrom(log, target);
  const held = target.table.values.get(log.logId);
  for (const size of [0, 1, 16, 69]) {
    expect(await mirrorFrom(logAt(log, size), target)).toMatchObject({ name: "newer" });
  }
  expect(target.table.values.get(log.logId)).toBe(held);
});

test("the same state under other addresses is replaced by a whole copy, and left by a pass that has nothing to copy", async () => {
  const { seed, log } = branches;
  const pointing = await writeLog(log.entries, { seed, largestEmbedded: 0 });
  const target = makeTarget();
  await mirrorFrom(log, target);
  const { head, name } = await mirrorFrom(pointing, target);
  expect(name).toBe("updated");
  await expectWhole(target, pointing);
  await mirrorFrom(log, target);
  expect(await mirrorFrom(pointing, target, { known: head })).toMatchObject({ name: "current" });
  expect(target.table.values.get(log.logId)!.content).toEqual(log.head);
});

test("a newer state that comes while the name is set wins", async () => {
  const { log } = branches;
  const target = makeTarget({
    around: async (call, proceed) => {
      if (
        call.kind === "update" &&
        call.content!.length !== log.head.length &&
        target.acknowledged.at(-1) !== "name"
      ) {
        await mirrorFrom(log, { ...target, remote: target.remote });
      }
      return proceed();
    },
  });
  expect(await mirrorFrom(logAt(log, 50), target)).toMatchObject({ name: "newer" });
  await expectWhole(target, log);
});

test("an older state that comes while the name is set is replaced", async () => {
  const { log } = branches;
  let came = false;
  const target = makeTarget({
    around: async (call, proceed) => {
      if (call.kind === "update" && !came) {
        came = true;
        await mirrorFrom(logAt(log, 20), target);
      }
      return proceed();
    },
  });
  expect(await mirrorFrom(logAt(log, 50), target)).toMatchObject({ name: "updated" });
  await expectWhole(target, logAt(log, 50));
});

test("a name that others set again and again is given up, and can be tried again", async () => {
  const { log } = branches;
  let size = 0;
  let nested = false;
  const target = makeTarget({
    around: async (call, proceed) => {
      if (call.kind === "update" && !nested) {
        nested = true;
        await mirrorFrom(logAt(log, ++size), target);
        nested = false;
      }
      return proceed();
    },
  });
  const error = await failure(mirrorFrom(log, target));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  await expectWhole(target, logAt(log, size));
});

test("a head that contradicts the log is left as it is, and the proof of the fork is in the error", async () => {
  const { log, branch, objects } = branches;
  for (const [ours, theirs] of [
    [70, 70],
    [70, 50],
    [50, 70],
  ] as const) {
    const target = makeTarget();
    await mirrorFrom({ ...logAt(branch, theirs), contents: new Map(objects) }, target);
    const held = target.table.values.get(log.logId);
    target.acknowledged.length = 0;
    const error = await failure(mirrorFrom({ ...logAt(log, ours), contents: new Map(objects) }, target));
    expect(error).toBeInstanceOf(ForkError);
    expect(await verifyForkEvidence((error as ForkError).evidence)).toMatchObject({ logId: log.logId });
    expect(target.table.values.get(log.logId)).toBe(held);
    expect(target.acknowledged).toEqual([]);
  }
});

test("what is no head of this log under the target's name is left as it is, and nothing is copied", async () => {
  const { log } = branches;
  const other = await writeLog(log.entries.slice(0, 5));
  for (const content of [
    other.head,
    new Uint8Array(0),
    new TextEncoder().encode("hello"),
    log.head.slice(1),
  ]) {
    const target = makeTarget();
    await target.remote.names.update(log.logId, content, { expected: null });
    target.acknowledged.length = 0;
    await expect(mirrorFrom(log, target)).rejects.toMatchObject({ code: "ERR_INTEGRITY" });
    expect(target.table.values.get(log.logId)!.content).toEqual(content);
    expect(target.acknowledged).toEqual([]);
  }
});

test("the name is the one that the target says", async () => {
  const { log } = branches;
  const target = makeTarget();
  await mirrorFrom(log, target, { to: { ...target.remote, name: "copy" } });
  expect([...target.table.values.keys()]).toEqual(["copy"]);
});

test("a state that the reader knows to be set back is not mirrored", async () => {
  const { log } = branches;
  const source = scriptedRemote(log.contents, log.head);
  const reader = await openReader({ logId: log.logId, remotes: [source] });
  const target = makeTarget();
  await mirrorLog({ reader, to: target.remote });
  source.names.show(log.heads.get(30)!);
  await expect(mirrorLog({ reader, to: target.remote })).rejects.toMatchObject({ code: "ERR_ROLLBACK" });
  await reader.close();
  await expectWhole(target, log);
});

test("closing the reader ends a mirroring", async () => {
  const { log } = branches;
  const source = scriptedRemote(log.contents, log.head);
  const reader = await openReader({ logId: log.logId, remotes: [source] });
  source.storage.before = async () => {
    await reader.close();
    return undefined;
  };
  await expect(mirrorLog({ reader, to: makeTarget().remote })).rejects.toMatchObject({ code: "ERR_CLOSED" });
});
