// Publishes in the background: what begins them, what they are repeated for, and what those who wait are told.

import { failure } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import {
  ConflictError,
  DeniedError,
  openWriter,
  QuotaExhaustedError,
  TimeoutError,
  UnreachableError,
} from "../../src/index.ts";
import { RetryLoop } from "../../src/writer/retry-loop.ts";
import { tiny } from "./crashing-device.ts";
import { text } from "./log-contents.ts";
import { seed } from "./name-on-remote.ts";
import { schedulerOf, Watched } from "./scheduled-remotes.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const { signal } = new AbortController();
const context = { operation: "test" };
const two = (): [Watched, Watched] => [new Watched("one"), new Watched("two")];

test("a writer that publishes by itself begins with what an earlier run left", async () => {
  const [one, other] = two();
  const first = await schedulerOf([one]);
  await first.scheduler.publishAll(signal);
  await first.close();
  one.calls.length = 0;
  const manual = await schedulerOf([one, other], { on: first.place });
  manual.scheduler.start();
  manual.scheduler.wake();
  await manual.scheduler.idle();
  await manual.close();
  expect([one.calls.length, other.calls.length]).toEqual([0, 0]);
  const auto = await schedulerOf([one, other], { auto: true, on: first.place });
  auto.scheduler.start();
  await auto.scheduler.idle();
  // The first one is looked at before anything is signed for the second, and no more than that.
  expect(auto.published()).toEqual([3, 3]);
  expect(one.calls.map(({ kind }) => kind)).toEqual(["resolve"]);
  await auto.close();
});

test("what was not finished is taken up by the next run; of an empty log nothing is begun", async () => {
  const one = new Watched("one");
  const first = await schedulerOf([one], { entries: 1 });
  await first.scheduler.publishAll(signal);
  one.fail(new DeniedError("No.", context), "update");
  await failure(first.scheduler.repair({}, signal));
  await first.close();
  one.heal();
  one.calls.length = 0;
  const second = await schedulerOf([one], { auto: true, on: first.place });
  second.scheduler.start();
  await second.scheduler.idle();
  expect(one.looks).toBe(1);
  const empty = new Watched("one");
  const none = await schedulerOf([empty], { auto: true, entries: 0 });
  none.scheduler.start();
  await none.scheduler.idle();
  expect(empty.calls).toEqual([]);
});

test("entries that were appended since the last publish are published by the next run", async () => {
  const one = new Watched("one");
  const first = await schedulerOf([one]);
  await first.scheduler.publishAll(signal);
  await first.close();
  const { journal } = first.place;
  await journal.open();
  await using writer = await openWriter({ ...tiny, seed, journal });
  await writer.append(text("one more"));
  await writer.close();
  const second = await schedulerOf([one], { auto: true, on: first.place });
  second.scheduler.start();
  await second.scheduler.idle();
  expect(second.published()).toEqual([4]);
});

test("in the background what is new is published when the scheduler hears of it", async () => {
  const remotes = two();
  const { scheduler, published } = await schedulerOf(remotes, { auto: true });
  scheduler.wake();
  await scheduler.idle();
  expect(published()).toEqual([3, 3]);
});

test.each([
  ["refuses", new DeniedError("No.", context)],
  ["has no room", new QuotaExhaustedError("No.", context)],
])(
  "who waits for a remote that %s is told each time, and waits again once there is something new",
  async (_, error) => {
    const one = new Watched("one");
    const { scheduler, progress, errors } = await schedulerOf([one], { auto: true });
    one.fail(error);
    scheduler.wake();
    expect(await failure(progress.reached("published", 3, {}))).toBe(error);
    expect(errors()).toEqual([error]);
    one.heal();
    scheduler.wake();
    await progress.reached("published", 3, {});
    expect(errors()).toEqual([undefined]);
  },
);

test.each([
  ["may pass", new UnreachableError("No.", context)],
  ["ends when somebody changes something", new DeniedError("No.", context)],
])(
  "after a publish that failed, a writer in the background tries again if the failure %s",
  async (_, error) => {
    const one = new Watched("one");
    const { scheduler, progress } = await schedulerOf([one], { auto: true });
    one.fail(error, "put");
    one.fail(error, "update");
    expect(await failure(scheduler.publishAll(signal))).toMatchObject({ code: error.code });
    one.heal();
    progress.resume("one");
    await progress.reached("published", 3, {});
  },
);

test("after a failure that is final, a writer in the background does not try again", async () => {
  const one = new Watched("one");
  const { scheduler, published } = await schedulerOf([one], { auto: true });
  one.fail(new ConflictError("Another device.", { ...context, foreign: new Uint8Array(0) }), "update");
  expect(await failure(scheduler.publishAll(signal))).toMatchObject({ code: "ERR_CONFLICT" });
  one.heal();
  await scheduler.idle();
  expect(published()).toEqual([0]);
});

test("after a final failure in the background new entries begin nothing, and what ran alone does", async () => {
  const one = new Watched("one");
  const { scheduler, progress, published } = await schedulerOf([one], { auto: true });
  const conflict = new ConflictError("Another device.", { ...context, foreign: new Uint8Array(0) });
  one.fail(conflict, "update");
  scheduler.wake();
  expect(await failure(progress.reached("published", 3, {}))).toBe(conflict);
  await scheduler.idle();
  one.heal();
  one.calls.length = 0;
  scheduler.wake();
  await scheduler.idle();
  expect(one.calls).toEqual([]);
  // Nor does anybody wait for what nobody does.
  expect(await failure(progress.reached("published", 3, {}))).toBe(conflict);
  await scheduler.exclusively(async () => undefined);
  await scheduler.idle();
  expect(published()).toEqual([3]);
});

test("a publish that is asked for is waited for again after a final failure, by whoever waits for its entries", async () => {
  const one = new Watched("one");
  const { scheduler, progress } = await schedulerOf([one], { auto: true });
  const conflict = new ConflictError("Another device.", { ...context, foreign: new Uint8Array(0) });
  one.fail(conflict, "update");
  expect(await failure(scheduler.publishAll(signal))).toBe(conflict);
  one.heal();
  const publish = scheduler.publishAll(signal);
  await progress.reached("published", 3, {});
  await publish;
});

test("in the background, who waits is not told of failures that may pass", async () => {
  const one = new Watched("one");
  const { scheduler, progress, errors } = await schedulerOf([one], { auto: true });
  const lost = new UnreachableError("No.", { ...context, retry: "exhausted" });
  one.fail(lost, "resolve");
  scheduler.wake();
  const reached = progress.reached("published", 3, {});
  await expect.poll(errors, { timeout: 60_000 }).toEqual([lost]);
  one.heal();
  await reached;
  await scheduler.idle();
  expect(errors()).toEqual([undefined]);
});

test("the same of a publish that is asked for: it is made up for in the background, or else who waits is told", async () => {
  for (const auto of [true, false]) {
    const one = new Watched("one");
    const { scheduler, progress } = await schedulerOf([one], { auto });
    const lost = new UnreachableError("No.", { ...context, retry: "exhausted" });
    one.fail(lost, "resolve");
    const reached = progress.reached("published", 3, {}).then(
      () => "reached",
      (error: unknown) => error,
    );
    expect(await failure(scheduler.publishAll(signal))).toBe(lost);
    one.heal();
    expect(await reached).toBe(auto ? "reached" : lost);
    await scheduler.idle();
  }
});

test("contents that are uploaded, and pages that are stored, are told as they come", async () => {
  const one = new Watched("one");
  const { scheduler, progress, state } = await schedulerOf([one], { entries: 9, largestEmbedded: 3 });
  const [advance, upload] = [vi.spyOn(progress, "advance"), vi.spyOn(progress, "upload")];
  await scheduler.publishAll(signal);
  const stored = advance.mock.calls.filter(([, stage]) => stage === "stored").map(([, , size]) => size);
  // The pages first, and then the rest.
  expect(stored.length).toBeGreaterThan(1);
  expect([stored.at(-1), state.size]).toEqual([9, 9]);
  const uploaded = upload.mock.calls.map(([, size]) => size);
  expect([uploaded.length, uploaded.at(-1)]).toEqual([9, 9]);
});

/** The waits between tries, in milliseconds, at their shortest. */
const LOOP_WAITS = [100, 200, 400, 800, 1600, 7500];

/** Ends each of these waits at once; after a number of them, the next one lasts. */
function shortWaits(most: number): number[] {
  const waits: number[] = [];
  const later = globalThis.setTimeout;
  vi.spyOn(Math, "random").mockReturnValue(0);
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((go: () => void, wait: number) => {
    if (!LOOP_WAITS.includes(wait)) return later(go, wait);
    waits.push(wait);
    return waits.length > most ? undefined : later(go, 0);
  }) as typeof setTimeout);
  return waits;
}

/** Lets what is under way get on until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((go) => setImmediate(go));
}

const silent = new TimeoutError("No answer.", context);

test("the waits grow while nothing succeeds, and begin anew once something was uploaded", async () => {
  for (const uploads of [false, true]) {
    const one = new Watched("one");
    const { scheduler, close } = await schedulerOf([one], { auto: true });
    const waits = shortWaits(4);
    one.around = (call, proceed) => {
      const fails = call.kind === "update" || (call.kind === "resolve" && !(uploads && one.looks === 3));
      return fails ? Promise.reject(silent) : proceed();
    };
    scheduler.wake();
    await until(() => waits.length === 5);
    expect(waits).toEqual(uploads ? [100, 200, 100, 200, 400] : [100, 200, 400, 800, 1600]);
    await close();
    vi.restoreAllMocks();
  }
});

test("a remote that fails for now sits out its waits, whatever is new; one that refuses is left alone for long", async () => {
  for (const [error, expected] of [
    [silent, [100]],
    [new DeniedError("No.", context), [200, 7500]],
  ] as const) {
    const one = new Watched("one");
    const { scheduler, close } = await schedulerOf([one], { auto: true });
    one.fail(error);
    const waits = shortWaits(expected.length - 1);
    scheduler.wake();
    await until(() => waits.length === expected.length);
    expect([waits, one.looks]).toEqual([expected, 1]);
    if (error === silent) {
      scheduler.wake();
      for (let i = 0; i < 20; i++) await new Promise((go) => setImmediate(go));
      expect(one.looks).toBe(1);
    }
    await close();
    vi.restoreAllMocks();
  }
});

test("what was published and not read back is read back later, at once if there is something new", async () => {
  const one = new Watched("one");
  const { scheduler, progress } = await schedulerOf([one], { auto: true });
  const waits = shortWaits(0);
  let isSilent = false;
  one.around = async (call, proceed) => {
    if (call.kind === "resolve" && isSilent) throw silent;
    if (call.kind === "update") isSilent = true;
    return proceed();
  };
  scheduler.wake();
  await until(() => waits.length === 1);
  expect(progress.remotes).toMatchObject([{ published: 3, confirmed: 0 }]);
  expect(progress.remotes[0]).not.toHaveProperty("error");
  isSilent = false;
  scheduler.wake();
  await progress.reached("confirmed", 3, {});
});

test("that a writer was closed is no failure of a remote", async () => {
  const one = new Watched("one");
  const { scheduler, errors, close } = await schedulerOf([one], { auto: true });
  one.around = () => new Promise(() => undefined);
  scheduler.wake();
  await until(() => one.looks === 1);
  await close();
  expect(errors()).toEqual([undefined]);
});

test("whoever waits until nothing is published any more waits for what is tried again", async () => {
  const one = new Watched("one");
  const { scheduler, published } = await schedulerOf([one], { auto: true });
  shortWaits(1);
  let isSilent = true;
  one.around = async (_, proceed) => {
    if (!isSilent) return proceed();
    isSilent = false;
    throw silent;
  };
  scheduler.wake();
  await scheduler.idle();
  expect(published()).toEqual([3]);
});

test("only a writer that publishes by itself hears that the device is online again", async () => {
  for (const auto of [true, false]) {
    const hurry = vi.spyOn(RetryLoop.prototype, "hurry");
    const target = new EventTarget();
    vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
    vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
    const { close } = await schedulerOf(two(), { auto });
    target.dispatchEvent(new Event("online"));
    expect(hurry).toHaveBeenCalledTimes(auto ? 2 : 0);
    await close();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  }
});
