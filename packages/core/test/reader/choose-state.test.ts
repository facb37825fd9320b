// Which of the offered states is read: every rule, by comparisons that a test answers.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { NotFoundError, StaleError } from "../../src/index.ts";
import { type ChoiceOptions, chooseState } from "../../src/reader/choose-state.ts";
import type { TreeView } from "../../src/tree/tree-view.ts";

/** A state of a size; states of different histories have different roots. */
function state(size: number, history = 0): TreeView {
  const root = new Uint8Array(32).fill(history);
  return { size, head: { checkpoint: { size, root } } } as unknown as TreeView;
}

/** How states relate, by their sizes: `"30 20": "unverified"`. Those that are not named are of one history. */
type Relations = Readonly<Record<string, "unverified" | Error>>;

interface Case {
  readonly kept?: readonly TreeView[];
  readonly delivered?: TreeView;
  readonly relations?: Relations;
  readonly mayPrevail?: boolean;
  readonly admit?: (view: TreeView) => Promise<void>;
}

/** What is chosen: its size, and what is said of each offer. */
async function chosen(offered: readonly TreeView[], options: Case = {}) {
  const { kept = [], delivered, relations = {}, mayPrevail = false } = options;
  const compared: string[] = [];
  const admit = vi.fn<(view: TreeView) => Promise<void>>(options.admit ?? (async () => undefined));
  const compare = async (
    verified: TreeView,
    view: TreeView,
  ): ReturnType<ChoiceOptions<{ view: TreeView }>["compare"]> => {
    const pair = `${verified.size} ${view.size}`;
    compared.push(pair);
    const relation = relations[pair];
    if (relation instanceof Error) throw relation;
    if (relation === "unverified") return { kind: "unverified", cause: `nobody shows ${pair}` };
    return { kind: verified.size < view.size ? "extends" : "older" };
  };
  const offers = offered.map((view) => ({ view }));
  const all: ChoiceOptions<{ view: TreeView }> = {
    ...{ kept, delivered, offers, compare, admit },
    mayPrevail: () => mayPrevail,
  };
  const { top, verdicts } = await chooseState(all);
  return {
    top: top?.size,
    verdicts: offers.map((offer) => {
      const verdict = verdicts.get(offer)!;
      return "error" in verdict ? [verdict.status, verdict.error] : verdict.status;
    }),
    compared,
    admitted: admit.mock.calls.map(([{ size }]) => size),
  };
}

test("a reader that keeps nothing takes the largest state, once it is admitted; the others are its beginning", async () => {
  expect(await chosen([state(30), state(20)])).toEqual({
    top: 30,
    verdicts: ["newest", "behind"],
    compared: ["30 20"],
    admitted: [30],
  });
});

test("without any offer the largest state that is kept stays", async () => {
  expect(await chosen([], { kept: [state(30), state(20)] })).toMatchObject({ top: 30, verdicts: [] });
  expect(await chosen([])).toMatchObject({ top: undefined, verdicts: [] });
});

test("a state that two remotes show, or that is kept, is compared with nothing", async () => {
  expect(await chosen([state(30), state(30)])).toMatchObject({
    verdicts: ["newest", "newest"],
    compared: [],
    admitted: [30],
  });
  const kept = [state(30), state(20)];
  expect(await chosen([state(30), state(20)], { kept })).toMatchObject({
    verdicts: ["newest", "behind"],
    compared: [],
    admitted: [],
  });
});

test("a state that is not admitted has failed, and the next is tried", async () => {
  const refusal = new StaleError("below the floor", { operation: "reader.sync" });
  const admit = async ({ size }: TreeView): Promise<void> => {
    if (size === 30) throw refusal;
  };
  expect(await chosen([state(30), state(20)], { admit })).toMatchObject({
    top: 20,
    verdicts: [["failed", refusal], "newest"],
    admitted: [30, 20],
  });
  const none = async (): Promise<void> => Promise.reject(refusal);
  expect(await chosen([state(30)], { admit: none })).toMatchObject({
    top: undefined,
    verdicts: [["failed", refusal]],
  });
});

test("a fork ends the choice; any other failure of a comparison is that of its offer", async () => {
  const fork = Object.assign(new StaleError("two histories", { operation: "reader.sync" }), {
    code: "ERR_FORK",
  });
  const kept = [state(30)];
  expect(await failure(chosen([state(40)], { kept, relations: { "30 40": fork } }))).toBe(fork);
  const gone = new NotFoundError("no", { operation: "storage.get" });
  expect(await chosen([state(50), state(40)], { kept, relations: { "30 50": gone } })).toMatchObject({
    top: 40,
    verdicts: [["failed", gone], "newest"],
  });
});

test("a larger state that nobody shows to extend the kept one is not taken, and only the largest is asked", async () => {
  const kept = [state(30), state(20)];
  const relations = { "30 40": "unverified" } as const;
  for (const mayPrevail of [true, false])
    expect(await chosen([state(40)], { kept, relations, mayPrevail })).toEqual({
      top: 30,
      verdicts: [["unverified", "nobody shows 30 40"]],
      compared: ["30 40"],
      admitted: [],
    });
});

test("a smaller state is placed if any larger one shows it; if none does, the first says why", async () => {
  const kept = [state(30), state(20)];
  const first = { "30 10": "unverified" } as const;
  expect(await chosen([state(10)], { kept, relations: first })).toMatchObject({
    top: 30,
    verdicts: ["behind"],
    compared: ["30 10", "20 10"],
  });
  const relations = { ...first, "20 10": "unverified" } as const;
  expect(await chosen([state(10)], { kept, relations })).toMatchObject({
    top: 30,
    verdicts: [["unverified", "nobody shows 30 10"]],
  });
});

test("a state that can't show the beginning of a smaller one gives way to it, if the smaller may prevail", async () => {
  const relations = { "30 20": "unverified" } as const;
  expect(await chosen([state(30), state(20), state(10)], { relations, mayPrevail: true })).toEqual({
    top: 20,
    verdicts: [["unverified", "nobody shows 30 20"], "newest", "behind"],
    compared: ["30 20", "20 10"],
    admitted: [30, 20],
  });
  expect(await chosen([state(30), state(20)], { relations, mayPrevail: false })).toMatchObject({
    top: 30,
    verdicts: ["newest", ["unverified", "nobody shows 30 20"]],
  });
});

test("a state of the same size and another root may prevail, too, and has to be admitted", async () => {
  const other = state(30, 1);
  const relations = { "30 30": "unverified" } as const;
  expect(await chosen([other], { kept: [state(30)], relations, mayPrevail: true })).toMatchObject({
    top: 30,
    verdicts: ["newest"],
    admitted: [30],
  });
  const refusal = new StaleError("below the floor", { operation: "reader.sync" });
  const admit = (): Promise<never> => Promise.reject(refusal);
  expect(await chosen([other], { kept: [state(30)], relations, mayPrevail: true, admit })).toMatchObject({
    verdicts: [["failed", refusal]],
  });
});

test("what was delivered gives way to nothing: a state prevails only if it extends that", async () => {
  const delivered = state(10);
  const kept = [state(30), delivered];
  const withheld = { "30 20": "unverified" } as const;
  const extending = await chosen([state(20), state(10)], {
    ...{ kept, delivered, mayPrevail: true },
    relations: withheld,
  });
  expect(extending).toEqual({
    top: 20,
    verdicts: ["newest", "behind"],
    // The delivered state is known to be its beginning now, and is compared no more.
    compared: ["30 20", "10 20"],
    admitted: [],
  });
  const relations = { ...withheld, "10 20": "unverified" } as const;
  expect(await chosen([state(20)], { kept, delivered, mayPrevail: true, relations })).toMatchObject({
    top: 30,
    verdicts: [["unverified", "nobody shows 30 20"]],
  });
});

test("a state that is no larger than what was delivered does not take its place", async () => {
  const delivered = state(10);
  const kept = [state(30), delivered];
  const relations = { "30 10": "unverified", "30 5": "unverified", "10 5": "unverified" } as const;
  for (const other of [state(10, 1), state(5)])
    expect(await chosen([other], { kept, delivered, mayPrevail: true, relations })).toMatchObject({
      top: 30,
      verdicts: [["unverified", `nobody shows 30 ${other.size}`]],
    });
});
