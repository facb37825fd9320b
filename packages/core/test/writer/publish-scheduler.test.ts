// When each remote is published: what begins it, what each waits for, and what becomes of failures.

import { failure } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import {
  ClosedError,
  ConflictError,
  DeniedError,
  JournalCorruptError,
  JournalError,
  RestoredError,
  TimeoutError,
} from "../../src/index.ts";
import { RemotePublisher } from "../../src/writer/remote-publisher.ts";
import { schedulerOf, Watched } from "./scheduled-remotes.ts";

const { signal } = new AbortController();
const context = { operation: "test" };

// In this order: what is spied on is a timer of the test, too.
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const two = (): [Watched, Watched] => [new Watched("one"), new Watched("two")];

test("everything is published on every remote, and each is asked at the beginning", async () => {
  const remotes = two();
  const { scheduler, published, progress } = await schedulerOf(remotes);
  await scheduler.publishAll(signal);
  expect(published()).toEqual([3, 3]);
  expect(progress.remotes).toMatchObject([
    { stored: 3, confirmed: 3 },
    { stored: 3, confirmed: 3 },
  ]);
});

test("a remote that fails does not keep the others, and its failure is told at the end", async () => {
  const [one, other] = two();
  const { scheduler, published, errors, progress } = await schedulerOf([one, other]);
  const denied = new DeniedError("No.", context);
  one.fail(denied, "update");
  const waiting = failure(progress.reached("published", 3, { remotes: "all" }));
  expect(await failure(scheduler.publishAll(signal))).toBe(denied);
  expect(published()).toEqual([0, 3]);
  expect(errors()).toEqual([denied, undefined]);
  // Nobody tries again by himself: who waits is told.
  expect(await waiting).toBe(denied);
});

test("a publish that is aborted rejects at once, and is no failure of a remote", async () => {
  const [one, other] = two();
  const { scheduler, errors } = await schedulerOf([one, other]);
  const controller = new AbortController();
  one.around = (call, proceed) => {
    controller.abort("gave up");
    return call.kind === "resolve" ? new Promise(() => undefined) : proceed();
  };
  expect(await failure(scheduler.publishAll(controller.signal))).toBe("gave up");
  expect(errors()).toEqual([undefined, undefined]);
});

test("publishes of one remote take turns", async () => {
  const one = new Watched("one");
  const { scheduler } = await schedulerOf([one]);
  let running = 0;
  let most = 0;
  one.around = async (call, proceed) => {
    if (call.kind !== "update" && call.kind !== "resolve") return proceed();
    most = Math.max(most, ++running);
    await new Promise((go) => setImmediate(go));
    return proceed().finally(() => running--);
  };
  await Promise.all([
    scheduler.publishAll(signal),
    scheduler.publishAll(signal),
    scheduler.publishAll(signal),
  ]);
  expect(most).toBe(1);
  expect(one.calls.filter(({ kind }) => kind === "update")).toHaveLength(1);
});

test("nothing is published by a writer that is closed, or that has to be recovered", async () => {
  const one = new Watched("one");
  const { scheduler, state, closing } = await schedulerOf([one]);
  state.recovering = true;
  expect(await failure(scheduler.publishAll(signal))).toBeInstanceOf(RestoredError);
  state.recovering = false;
  closing.abort(new ClosedError("Closed.", context));
  expect(await failure(scheduler.publishAll(signal))).toBeInstanceOf(ClosedError);
  expect(one.calls).toEqual([]);
  const controller = new AbortController();
  controller.abort("gave up");
  expect(await failure(scheduler.publishAll(controller.signal))).toBe("gave up");
});

test("a repair is one of the remote that was named, or of all; the others are looked at before", async () => {
  const [one, other] = two();
  const { scheduler } = await schedulerOf([one, other]);
  expect(await scheduler.repair({ remote: "two" }, signal)).toMatchObject([{ label: "two" }]);
  expect(one.calls.map(({ kind }) => kind)).toEqual(["resolve"]);
  expect((await scheduler.repair({}, signal)).map(({ label }) => label)).toEqual(["one", "two"]);
  const error = await failure(scheduler.repair({ remote: "three" }, signal));
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", operation: "writer.repair" });
  expect((error as Error).message).toContain('"three"');
  expect(await (await schedulerOf([])).scheduler.repair({}, signal)).toEqual([]);
});

test("what has publishes paused runs alone, and then everything is read from the journal again", async () => {
  const one = new Watched("one");
  const { scheduler, published } = await schedulerOf([one], { auto: true });
  const order: string[] = [];
  one.around = async (call, proceed) => {
    order.push(call.kind);
    return proceed();
  };
  const first = scheduler.publishAll(signal);
  const task = scheduler.exclusively(async () => {
    order.push("task");
    await new Promise((go) => setImmediate(go));
    order.push("end");
    return 7;
  });
  const second = scheduler.publishAll(signal);
  expect(await task).toBe(7);
  await Promise.all([first, second]);
  await scheduler.idle();
  const [begun, ended] = [order.indexOf("task"), order.indexOf("end")];
  expect(ended).toBe(begun + 1);
  expect(order.slice(0, begun)).toContain("update");
  // The name is looked at again: somebody may have changed what the journal says.
  expect(order.slice(ended)).toContain("resolve");
  expect(published()).toEqual([3]);
});

test("what runs alone and fails does not keep publishes from continuing", async () => {
  const one = new Watched("one");
  const { scheduler, published } = await schedulerOf([one]);
  const bug = new TypeError("not a function");
  expect(await failure(scheduler.exclusively(() => Promise.reject(bug)))).toBe(bug);
  await scheduler.publishAll(signal);
  expect(published()).toEqual([3]);
});

test("what was begun in the background continues after what ran alone", async () => {
  const one = new Watched("one");
  const { scheduler, published } = await schedulerOf([one], { auto: true });
  await scheduler.exclusively(async () => undefined);
  await scheduler.idle();
  expect(published()).toEqual([3]);
});

test("comparing tells who did not answer, and throws what forbids to sign", async () => {
  const [one, other] = two();
  const { scheduler } = await schedulerOf([one, other]);
  other.fail(new DeniedError("No.", context));
  expect(await scheduler.compare(signal)).toEqual(["two"]);
  // Who has answered is not asked again.
  expect(await scheduler.compare(signal)).toEqual(["two"]);
  expect([one.looks, other.looks]).toEqual([1, 2]);
  for (const error of [
    new RestoredError("Old.", { ...context, local: 1, published: 2 }),
    new ConflictError("Other.", { ...context, foreign: new Uint8Array(0) }),
    new JournalError("Full.", context),
    new JournalCorruptError("Damaged.", context),
  ]) {
    other.fail(error);
    expect(await failure(scheduler.compare(signal))).toBe(error);
    // Nothing is signed for anybody, whoever says so.
    expect(await failure(scheduler.publishAll(signal))).toBe(error);
  }
  expect(one.calls.filter(({ kind }) => kind === "update")).toEqual([]);
  const controller = new AbortController();
  controller.abort("gave up");
  expect(await failure(scheduler.compare(controller.signal))).toBe("gave up");
});

test("a remote with trouble of its own does not keep the others from signing", async () => {
  const [one, other] = two();
  const { scheduler, published } = await schedulerOf([one, other]);
  other.fail(new DeniedError("No.", context));
  expect(await failure(scheduler.publishAll(signal))).toMatchObject({ code: "ERR_DENIED" });
  expect(published()).toEqual([3, 0]);
});

test("a silent remote holds up the others for ten seconds, and does not keep a writer from closing", async () => {
  const [one, other] = two();
  const { scheduler, published, closing } = await schedulerOf([one, other]);
  other.around = () => new Promise(() => undefined);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const timers = vi.spyOn(globalThis, "setTimeout");
  // The journal and the hashes take as many turns of the loop as they need.
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((go) => setImmediate(go));
  };
  const waits = (): number => timers.mock.calls.filter(([, wait]) => wait === 10_000).length;
  const compared = scheduler.compare(signal);
  await until(() => waits() === 2);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await compared).toEqual(["two"]);
  // As a writer does, whose closing ends all that it was asked for.
  const publish = failure(scheduler.publishAll(closing.signal));
  await until(() => waits() === 3);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(published()).toEqual([0, 0]);
  await vi.advanceTimersByTimeAsync(1);
  await until(() => published()[0] === 3);
  expect(published()).toEqual([3, 0]);
  closing.abort(new ClosedError("Closed.", context));
  expect(await publish).toBeInstanceOf(ClosedError);
  await scheduler.idle();
});

test("a remote that was silent is asked again after a minute", async () => {
  const [one, other] = two();
  const { scheduler } = await schedulerOf([one, other]);
  vi.useFakeTimers({ toFake: ["performance"] });
  const timeout = new TimeoutError("Silent.", context);
  other.fail(timeout);
  await scheduler.repair({ remote: "one" }, signal);
  const silent = other.looks;
  // For a minute nobody waits for it.
  await scheduler.repair({ remote: "one" }, signal);
  expect(other.looks).toBe(silent);
  vi.advanceTimersByTime(59_999);
  await scheduler.repair({ remote: "one" }, signal);
  expect(other.looks).toBe(silent);
  vi.advanceTimersByTime(1);
  await scheduler.repair({ remote: "one" }, signal);
  expect(other.looks).toBeGreaterThan(silent);
});

test("what is published while something runs alone waits for its end", async () => {
  const one = new Watched("one");
  const { scheduler, published } = await schedulerOf([one]);
  const order: string[] = [];
  one.around = (call, proceed) => {
    order.push(call.kind);
    return proceed();
  };
  const task = scheduler.exclusively(async () => {
    order.push("task");
    for (let i = 0; i < 20; i++) await new Promise((go) => setImmediate(go));
    order.push("end");
  });
  await Promise.all([task, scheduler.publishAll(signal)]);
  expect(order.slice(0, 3)).toEqual(["task", "end", "resolve"]);
  expect(published()).toEqual([3]);
});

test("whoever waits until nothing is published any more waits for what was asked for", async () => {
  const one = new Watched("one");
  const { scheduler } = await schedulerOf([one]);
  const order: string[] = [];
  one.around = (call, proceed) => proceed().finally(() => order.push(call.kind));
  const publish = scheduler.publishAll(signal);
  await scheduler.idle();
  order.push("idle");
  await publish;
  expect(order.at(-1)).toBe("idle");
  expect(order).toContain("update");
});

test("who waits for entries that are still to come is told nothing by a publish that succeeded", async () => {
  const { scheduler, progress } = await schedulerOf(two());
  const waiting = failure(progress.reached("published", 4, { remotes: "all" }));
  await scheduler.publishAll(signal);
  const closed = new ClosedError("Closed.", context);
  progress.end(closed);
  expect(await waiting).toBe(closed);
});

/** What begins when a removal is due: the wait of its timer, and how often the remote was published since. */
async function removalDueIn(milliseconds: number | undefined, wait: number) {
  const made = await schedulerOf([new Watched("one")], { auto: true });
  const now = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(now);
  const dueAt = milliseconds === undefined ? {} : { dueAt: now + milliseconds };
  vi.spyOn(RemotePublisher.prototype, "removal", "get").mockReturnValue({
    ...dueAt,
    forgets: "deleted",
    left: 1,
  });
  const publish = vi.spyOn(RemotePublisher.prototype, "publish");
  const set = vi.spyOn(globalThis, "setTimeout");
  const timers = () => set.mock.calls.flatMap(([run, after], i) => (after === wait ? [{ run, at: i }] : []));
  const published = async (times: number): Promise<void> => {
    while (publish.mock.results.length < times) await new Promise((go) => setImmediate(go));
    await Promise.all(publish.mock.results.map(({ value }) => value as Promise<void>));
    for (let i = 0; i < 20; i++) await new Promise((go) => setImmediate(go));
  };
  made.scheduler.wake();
  await published(1);
  const timer = (at: number) => set.mock.results[timers()[at]!.at]!.value as NodeJS.Timeout;
  return { ...made, timers, timer, published, publish };
}

test.each([
  [5_000_000, 5_000_000],
  // Not at once, and not after what a timer can wait.
  [-5, 1_000],
  [2 ** 40, 2 ** 31 - 1],
])(
  "what was removed and is due in %i ms is deleted after %i ms, and no process waits for that",
  async (due, wait) => {
    const { timers, timer, published } = await removalDueIn(due, wait);
    expect(timers()).toHaveLength(1);
    expect(timer(0).hasRef()).toBe(false);
    // Whatever is published meanwhile begins no second timer.
    timers()[0]!.run();
    await published(2);
    expect(timers()).toHaveLength(2);
  },
);

test("one timer waits for what was removed, and none once the writer is closed, or if nothing is due", async () => {
  const { scheduler, closing, timers, timer, published, publish } = await removalDueIn(5_000_000, 5_000_000);
  scheduler.wake();
  await published(2);
  expect(timers()).toHaveLength(1);
  const clear = vi.spyOn(globalThis, "clearTimeout");
  closing.abort(new ClosedError("Closed.", context));
  await scheduler.idle();
  expect(clear).toHaveBeenCalledWith(timer(0));
  timers()[0]!.run();
  for (let i = 0; i < 50; i++) await new Promise((go) => setImmediate(go));
  expect(publish).toHaveBeenCalledTimes(2);
  vi.restoreAllMocks();
  expect((await removalDueIn(undefined, 1_000)).timers()).toEqual([]);
});
