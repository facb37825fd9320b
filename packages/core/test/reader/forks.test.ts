import { beforeAll, expect, test } from "vitest";
import { ForkError, openReader, verifyForkEvidence } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { compareHeads } from "../../src/tree/compare-heads.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { readerAt } from "./reader-at.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "./two-branches.ts";
import { contents, foldingCuts, sizesTo, smallCuts, type WrittenLog, writeLog } from "./written-log.ts";

let written: TwoBranches;
let log: WrittenLog;
let branch: WrittenLog;
let objects: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  written = await writeTwoBranches();
  ({ log, branch, objects } = written);
});

const at = (size: number): Uint8Array => log.heads.get(size)!;

test.each([
  ["equal", 50, 50],
  ["larger", 50, 60],
  ["larger, a power of two", 50, 64],
  ["smaller", 50, 40],
  ["smaller, a power of two", 50, 32],
])("a fork at %s size is proved, and freezes the log for good", async (_how, seen, offered) => {
  const { reader, remote, store } = await readerAt(written, seen);
  remote.names.show(branch.heads.get(offered)!);
  const error = await reader.sync().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ForkError);
  const { evidence } = error as ForkError;
  expect(await verifyForkEvidence(evidence)).toEqual({
    logId: log.logId,
    smaller: Math.min(seen, offered),
    larger: Math.max(seen, offered),
  });
  remote.names.show(at(seen + 1));
  await expect(reader.sync()).rejects.toBeInstanceOf(ForkError);
  await expect(reader.entry(0)).rejects.toBeInstanceOf(ForkError);
  const reopened = await openReader({ logId: log.logId, remotes: [remote], store }).catch(
    (reason: unknown) => reason,
  );
  expect(reopened).toBeInstanceOf(ForkError);
  expect(await verifyForkEvidence((reopened as ForkError).evidence)).toBeDefined();
});

test("every fork between the two branches is proved, whatever the sizes", async () => {
  for (let seen = 31; seen <= 70; seen++) {
    for (const offered of [31, 32, 33, 47, 48, 49, 63, 64, 65, 70]) {
      const { reader, remote } = await readerAt(written, seen);
      remote.names.show(branch.heads.get(offered)!);
      const error = await reader.sync().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error, `${seen} and ${offered}`).toBeInstanceOf(ForkError);
      expect(await verifyForkEvidence((error as ForkError).evidence), `${seen} and ${offered}`).toBeDefined();
    }
  }
});

test("evidence of a fork that was tampered with proves nothing", async () => {
  const { reader, remote } = await readerAt(written, 50);
  remote.names.show(branch.heads.get(61)!);
  const { evidence } = (await reader.sync().then(
    () => undefined,
    (reason: unknown) => reason,
  )) as ForkError;
  const accepted = (changed: typeof evidence) => verifyForkEvidence(changed).catch(() => undefined);
  expect(await accepted(evidence)).toBeDefined();
  for (const [i, hash] of evidence.path.entries()) {
    for (let offset = 0; offset < 32; offset++) {
      const other = hash.slice();
      other[offset] = other[offset]! ^ 1;
      expect(await accepted({ ...evidence, path: evidence.path.with(i, other) })).toBeUndefined();
    }
    expect(await accepted({ ...evidence, path: evidence.path.toSpliced(i, 1) })).toBeUndefined();
    expect(await accepted({ ...evidence, path: evidence.path.toSpliced(i, 0, hash) })).toBeUndefined();
  }
  for (const field of ["smaller", "larger"] as const) {
    for (let i = 0; i < evidence[field].length; i++) {
      const note = evidence[field];
      const other = note.slice(0, i) + (note[i] === "A" ? "B" : "A") + note.slice(i + 1);
      expect(await accepted({ ...evidence, [field]: other }), `${field} ${i}`).toBeUndefined();
    }
  }
  for (let i = 0; i < evidence.genesis.length; i++) {
    const genesis = evidence.genesis.slice();
    genesis[i] = genesis[i]! ^ 1;
    expect(await accepted({ ...evidence, genesis })).toBeUndefined();
  }
  expect(await accepted({ ...evidence, smaller: evidence.larger, larger: evidence.smaller })).toBeUndefined();
});

test("two states of one history are never evidence of a fork, whatever path comes with them", async () => {
  const { reader, remote } = await readerAt(written, 50);
  remote.names.show(branch.heads.get(61)!);
  const { evidence } = (await reader.sync().then(
    () => undefined,
    (reason: unknown) => reason,
  )) as ForkError;
  const notes = new Map<number, string>();
  for (const size of sizesTo(70)) notes.set(size, (await verifyHead(at(size), log.logId)).note);
  const whole = await openReader({ logId: log.logId, remotes: [scriptedRemote(objects, at(70))] });
  await whole.sync();
  const { path } = await whole.consistencyProof(50);
  for (const smaller of sizesTo(70)) {
    for (const larger of [smaller, 61, 64, 70]) {
      for (const tried of [[], evidence.path, path, path.slice(1), [path[0]!, ...path]]) {
        const pair = {
          genesis: evidence.genesis,
          smaller: notes.get(smaller)!,
          larger: notes.get(larger)!,
          path: tried,
        };
        expect(await verifyForkEvidence(pair), `${smaller} and ${larger}`).toBeUndefined();
      }
    }
  }
});

test("two remotes that show different histories are a fork", async () => {
  for (const size of [60, 50, 64, 70]) {
    const one = scriptedRemote(objects, at(60), { label: "one" });
    const two = scriptedRemote(objects, branch.heads.get(size), { label: "two" });
    const reader = await openReader({ logId: log.logId, remotes: [one, two] });
    await expect(reader.sync()).rejects.toBeInstanceOf(ForkError);
  }
});

test.each([smallCuts, foldingCuts])(
  "of any two states of one history the larger extends the smaller, which is older (%j)",
  async (settings) => {
    const grown = await writeLog(contents(120), { settings, publishAt: sizesTo(120) });
    const { storage } = scriptedRemote(grown.contents);
    const never = new AbortController().signal;
    const views: TreeView[] = [];
    for (const size of sizesTo(120)) {
      const head = await verifyHead(grown.heads.get(size)!, grown.logId);
      views.push(new TreeView(head, storage, defaultLimits, never));
    }
    for (const [from, verified] of views.entries()) {
      for (const [to, offered] of views.entries()) {
        const expected = to > from ? "extends" : to < from ? "older" : "same";
        expect((await compareHeads(verified, offered)).kind, `${from} and ${to}`).toBe(expected);
      }
    }
  },
);

test("a reader moves on to every honest larger state", async () => {
  const { reader, remote } = await readerAt(written, 0);
  for (const size of sizesTo(70).slice(1)) {
    remote.names.show(at(size));
    expect(await reader.sync()).toMatchObject({ size, advanced: true });
  }
});
