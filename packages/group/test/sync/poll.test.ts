import { News } from "@remote-log/core/adapter";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { poll } from "../../src/sync/poll.ts";

let runtime: EventTarget;

beforeEach(() => {
  vi.useFakeTimers();
  runtime = new EventTarget();
  vi.stubGlobal("addEventListener", runtime.addEventListener.bind(runtime));
  vi.stubGlobal("removeEventListener", runtime.removeEventListener.bind(runtime));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a round begins at once, and then after each pause, also if one fails, until the signal ends it", async () => {
  const ending = new AbortController();
  const given: AbortSignal[] = [];
  const polling = poll(
    async (signal) => {
      given.push(signal);
      throw new Error("no network");
    },
    1000,
    ending.signal,
  );
  expect(given).toEqual([ending.signal]);
  await vi.advanceTimersByTimeAsync(999);
  expect(given).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(given).toHaveLength(2);
  ending.abort();
  await polling;
  await vi.advanceTimersByTimeAsync(5000);
  expect(given).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);
});

test("the word that there is a network ends a pause, and is heard in a round, too", async () => {
  const ending = new AbortController();
  const online = (): boolean => runtime.dispatchEvent(new Event("online"));
  const ends: (() => void)[] = [];
  const polling = poll(() => new Promise((resolve) => ends.push(resolve)), 1000, ending.signal);
  // In the first round: what it could not reach before, the next one reaches.
  online();
  ends[0]!();
  await vi.advanceTimersByTimeAsync(0);
  expect(ends).toHaveLength(2);
  ends[1]!();
  await vi.advanceTimersByTimeAsync(0);
  expect(ends).toHaveLength(2);
  online();
  await vi.advanceTimersByTimeAsync(0);
  expect(ends).toHaveLength(3);
  // Heard once, it is heard no more.
  ends[2]!();
  await vi.advanceTimersByTimeAsync(999);
  expect(ends).toHaveLength(3);
  ending.abort();
  await polling;
});

test("who is ended before it begins does no round", async () => {
  let rounds = 0;
  await poll(async () => void rounds++, 1, AbortSignal.abort());
  expect(rounds).toBe(0);
});

test("all who wait are told once; who waits then waits for the next news, or for its signal", async () => {
  const news = new News();
  const never = new AbortController().signal;
  const told = [news.next(never), news.next(never)];
  news.tell();
  await Promise.all(told);
  const ending = new AbortController();
  const waiting = news.next(ending.signal);
  ending.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});
