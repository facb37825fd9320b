import { bytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { toHex } from "../../src/chunk/hex.ts";
import { FeedState } from "../../src/feed/feed-state.ts";
import { feed, updateOf } from "./chunks-in-memory.ts";

const one = updateOf(5n, bytes("one"));
const chunk = toHex(one.wrapped.address);

function stateThatSaw(index: bigint): FeedState {
  const state = new FeedState(feed);
  state.saw(index, one);
  return state;
}

test("the highest update that was shown is remembered, and of two at one index the last", () => {
  const state = stateThatSaw(5n);
  expect(state.highest).toEqual({ index: 5n, chunk });
  const other = updateOf(5n, bytes("other"));
  state.saw(4n, other);
  expect(state.highest).toEqual({ index: 5n, chunk });
  expect(state.newest).toBe(one);
  state.saw(5n, other);
  expect(state.highest).toEqual({ index: 5n, chunk: toHex(other.wrapped.address) });
  state.saw(6n, one);
  expect(state.highest).toEqual({ index: 6n, chunk });
});

test("what the caller knows and what was seen are believed, whichever is higher", () => {
  const known = (index: bigint) => ({ index, chunk: "0" });
  expect(new FeedState(feed).floor(undefined)).toBeUndefined();
  expect(new FeedState(feed).floor(known(3n))).toBe(3n);
  expect(stateThatSaw(5n).floor(undefined)).toBe(5n);
  expect([4n, 5n, 6n].map((index) => stateThatSaw(5n).floor(known(index)))).toEqual([5n, 5n, 6n]);
});

test("what the caller knows is the last that was seen if index and chunk are, or if nothing was seen", () => {
  expect(new FeedState(feed).isLastSeen({ index: 3n, chunk: "0" })).toBe(true);
  const state = stateThatSaw(5n);
  expect(state.isLastSeen({ index: 5n, chunk })).toBe(true);
  expect(state.isLastSeen({ index: 5n, chunk: "0" })).toBe(false);
  expect(state.isLastSeen({ index: 4n, chunk })).toBe(false);
  expect(state.isLastSeen({ index: 6n, chunk })).toBe(false);
});

test("after 15 resolves that did not look past the end, the next one does", () => {
  const state = new FeedState(feed);
  for (let round = 0; round < 2; round++) {
    for (let resolves = 0; resolves < 15; resolves++) {
      expect(state.isQuiet).toBe(false);
      state.resolved(false);
    }
    expect(state.isQuiet).toBe(true);
    state.resolved(true);
  }
});

test("updates take turns", async () => {
  const { turns } = new FeedState(feed);
  const signal = new AbortController().signal;
  let end: (() => void) | undefined;
  const order: string[] = [];
  const first = turns.run(signal, () => new Promise<void>((resolve) => (end = resolve)));
  const second = turns.run(signal, async () => void order.push("second"));
  await new Promise((resolve) => setImmediate(resolve));
  order.push("first");
  end?.();
  await Promise.all([first, second]);
  expect(order).toEqual(["first", "second"]);
});
