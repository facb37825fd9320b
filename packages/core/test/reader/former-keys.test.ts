// What former keys of a log signed that is not part of it: among what remotes show, and what readers keep.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { type Remote, verifyForkEvidence } from "../../src/index.ts";
import type { SignedSuccession } from "../../src/log/succession.ts";
import type { Offer } from "../../src/reader/ask-remotes.ts";
import type { Kinship } from "../../src/reader/comparisons.ts";
import { endsFork, findSuperseded, tookOver } from "../../src/reader/former-keys.ts";
import { compareHeads } from "../../src/tree/compare-heads.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { rotatedLog, type Signed, treeOf } from "../tree/rotated-log.ts";
import { scriptedRemote } from "./scripted-remote.ts";

const { signal } = new AbortController();
let all: Signed[];
let logId: string;

beforeAll(async () => {
  all = await rotatedLog();
  logId = all[0]!.head.genesis.logId;
});

/** The last state of somebody with a number of keys, entries and, if it matters, versions. */
function state(who: string, keys: number, entries: number, versions?: number): Signed {
  return all.findLast(
    (one) =>
      one.keys.length === keys &&
      one.entries.length === entries &&
      (versions ?? one.versions.length) === one.versions.length &&
      [...one.entries, ...one.versions].some((name) => name.startsWith(who)),
  )!;
}

const owner = (): Signed => all.at(-1)!;
const offer = (one: Signed, label = "shown"): Offer => ({
  remote: { label } as Remote,
  view: treeOf(one),
  revision: "1",
});

interface Looked {
  readonly offers?: readonly Signed[];
  readonly kept?: readonly Signed[];
  readonly others?: readonly Signed[];
  readonly delivered?: TreeView;
  readonly successions?: readonly SignedSuccession[];
  /** In place of those of what is kept. */
  readonly views?: readonly TreeView[];
}

/** What is found, and which states were compared. */
async function found({ offers = [], kept = [], others = [], successions = [], ...more }: Looked) {
  const shown = offers.map((one) => offer(one));
  const views = more.views ?? kept.map(treeOf);
  const compared: TreeView[][] = [];
  const superseded = await findSuperseded({
    ...{ offers: shown, kept: views, others: others.map(treeOf), successions, signal },
    delivered: more.delivered,
    compare: async (verified, offered) => {
      compared.push([verified, offered]);
      return (await compareHeads(verified, offered)) as Kinship;
    },
  });
  return {
    ...{ compared, proofs: superseded.proofs },
    offers: shown.map((one) => superseded.offers.get(one)),
    kept: views.map(({ head }) => superseded.kept.has(head)),
  };
}

test("of what remotes show, what a former key signed is left out with the proof, unless its owner signed it", async () => {
  for (const one of all) {
    // What the twin did with the recovery key is a fork.
    if (one.keys.length > 0 && one.keys[0]!.note !== owner().keys[0]!.note) continue;
    const end = owner().keys[one.keys.length];
    const isPart =
      one.entries.every((name, i) => name === owner().entries[i]) &&
      (end === undefined || (one.entries.length <= end.size && one.versions.length <= end.versions));
    const { offers, proofs } = await found({ offers: [one, owner()] });
    const [error] = offers;
    expect([error === undefined, offers[1]], one.entries.join()).toEqual([isPart, undefined]);
    if (error === undefined) {
      expect(proofs).toEqual([]);
      continue;
    }
    expect(error).toMatchObject({ code: "ERR_SUPERSEDED", operation: "reader.sync" });
    expect(error.message).toContain(`shown shows ${one.entries.length} entries of log ${logId}`);
    expect(proofs).toEqual([{ generation: one.keys.length, evidence: error.evidence }]);
    expect(await verifyForkEvidence(error.evidence!)).toMatchObject({ logId, by: "former-key" });
  }
});

test("what is beyond what the owner says a key has signed is told without a comparison", async () => {
  const { offers, compared } = await found({ offers: [state("thief", 0, 8)], others: [owner()] });
  expect([offers[0]?.code, compared]).toEqual(["ERR_SUPERSEDED", []]);
});

test("states are compared with the largest that the newest key signed, in whatever order they come", async () => {
  const [first, last] = [state("owner", 2, 9), owner()];
  const own = state("owner", 1, 8);
  for (const others of [
    [first, last],
    [last, first],
    [own, first, last],
    [state("later", 1, 10), last, first],
  ]) {
    const { compared } = await found({ offers: [state("owner", 0, 6)], others });
    expect(compared.map(([verified]) => verified!.size)).toEqual([12]);
  }
});

test("keys that the reader knows of count, also if nobody shows a state of them", async () => {
  const { keys } = owner();
  const thief = state("thief", 0, 8);
  const { offers, proofs, compared } = await found({ offers: [thief], successions: keys });
  expect([offers[0]?.code, proofs.length, compared]).toEqual(["ERR_SUPERSEDED", 1, []]);
  expect((await found({ offers: [state("owner", 0, 3)], successions: keys })).offers).toEqual([undefined]);
  // Without them nobody says that the key was replaced.
  expect((await found({ offers: [thief] })).offers).toEqual([undefined]);
  // Those that the newest state names count, if they are as many.
  const twin = state("twin", 1, 7);
  const named = await found({ offers: [thief], others: [twin], successions: keys.slice(0, 1) });
  expect(named.proofs[0]!.evidence.larger).toBe(twin.keys[0]!.note);
  const more = await found({ offers: [thief], others: [twin], successions: keys });
  expect(more.proofs[0]!.evidence.larger).toBe(keys[0]!.note);
});

test("of what is kept, the proof says from where on entries were delivered that may be others", async () => {
  const [thief, shorter] = [treeOf(state("thief", 0, 8)), treeOf(state("thief", 0, 7))];
  const later = treeOf(state("later", 1, 8));
  for (const delivered of [undefined, thief, shorter]) {
    const { kept, proofs } = await found({
      views: [thief, shorter, later],
      others: [owner()],
      ...(delivered && { delivered }),
    });
    expect(kept).toEqual([true, true, true]);
    const from = (view: TreeView) => (view === delivered ? { from: 4 } : {});
    expect(proofs).toEqual([
      { generation: 1, evidence: expect.anything() },
      { generation: 0, evidence: expect.anything(), ...from(shorter) },
      { generation: 0, evidence: expect.anything(), ...from(thief) },
    ]);
    for (const { evidence } of proofs)
      expect(await verifyForkEvidence(evidence)).toMatchObject({ by: "former-key" });
  }
  const own = await found({ kept: [state("owner", 0, 6), state("owner", 1, 8)], others: [owner()] });
  expect([own.kept, own.proofs]).toEqual([[false, false], []]);
});

test.each([
  ["thief", 0, 5, 4],
  ["thief", 0, 6, 4],
  ["three", 0, 4, 4],
  ["later", 1, 10, 6],
  ["twin", 0, 7, 6],
] as const)("what %s signed with key %i at %i entries is common up to %i", async (who, keys, size, from) => {
  const delivered = treeOf(state(who, keys, size));
  const { proofs } = await found({ views: [delivered], others: [owner()], delivered });
  expect(proofs).toMatchObject([{ generation: keys, from }]);
});

test("if nobody shows what was delivered, all of it counts as taken back; an abort is told", async () => {
  const { head } = state("thief", 0, 8);
  const gone = scriptedRemote(new Map()).storage;
  const controller = new AbortController();
  const unreadable = new TreeView(head, gone, defaultLimits, signal);
  const { proofs } = await found({ views: [unreadable], others: [owner()], delivered: unreadable });
  expect(proofs).toMatchObject([{ from: 0 }]);
  gone.before = () => {
    controller.abort("gave up");
    return undefined;
  };
  const kept = [new TreeView(head, gone, defaultLimits, signal)];
  const looking = findSuperseded({
    ...{ offers: [], kept, others: [treeOf(owner())], delivered: kept[0], successions: [] },
    compare: () => Promise.reject(new Error("nothing is compared")),
    signal: controller.signal,
  });
  expect(await failure(looking)).toBe("gave up");
});

/** The proof that two states contradict each other. */
async function forkOf(one: Signed, other: Signed) {
  const relation = await compareHeads(treeOf(one), treeOf(other));
  if (relation.kind !== "forked") throw new Error(`they are ${relation.kind}`);
  return relation.evidence;
}

test("a fork ends with a later key than the one that signed both sides, unless the recovery key contradicts itself", async () => {
  const heads = [state("owner", 0, 6), state("owner", 1, 7), owner()].map(({ head }) => head);
  const ends = async (one: Signed, other: Signed) => {
    const fork = await forkOf(one, other);
    return heads.map((head) => endsFork(fork, head));
  };
  expect(await ends(state("thief", 0, 6), state("owner", 0, 6))).toEqual([false, true, true]);
  expect(await ends(state("later", 1, 8), state("owner", 1, 8))).toEqual([false, false, true]);
  expect(await ends(state("twin", 1, 7), owner())).toEqual([false, false, false]);
});

test("streams are told from which entry on to read again", async () => {
  const evidence = await forkOf(state("thief", 0, 6), state("owner", 0, 6));
  const error = tookOver(logId, 4, evidence);
  expect(error).toMatchObject({ code: "ERR_SUPERSEDED", operation: "reader.read", from: 4, evidence });
  expect(error.message).toMatch(new RegExp(`log ${logId} .*From entry 4 on`));
});
