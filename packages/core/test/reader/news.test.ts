// When a live stream polls: at a sign of a change, once the device is online, or after the interval.

import { getEventListeners } from "node:events";
import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  DeniedError,
  type NameResolver,
  NotFoundError,
  type Remote,
  TimeoutError,
  UnreachableError,
} from "../../src/index.ts";
import { mayBringNews, News } from "../../src/reader/news.ts";
import { scriptedRemote } from "./scripted-remote.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A remote whose watch a test lets tell of changes. */
function watched(name?: string) {
  const asked: string[] = [];
  let tell: () => void = () => undefined;
  const remote = scriptedRemote(new Map());
  const names: NameResolver = Object.assign(remote.names, {
    async *watch(of: string, { signal }: { readonly signal?: AbortSignal } = {}) {
      asked.push(of);
      for (;;) {
        await new Promise<void>((resolve, reject) => {
          tell = resolve;
          signal!.addEventListener("abort", () => reject(signal!.reason));
        });
        yield;
      }
    },
  });
  const all: Remote = { ...remote, names, ...(name !== undefined && { name }) };
  return { remote: all, asked, tell: () => tell() };
}

const settled = (promise: Promise<void>) => {
  const state = { isThere: false };
  void promise.then(() => (state.isThere = true));
  return state;
};
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

test("without a sign it is time to poll after the interval, each time", async () => {
  const controller = new AbortController();
  const news = new News({ remotes: [scriptedRemote(new Map())], logId: "log" }, 1000, controller.signal);
  for (let i = 0; i < 2; i++) {
    const next = settled(news.next());
    await pass(999);
    expect(next.isThere).toBe(false);
    await pass(1);
    expect(next.isThere).toBe(true);
  }
  expect(vi.getTimerCount()).toBe(0);
  // However long a stream waits, its signal gathers nothing.
  const before = getEventListeners(controller.signal, "abort").length;
  for (let i = 0; i < 5; i++) {
    const next = news.next();
    await pass(1000);
    await next;
  }
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(before);
});

test("a change that any remote tells ends the wait, once; each is asked for its own name", async () => {
  const [one, two] = [watched(), watched("copy")];
  const news = new News(
    { remotes: [one.remote, two.remote], logId: "log" },
    1000,
    new AbortController().signal,
  );
  for (const { tell } of [one, two]) {
    const next = settled(news.next());
    await pass(10);
    tell();
    await pass(0);
    expect(next.isThere).toBe(true);
  }
  expect([one.asked, two.asked]).toEqual([["log"], ["copy"]]);
  const next = settled(news.next());
  await pass(500);
  expect(next.isThere).toBe(false);
});

test("a change that comes while nobody waits is news for the next wait, and for that alone", async () => {
  const { remote, tell } = watched();
  const news = new News({ remotes: [remote], logId: "log" }, 1000, new AbortController().signal);
  await pass(0);
  tell();
  await pass(0);
  const first = settled(news.next());
  await pass(0);
  expect(first.isThere).toBe(true);
  const second = settled(news.next());
  await pass(999);
  expect(second.isThere).toBe(false);
});

test("if a watch fails, polling remains", async () => {
  const { remote } = watched();
  Object.assign(remote.names, {
    async *watch() {
      yield* [];
      throw new Error("no watch");
    },
  });
  const news = new News({ remotes: [remote], logId: "log" }, 1000, new AbortController().signal);
  const next = settled(news.next());
  await pass(1000);
  expect(next.isThere).toBe(true);
});

test("an abort ends the wait with its reason, and the watch", async () => {
  const controller = new AbortController();
  const { remote } = watched();
  const news = new News({ remotes: [remote], logId: "log" }, 1000, controller.signal);
  const next = failure(news.next());
  await pass(10);
  controller.abort("gave up");
  expect(await next).toBe("gave up");
  expect(vi.getTimerCount()).toBe(0);
});

test("a device that is online again polls at once", async () => {
  const target = new EventTarget();
  vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
  vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
  const news = new News({ remotes: [], logId: "log" }, 1000, new AbortController().signal);
  const next = settled(news.next());
  await pass(10);
  target.dispatchEvent(new Event("online"));
  await pass(0);
  expect(next.isThere).toBe(true);
});

test("a poll may bring news after what may pass, or if the log is not published yet", () => {
  const operation = "reader.sync";
  for (const [error, expected] of [
    [new UnreachableError("no answer", { operation, retry: "safe" }), true],
    [new TimeoutError("no answer", { operation }), true],
    [new NotFoundError("not published", { operation }), true],
    [new NotFoundError("no such object", { operation: "storage.get" }), false],
    [new DeniedError("no", { operation }), false],
    [new Error("a bug"), false],
  ] as const)
    expect([error.message, mayBringNews(error)]).toEqual([error.message, expected]);
});
