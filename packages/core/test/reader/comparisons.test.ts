// Comparing the states of one sync: each pair once, with proofs from whoever has them, and a fork told with its remote.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test, vi } from "vitest";
import { generateSeed, type Remote } from "../../src/index.ts";
import { type VerifiedHead, verifyHead } from "../../src/log/head.ts";
import type { Offer } from "../../src/reader/ask-remotes.ts";
import { Comparisons } from "../../src/reader/comparisons.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { type ScriptedStorage, scriptedRemote } from "./scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "./written-log.ts";

const { signal } = new AbortController();
let log: WrittenLog;
let fork: WrittenLog;
const heads = new Map<string, VerifiedHead>();

beforeAll(async () => {
  const seed = generateSeed();
  const publishAt = [6, 17];
  log = await writeLog(contents(21), { seed, publishAt });
  fork = await writeLog(contents(21, " elsewhere"), { seed, publishAt });
  for (const [name, { heads: all }] of Object.entries({ log, fork })) {
    for (const [size, head] of all) heads.set(`${name} ${size}`, await verifyHead(head, log.logId));
  }
});

const viewOf = (head: VerifiedHead, { storage }: Pick<Remote, "storage">): TreeView =>
  new TreeView(head, storage, defaultLimits, signal);

/** A remote that shows a state, with all objects or none. */
function offer(state: string, holds = true): Offer & { readonly storage: ScriptedStorage } {
  const objects = state.startsWith("fork") ? fork.contents : log.contents;
  const remote = scriptedRemote(holds ? objects : new Map(), undefined, { label: state });
  return { remote, view: viewOf(heads.get(state)!, remote), revision: "1", storage: remote.storage };
}

/** The comparisons of a sync at which remotes show these; `others` show nothing that is offered. */
function comparing(offers: readonly Offer[], others: readonly Remote[] = []) {
  const forked = new Error("forked");
  const onFork = vi.fn<(remote: Remote | undefined, evidence: unknown) => Promise<never>>(() =>
    Promise.reject(forked),
  );
  const remotes = [...new Set([...offers.map(({ remote }) => remote), ...others])];
  const comparisons = new Comparisons({ offers, remotes, viewOf, onFork, signal });
  return { comparisons, onFork, forked };
}

test("two states are compared once, in each direction, whatever view shows them", async () => {
  const [small, large] = [offer("log 6"), offer("log 21")];
  const { comparisons } = comparing([small, large]);
  expect(await comparisons.compare(small.view, large.view)).toEqual({ kind: "extends" });
  const reads = large.storage.reads.length;
  expect(reads).toBeGreaterThan(0);
  const again = offer("log 21");
  expect(await comparisons.compare(small.view, again.view)).toEqual({ kind: "extends" });
  expect([large.storage.reads.length, again.storage.reads.length]).toEqual([reads, 0]);
  expect(await comparisons.compare(large.view, small.view)).toEqual({ kind: "older" });
});

test("states of other sizes are not taken for one that was compared", async () => {
  const [small, middle, large] = [offer("log 6"), offer("log 17"), offer("log 21")];
  const { comparisons, onFork, forked } = comparing([small, middle, large]);
  await comparisons.compare(small.view, middle.view);
  expect(await comparisons.compare(middle.view, large.view)).toEqual({ kind: "extends" });
  const other = offer("fork 17");
  expect(await failure(comparisons.compare(small.view, other.view))).toBe(forked);
  expect(onFork).toHaveBeenCalledTimes(1);
});

test("states of one size that differ are a fork, found without a request", async () => {
  const offers = [offer("log 17"), offer("log 6"), offer("fork 17")];
  const { comparisons, onFork, forked } = comparing(offers);
  await comparisons.compareEqualSizes(offers.slice(0, 2).map(({ view }) => view));
  await comparisons.compareEqualSizes([offers[0]!.view, offer("log 17").view]);
  expect(onFork).not.toHaveBeenCalled();
  expect(await failure(comparisons.compareEqualSizes(offers.map(({ view }) => view)))).toBe(forked);
  expect(offers.flatMap(({ storage }) => storage.reads)).toEqual([]);
});

test("a fork is told with the remote that showed the offered state, or else the verified one, or none", async () => {
  const [one, two] = [offer("log 17"), offer("fork 17")];
  for (const [offers, shown] of [
    [[one, two], two],
    [[two, one], two],
    [[one], one],
    [[offer("log 6"), one], one],
    [[], undefined],
  ] as const) {
    const { comparisons, onFork, forked } = comparing(offers);
    expect(await failure(comparisons.compare(one.view, two.view))).toBe(forked);
    expect(onFork.mock.calls[0]![0]).toBe(shown?.remote);
    expect(onFork.mock.calls[0]![1]).toMatchObject({ smaller: expect.anything(), larger: expect.anything() });
  }
});

test("a proof that the remote withholds comes from another one", async () => {
  const small = offer("log 6");
  for (const others of [[offer("log 21")], [offer("log 17")], []]) {
    const withholding = offer("log 21", false);
    const { comparisons } = comparing(
      [withholding, ...others.filter(({ view }) => view.size === 21)],
      others.map(({ remote }) => remote),
    );
    const relation = await comparisons.compare(small.view, withholding.view);
    expect(relation.kind).toBe(others.length > 0 ? "extends" : "unverified");
  }
});

test("no remote is asked twice for one proof: neither the one that shows the state, nor another", async () => {
  const small = offer("log 6");
  const [one, two] = [offer("log 21", false), offer("log 21", false)];
  const third = scriptedRemote(new Map(), undefined, { label: "third" });
  const { comparisons } = comparing([one, two], [third]);
  expect((await comparisons.compare(small.view, one.view)).kind).toBe("unverified");
  const counts = [one.storage, two.storage, third.storage].map(
    ({ reads }) => new Set(reads).size === reads.length && reads.length > 0,
  );
  expect(counts).toEqual([true, true, true]);
});

test("a state that could not be placed is compared with each other one that is smaller or larger", async () => {
  const [small, other, large] = [offer("log 6"), offer("fork 17"), offer("log 21")];
  for (const [unplaced, others, forks] of [
    [[other], [small], true],
    [[other], [large], true],
    [[small], [large], false],
    [[large], [small, offer("log 17")], false],
    [[other], [offer("log 17")], false],
    [[], [small, other], false],
  ] as const) {
    const { comparisons, onFork, forked } = comparing([...unplaced, ...others]);
    const views = (some: readonly Offer[]) => some.map(({ view }) => view);
    const compared = comparisons.compareUnplaced(views(unplaced), views(others));
    if (forks) expect(await failure(compared)).toBe(forked);
    else await compared;
    expect(onFork).toHaveBeenCalledTimes(forks ? 1 : 0);
  }
});

test("what was compared in either direction is not compared again as unplaced", async () => {
  for (const isReversed of [true, false]) {
    const [small, large] = [offer("log 6"), offer("log 21")];
    const { comparisons } = comparing([small, large]);
    if (isReversed) await comparisons.compare(large.view, small.view);
    else await comparisons.compare(small.view, large.view);
    const before = large.storage.reads.length;
    const compare = vi.spyOn(comparisons, "compare");
    await comparisons.compareUnplaced([large.view], [small.view]);
    await comparisons.compareUnplaced([small.view], [large.view]);
    expect(large.storage.reads).toHaveLength(before);
    // In the other direction it is known already.
    expect(compare.mock.calls.length).toBe(isReversed ? 0 : 2);
  }
});

test("a state that is superseded can't be placed, and the proof says why", async () => {
  const [small, large] = [offer("log 6"), offer("log 21")];
  const { comparisons } = comparing([small, large]);
  expect(await comparisons.place(small.view, large.view)).toEqual({ kind: "extends" });
  const evidence = { genesis: new Uint8Array(), smaller: "", larger: "", path: [] };
  vi.spyOn(comparisons, "compare").mockResolvedValue({ kind: "superseded", former: "offered", evidence });
  expect(await comparisons.place(small.view, large.view)).toEqual({ kind: "unverified", cause: evidence });
});
