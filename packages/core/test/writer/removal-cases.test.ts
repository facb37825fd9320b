// What a removal says in the manifest, what it asks of remotes, and when a publish removes anything.

import { failure } from "@remote-log/test-kit";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { loadRemoved } from "../../src/journal/removal.ts";
import type { SequenceRanges } from "../../src/log/sequence-ranges.ts";
import { Removal } from "../../src/writer/removal.ts";
import type { Retention } from "../../src/writer/retention.ts";
import { nameOn, placeWith } from "./name-on-remote.ts";

const { signal } = new AbortController();

afterEach(() => {
  vi.restoreAllMocks();
});

/** Removes from a journal of some entries; `pruned` is what remotes are asked about. */
async function removalOf(entries: number, retention?: Retention) {
  const { state, close } = await nameOn(await placeWith(entries));
  onTestFinished(close);
  const removal = new Removal(state, retention);
  const pruned: SequenceRanges[] = [];
  removal.onPrune = async (ranges) => void pruned.push(ranges);
  return { removal, state, pruned, said: () => state.manifests.content };
}

test("what remotes may have is noted before anything leaves the journal, and only if something does", async () => {
  const { removal, state, pruned } = await removalOf(6);
  removal.onPrune = async (ranges) => {
    expect(await loadRemoved(state.journal)).toEqual([]);
    pruned.push(ranges);
  };
  expect(await removal.remove([3, { first: 1, count: 2 }], signal)).toBe(3);
  expect(pruned).toEqual([[{ first: 1, count: 3 }]]);
  expect(state.removed).toEqual([{ first: 1, count: 3 }]);
  expect(await removal.remove([2], signal)).toBe(0);
  await removal.resume(signal);
  expect(pruned).toHaveLength(1);
});

test("one removal is made after the other", async () => {
  const { removal, said } = await removalOf(6);
  let [running, most] = [0, 0];
  removal.onPrune = async () => {
    most = Math.max(most, ++running);
    for (let i = 0; i < 20; i++) await new Promise((go) => setImmediate(go));
    running--;
  };
  await Promise.all([
    removal.remove(1, signal),
    removal.keepNewest({ entries: 3 }, signal),
    removal.remove(5, signal),
  ]);
  expect(most).toBe(1);
  expect(said()).toMatchObject({ firstKept: 3, removed: [{ first: 5, count: 1 }] });
});

test("what is removed below the first that is kept need not be said, and a snapshot that is removed is none", async () => {
  const { removal, state, said } = await removalOf(8);
  await state.manifests.change((content) => ({ ...content, snapshot: 6 }));
  await removal.remove([0, 1, 3, 4], signal);
  expect(said()).toMatchObject({
    snapshot: 6,
    removed: [
      { first: 0, count: 2 },
      { first: 3, count: 2 },
    ],
  });
  expect(await removal.keepNewest({ entries: 4 }, signal)).toBe(1);
  expect(said()).toMatchObject({ firstKept: 4, snapshot: 6, removed: [{ first: 4, count: 1 }] });
  await removal.remove(6, signal);
  expect(said()).not.toHaveProperty("snapshot");
  expect(said().removed).toEqual([
    { first: 4, count: 1 },
    { first: 6, count: 1 },
  ]);
});

test("as many entries are kept as are asked for, all of them if there are fewer", async () => {
  for (const [entries, firstKept] of [
    [100, 0],
    [6, 0],
    [5, 1],
    [0, 6],
  ] as const) {
    const { removal, said } = await removalOf(6);
    await removal.keepNewest({ entries }, signal);
    expect(said().firstKept).toBe(firstKept);
  }
});

test("entries are kept for as long as is asked for", async () => {
  const now = Date.now();
  const { removal, state, said } = await removalOf(6);
  await removal.keepNewest({ milliseconds: 3_600_000 }, signal);
  expect(said().firstKept).toBe(0);
  // All of them are as old by now, and the five newest are kept all the same.
  vi.spyOn(Date, "now").mockReturnValue(now + 7_200_000);
  expect(await state.times.firstAfter(now + 3_600_000)).toBe(6);
  await removal.keepNewest({ milliseconds: 3_600_000, entries: 5 }, signal);
  expect(said().firstKept).toBe(1);
  await removal.keepNewest({ milliseconds: 3_600_000 }, signal);
  expect(said().firstKept).toBe(6);
});

test("a removal that was cut is finished by the next publish, without a setting", async () => {
  const { removal, state, pruned } = await removalOf(6);
  await state.manifests.change((content) => ({ ...content, removed: [{ first: 2, count: 1 }] }));
  await removal.beforePublish(signal);
  expect(state.removed).toEqual([{ first: 2, count: 1 }]);
  expect(pruned).toHaveLength(1);
});

test("a publish that has nothing to remove waits for no removal", async () => {
  const { removal } = await removalOf(6);
  await removal.remove(1, signal);
  let go: () => void = () => undefined;
  const held = removal.turns.run(signal, () => new Promise<void>((resolve) => (go = resolve)));
  expect(await removal.beforePublish(signal)).toBeUndefined();
  go();
  await held;
});

// Pages have two entries. A sixteenth of what is kept has to be gone before any of it is.
test.each([
  [66, 4, false],
  [64, 4, true],
  [66, 6, true],
  [20, 2, true],
  [20, 1, false],
])("of %i entries that are kept and %i more, a publish removes any: %s", async (kept, more, removes) => {
  const { removal, state, said } = await removalOf(kept + 10 + more, { entries: kept });
  await state.manifests.change((content) => ({ ...content, firstKept: 10 }));
  await removal.beforePublish(signal);
  expect(said().firstKept).toBe(removes ? 10 + more : 10);
  expect(state.removed).toEqual([{ first: 0, count: said().firstKept }]);
});

test("what is refused is refused for the call, before the manifest is asked", async () => {
  const { removal, state } = await removalOf(3);
  const change = vi.spyOn(state.manifests, "change");
  const bad = [
    3,
    -1,
    0.5,
    { first: 0.5, count: 1 },
    { first: -1, count: 2 },
    { first: 1, count: 0.5 },
    { first: 0, count: 1.5 },
    { first: 0 },
  ];
  for (const entries of [
    ...bad,
    { count: 1 },
    { first: 2, count: 2 },
    { first: 1, count: 0 },
    undefined,
    ["1"],
  ]) {
    const error = await failure(removal.remove(entries as never, signal));
    expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", operation: "writer.remove" });
  }
  expect(change).not.toHaveBeenCalled();
});

test("an abort leaves what the manifest says to the next publish", async () => {
  const { removal, state, pruned, said } = await removalOf(6);
  const controller = new AbortController();
  const change = state.manifests.change.bind(state.manifests);
  vi.spyOn(state.manifests, "change").mockImplementationOnce(async (make) => {
    const changed = await change(make);
    controller.abort("enough");
    return changed;
  });
  expect(await failure(removal.remove(2, controller.signal))).toBe("enough");
  expect([pruned, said().removed]).toEqual([[], [{ first: 2, count: 1 }]]);
  await removal.beforePublish(signal);
  expect(pruned).toHaveLength(1);
});
