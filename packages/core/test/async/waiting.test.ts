import { getEventListeners } from "node:events";
import { expect, test, vi } from "vitest";
import { delay, raceSignal, withAnySignal, withDeadline } from "../../src/adapter/index.ts";
import { anySignal, onAbort } from "../../src/async/signals.ts";

const reason = new Error("gave up");
const never = (): Promise<never> => new Promise(() => undefined);
const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

test("work with several signals has one that fires with the first of them, with its reason", async () => {
  for (const which of [0, 1]) {
    const controllers = [new AbortController(), new AbortController()];
    let given: AbortSignal | undefined;
    const working = withAnySignal([controllers[0]!.signal, undefined, controllers[1]!.signal], (signal) => {
      given = signal;
      return raceSignal(never(), signal);
    });
    controllers[which]!.abort(reason);
    await expect(working).rejects.toBe(reason);
    expect(given!.reason).toBe(reason);
    expect(controllers.map(({ signal }) => listeners(signal))).toEqual([0, 0]);
  }
});

test("work whose signals have fired does not begin, and what is over listens to none of them any more", async () => {
  const work = vi.fn<(signal: AbortSignal) => Promise<number>>(async () => 1);
  await expect(withAnySignal([AbortSignal.abort(reason)], work)).rejects.toBe(reason);
  expect(work).not.toHaveBeenCalled();
  const controller = new AbortController();
  expect(await withAnySignal([controller.signal], work)).toBe(1);
  controller.abort(reason);
  expect([work.mock.calls[0]![0].aborted, listeners(controller.signal)]).toEqual([false, 0]);
});

test("a wait for a promise ends with the signal's reason, and without one is the promise itself", async () => {
  const controller = new AbortController();
  const waiting = [1, 2, 3].map(() => raceSignal(never(), controller.signal));
  expect(listeners(controller.signal)).toBe(1);
  controller.abort(reason);
  for (const wait of waiting) await expect(wait).rejects.toBe(reason);
  const promise = Promise.resolve(1);
  expect(raceSignal(promise, undefined)).toBe(promise);
  await expect(raceSignal(Promise.reject(reason), new AbortController().signal)).rejects.toBe(reason);
});

test("a delay ends after its time, or with the reason of its signal", async () => {
  const controller = new AbortController();
  await delay(1, controller.signal);
  expect(listeners(controller.signal)).toBe(0);
  const waiting = delay(60_000, controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(delay(60_000, controller.signal)).rejects.toBe(reason);
});

test("a request that takes too long is ERR_TIMEOUT, which names operation and backend, whatever it makes of its signal", async () => {
  const options = { milliseconds: 5, operation: "storage.get", backend: "the node" };
  let given: AbortSignal | undefined;
  const late = withDeadline(options, (signal) => {
    given = signal;
    return never();
  });
  await expect(late).rejects.toMatchObject({
    code: "ERR_TIMEOUT",
    retry: "safe",
    operation: "storage.get",
    message: expect.stringMatching(/^the node .* 5 ms/),
  });
  expect(given!.reason).toMatchObject({ code: "ERR_TIMEOUT" });
});

test("a request in time gives its answer, and one that is aborted the reason of the signal", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const options = { milliseconds: 60_000, operation: "storage.get", backend: "the node", signal };
  expect(await withDeadline(options, async () => 1)).toBe(1);
  expect(listeners(signal)).toBe(0);
  const waiting = withDeadline(options, never);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  const work = vi.fn<() => Promise<void>>(async () => undefined);
  await expect(withDeadline(options, work)).rejects.toBe(reason);
  expect(work).not.toHaveBeenCalled();
});

test("nothing keeps a process awake for a request that is over", async () => {
  vi.useFakeTimers();
  const options = { milliseconds: 60_000, operation: "storage.get", backend: "the node" };
  await withDeadline(options, async () => 1);
  await expect(withDeadline(options, () => Promise.reject(reason))).rejects.toBe(reason);
  const timers = vi.getTimerCount();
  vi.useRealTimers();
  expect(timers).toBe(0);
});

test("a signal that is fired by hand follows the others no longer", () => {
  const controller = new AbortController();
  const any = anySignal(controller.signal);
  any.abort(reason);
  expect([any.signal.reason, listeners(controller.signal)]).toEqual([reason, 0]);
});

test("stopping twice takes nothing from those who came later", () => {
  const { signal } = new AbortController();
  const stop = onAbort(signal, () => undefined);
  stop();
  onAbort(signal, () => undefined);
  stop();
  onAbort(signal, () => undefined);
  expect(listeners(signal)).toBe(1);
});
