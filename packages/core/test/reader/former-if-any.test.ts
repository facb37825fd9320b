// What former keys signed, as a reader leaves it out, keeps the proof and tells its streams; and what it costs a log that never had one.

import { beforeAll, expect, test } from "vitest";
import { memoryReaderStore, type Remote } from "../../src/index.ts";
import type { VerifiedHead } from "../../src/log/head.ts";
import type { VerifiedManifest } from "../../src/log/head-manifest.ts";
import { Comparisons } from "../../src/reader/comparisons.ts";
import { FormerIfAny } from "../../src/reader/former-if-any.ts";
import { ReaderMemory } from "../../src/reader/reader-memory.ts";
import type { TreeView } from "../../src/tree/tree-view.ts";
import { rotatedLog, type Signed, treeOf } from "../tree/rotated-log.ts";
import { watched } from "./branched-states.ts";

const { signal } = new AbortController();
let all: Signed[];
let logId: string;

beforeAll(async () => {
  all = await rotatedLog();
  logId = all[0]!.head.genesis.logId;
});

const state = (last: string, keys: number): Signed =>
  all.find((one) => one.keys.length === keys && one.entries.at(-1) === last)!;
const owner = (): Signed => all.at(-1)!;

interface Shown {
  readonly offers?: readonly Signed[];
  readonly kept?: readonly (Signed | undefined)[];
  readonly delivered?: Signed;
  readonly manifest?: VerifiedManifest;
  /** What another reader of the store keeps. */
  readonly others?: Signed;
}

/** What a reader leaves out, tells its streams, and keeps. */
async function leftOut({ offers = [], kept = [], delivered, manifest, others }: Shown) {
  const store = watched(memoryReaderStore());
  if (others !== undefined) {
    const memory = new ReaderMemory(store, logId);
    const newest = { head: others.head, label: "theirs", revision: "1" };
    await memory.saveStates(await memory.load(), { newest, delivered: undefined, seen: undefined });
  }
  const memory = new ReaderMemory(store, logId);
  await memory.load();
  const former = new FormerIfAny(memory, logId);
  const shown = offers.map((one) => ({
    remote: { label: "shown" } as Remote,
    view: treeOf(one),
    revision: "1",
  }));
  const viewOf = (head: VerifiedHead): TreeView => treeOf(all.find((one) => one.head === head) ?? owner());
  const writes = store.writes;
  const left = await former.leaveOut({
    ...{ offers: shown, kept: kept.map((one) => one?.head), viewOf, signal },
    delivered: delivered?.head,
    manifest,
    comparisons: new Comparisons({
      ...{ offers: shown, remotes: [], viewOf, signal },
      onFork: () => Promise.reject(new Error("a fork")),
    }),
  });
  const saved = (await new ReaderMemory(store, logId).load()).former;
  expect(former.evidence).toEqual(saved.map(({ evidence }) => evidence));
  return {
    verdicts: shown.map((one) => left.verdicts.get(one)?.status),
    kept: kept.map((one) => one !== undefined && left.kept.has(one.head)),
    takenBack: former.takenBack,
    saved: saved.map(({ generation, from }) => [generation, from]),
    writes: store.writes - writes,
  };
}

const untouched = { takenBack: undefined, saved: [], writes: 0 };

test("of a log that had one key, nothing is left out and nothing is written", async () => {
  expect(await leftOut({})).toEqual({ ...untouched, verdicts: [], kept: [] });
  const [one, two] = [state("owner 5", 0), state("thief 7", 0)];
  expect(await leftOut({ offers: [one, two], kept: [undefined, two], delivered: two })).toEqual({
    ...untouched,
    verdicts: [undefined, undefined],
    kept: [false, false],
  });
});

test("what a former key signed is left out, once a remote shows a later key", async () => {
  const thief = state("thief 7", 0);
  const found = await leftOut({ offers: [thief, state("owner 5", 0), owner()] });
  // Nothing of it was delivered.
  expect(found).toMatchObject({ verdicts: ["failed", undefined, undefined], takenBack: undefined });
  expect(found.saved).toEqual([[0, undefined]]);
});

test("what a former key signed is left out, once the reader, or another one of its store, knows a later key", async () => {
  const thief = state("thief 7", 0);
  const { manifest } = state("owner 6", 1).head;
  for (const known of [{ manifest: manifest! }, { others: owner() }, { kept: [owner()] }])
    expect((await leftOut({ offers: [thief], ...known })).verdicts).toEqual(["failed"]);
});

test("a state that is kept is left out, too; what was delivered of it is taken back from where the histories part", async () => {
  const [thief, shorter] = [state("thief 7", 0), state("thief 5", 0)];
  const kept = [thief, undefined, shorter];
  const plain = await leftOut({ offers: [owner()], kept });
  expect(plain).toMatchObject({ kept: [true, false, true], takenBack: undefined, saved: [[0, undefined]] });
  for (const delivered of [thief, shorter]) {
    const found = await leftOut({ offers: [owner()], kept, delivered });
    expect(found).toMatchObject({ kept: [true, false, true], saved: [[0, 4]] });
    expect(found.takenBack).toMatchObject({ code: "ERR_SUPERSEDED", operation: "reader.read", from: 4 });
    expect(found.takenBack!.message).toContain(logId);
    expect(found.takenBack!.evidence!.smaller).toContain(delivered.head.note);
  }
  const own = await leftOut({
    offers: [owner()],
    kept: [state("owner 5", 0)],
    delivered: state("owner 5", 0),
  });
  expect(own).toEqual({ ...untouched, verdicts: [undefined], kept: [false] });
});
