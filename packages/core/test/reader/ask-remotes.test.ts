// Asking every remote for its state: side by side, again while none shows enough, and no longer than is of use.

import { getEventListeners } from "node:events";
import { failure } from "@remote-log/test-kit";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { RetryBudget } from "../../src/async/retry.ts";
import { DeniedError, type NameResolver, type Remote, UnreachableError } from "../../src/index.ts";
import type { VerifiedHead } from "../../src/log/head.ts";
import { type Answer, askUntilAnswered, type Offer } from "../../src/reader/ask-remotes.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "./written-log.ts";

const silent = new UnreachableError("no answer", { operation: "names.resolve", retry: "safe" });
const limits = { ...defaultLimits, patienceMilliseconds: 20 };

let log: WrittenLog;

beforeAll(async () => {
  log = await writeLog(contents(5), { publishAt: [3] });
});

beforeEach(() => {
  // Every wait between tries ends at once.
  vi.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Scripted = ReturnType<typeof scriptedRemote>;
const remoteAt = (size?: number, label = `at ${size}`): Scripted =>
  scriptedRemote(new Map(), size === undefined ? undefined : log.heads.get(size)!, { label });

/** A remote that fails so often, and then shows the newest state. */
function failing(times: number, error: unknown = silent, label = "failing"): Scripted {
  const remote = remoteAt(5, label);
  const resolve: NameResolver["resolve"] = remote.names.resolve.bind(remote.names);
  let count = 0;
  remote.names.resolve = async (name, options) => {
    if (count++ < times) {
      remote.names.asked.push(options ?? {});
      throw error;
    }
    return resolve(name, options);
  };
  return remote;
}

/** A remote that never answers by itself. */
function mute(): Scripted {
  const remote = remoteAt(5, "mute");
  remote.names.resolve = (_name, { signal } = {}) => {
    remote.names.asked.push({});
    return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));
  };
  return remote;
}

async function ask(
  remotes: readonly Remote[],
  more: {
    readonly most?: number;
    readonly enough?: number;
    readonly known?: (remote: Remote) => Offer | undefined;
    readonly onAnswer?: (answer: Answer) => void;
    readonly signal?: AbortSignal;
  } = {},
) {
  const signal = more.signal ?? new AbortController().signal;
  const viewOf = (head: VerifiedHead, { storage }: Remote) => new TreeView(head, storage, limits, signal);
  const asking = askUntilAnswered({
    ...{ remotes, logId: log.logId, limits, viewOf, signal, most: more.most ?? 3 },
    known: more.known ?? (() => undefined),
    onAnswer: more.onAnswer ?? (() => undefined),
    budget: new RetryBudget({ failsAsOne: false }),
    isEnough: ({ view }) => view.size >= (more.enough ?? 0),
  });
  return (await asking).map(({ remote, offer, error }) => [remote.label, offer?.view.size ?? error]);
}

test("every answer and every failure is told when it comes, and not what a caller who gave up made fail", async () => {
  const told = new Map<string, boolean>();
  const onAnswer = ({ remote, error }: Answer) => void told.set(remote.label, error === undefined);
  await ask([remoteAt(3), failing(9, new DeniedError("no", { operation: "names.resolve" }))], { onAnswer });
  expect(Object.fromEntries(told)).toEqual({ "at 3": true, failing: false });
  const leaving = new AbortController();
  const asked = mute();
  const asking = ask([asked], { onAnswer, signal: leaving.signal });
  await vi.waitFor(() => expect(asked.names.asked).toHaveLength(1));
  leaving.abort(new Error("gone"));
  await expect(asking).rejects.toThrow("gone");
  expect(told.size).toBe(2);
});

const counts = (...remotes: Scripted[]) => remotes.map(({ names }) => names.asked.length);

test("each remote is asked once, and answers in its place: a state, nothing, or a failure", async () => {
  const denied = new DeniedError("no", { operation: "names.resolve" });
  const remotes = [remoteAt(3), remoteAt(), failing(9, denied), remoteAt(5)];
  expect(await ask(remotes)).toEqual([
    ["at 3", 3],
    ["at undefined", undefined],
    ["failing", denied],
    ["at 5", 5],
  ]);
  expect(counts(...remotes)).toEqual([1, 1, 1, 1]);
});

test("while none shows enough, those that failed in a way that may pass are asked again, and no others", async () => {
  const denied = new DeniedError("no", { operation: "names.resolve" });
  const remotes = [remoteAt(3), failing(1), failing(9, denied, "denied"), remoteAt()];
  expect(await ask(remotes, { enough: 5 })).toEqual([
    ["at 3", 3],
    ["failing", 5],
    ["denied", denied],
    ["at undefined", undefined],
  ]);
  expect(counts(...remotes)).toEqual([1, 2, 1, 1]);
});

test("if one shows enough, nobody waits for the others", async () => {
  const remotes = [remoteAt(5), failing(1)];
  expect(await ask(remotes, { enough: 5 })).toEqual([
    ["at 5", 5],
    ["failing", silent],
  ]);
  expect(counts(...remotes)).toEqual([1, 1]);
});

test("a remote is asked as often as is said, and its last failure is its answer", async () => {
  for (const most of [1, 3]) {
    const remote = failing(9);
    expect(await ask([remote], { most })).toEqual([["failing", silent]]);
    expect(counts(remote)).toEqual([most]);
  }
  // If all that failed once answers, nothing more is asked, enough or not.
  const [one, two] = [failing(1, silent, "one"), remoteAt(3)];
  await ask([one, two], { most: 9, enough: 100 });
  expect(counts(one, two)).toEqual([2, 1]);
});

test("the wait is for the remote that asks for the shortest", async () => {
  const times: number[] = [];
  const asking = (milliseconds: number | undefined): Scripted => {
    const error = new UnreachableError("later", { operation: "names.resolve", retry: "safe" });
    Object.defineProperty(error, "retryAfterMilliseconds", { value: milliseconds });
    const remote = failing(9, error);
    const resolve: NameResolver["resolve"] = remote.names.resolve.bind(remote.names);
    remote.names.resolve = (name, options) => {
      times.push(performance.now());
      return resolve(name, options);
    };
    return remote;
  };
  vi.useFakeTimers();
  const begun = performance.now();
  const answers = ask([asking(20_000), asking(5000), asking(10_000)], { most: 2 });
  await vi.advanceTimersByTimeAsync(60_000);
  await answers;
  expect(times.map((time) => time - begun)).toEqual([0, 0, 0, 5000, 5000, 5000]);
  // One that asks for none is asked again at once.
  for (const waits of [
    [20_000, undefined, 10_000],
    [20_000, 10_000, undefined],
    [undefined, 20_000],
  ]) {
    times.length = 0;
    const again = ask(waits.map(asking), { most: 2 });
    await vi.advanceTimersByTimeAsync(60_000);
    await again;
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(100);
  }
});

test("once all have answered, no timer is left, and nothing hangs on the caller's signal", async () => {
  vi.useFakeTimers();
  const { signal } = new AbortController();
  await ask([remoteAt(3), remoteAt(5), failing(9)], { most: 1, signal });
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("an answer that came is told, although the caller gave up meanwhile", async () => {
  const leaving = new AbortController();
  const remote = remoteAt(3);
  const resolve: NameResolver["resolve"] = remote.names.resolve.bind(remote.names);
  remote.names.resolve = async (name, options) => {
    const answer = await resolve(name, options);
    leaving.abort("gone");
    return answer;
  };
  const told: Answer[] = [];
  const asking = ask([remote], { onAnswer: (answer) => told.push(answer), signal: leaving.signal });
  expect(await failure(asking)).toBe("gone");
  expect(told.map(({ offer, error }) => [offer?.view.size, error])).toEqual([[3, undefined]]);
});

test("once one has shown a state, a silent one is waited for no longer than patience lasts", async () => {
  const [quick, slow] = [remoteAt(3), mute()];
  expect(await ask([quick, slow], { most: 1 })).toEqual([
    ["at 3", 3],
    ["mute", expect.objectContaining({ code: "ERR_TIMEOUT", message: expect.stringContaining("20 ms") })],
  ]);
});

test("a remote that has nothing, or fails, does not cut the others short", async () => {
  const slow = remoteAt(5, "slow");
  const resolve: NameResolver["resolve"] = slow.names.resolve.bind(slow.names);
  slow.names.resolve = async (name, options) => {
    await new Promise((go) => setTimeout(go, 60));
    return resolve(name, options);
  };
  expect((await ask([remoteAt(), failing(9), slow], { most: 1 })).at(-1)).toEqual(["slow", 5]);
});

test("what is known is not sent again, and an unknown revision is no answer", async () => {
  const remote = remoteAt(3);
  const first = await ask([remote]);
  const known: Offer = { remote, revision: "1", view: { size: 3 } as TreeView };
  expect(await ask([remote], { known: () => known })).toEqual(first);
  expect(remote.names.asked.map((options) => options.known)).toEqual([undefined, "1"]);
  // What is new is sent, whatever is known.
  expect(
    await ask([remote], { known: () => ({ ...known, revision: "0", view: { size: 2 } as TreeView }) }),
  ).toEqual(first);
  remote.names.answer({ status: "unchanged", revision: "9" });
  expect(await ask([remote], { most: 1 })).toEqual([
    ["at 3", expect.objectContaining({ code: "ERR_UNREACHABLE" })],
  ]);
  // What is remembered is the offer itself.
  expect(await ask([remote], { known: () => known })).toEqual([["at 3", 3]]);
});

test("an abort ends the asking with its reason, in a request and in a wait", async () => {
  for (const remote of [mute(), failing(99)]) {
    const controller = new AbortController();
    vi.spyOn(Math, "random").mockReturnValue(1);
    setTimeout(() => controller.abort("gave up"), 20);
    expect(await failure(ask([remote], { signal: controller.signal, most: 99 }))).toBe("gave up");
  }
});
