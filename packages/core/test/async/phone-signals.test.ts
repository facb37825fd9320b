// The signals of React Native: they fire, and neither keep a reason nor throw it.
// @ts-expect-error: that file of the package has no types
import { AbortController as PhoneController } from "abort-controller/dist/abort-controller";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { abortReason, abortWith, throwIfAborted, withDeadline } from "../../src/adapter/index.ts";
import { anySignal, delay, joinSignals, raceSignal } from "../../src/async/signals.ts";

const reason = new Error("gave up");
const never = (): Promise<never> => new Promise(() => undefined);
const phoneController = (): AbortController => new (PhoneController as typeof AbortController)();

beforeEach(() => vi.stubGlobal("AbortController", PhoneController));
afterEach(() => vi.unstubAllGlobals());

test("they lack what the tests are about", () => {
  const { signal } = phoneController();
  expect(["reason" in signal, "throwIfAborted" in signal]).toEqual([false, false]);
});

test("an application's signal that keeps no reason ends work with an AbortError, the same for all who wait", async () => {
  const controller = phoneController();
  const waits = [raceSignal(never(), controller.signal), delay(1e9, controller.signal)];
  controller.abort();
  const [first, second] = await Promise.allSettled(waits);
  expect(first).toMatchObject({ status: "rejected", reason: { name: "AbortError" } });
  expect((second as PromiseRejectedResult).reason).toBe((first as PromiseRejectedResult).reason);
  expect(() => throwIfAborted(controller.signal)).toThrow((first as PromiseRejectedResult).reason as Error);
});

test("a reason that our own code gives is kept, through signals that follow others", () => {
  const parent = phoneController();
  const any = anySignal(parent.signal, anySignal(parent.signal).signal);
  abortWith(parent, reason);
  abortWith(parent, new Error("too late"));
  expect([abortReason(parent.signal), abortReason(any.signal)]).toEqual([reason, reason]);
  expect(abortReason(any.signal)).toBe(reason);
});

test("a deadline is told as one", async () => {
  const working = withDeadline({ milliseconds: 5, operation: "storage.get", backend: "a backend" }, never);
  await expect(working).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
});

test("what can't be joined is the first signal alone", () => {
  vi.stubGlobal("AbortSignal", { ...AbortSignal, any: undefined });
  const { signal } = phoneController();
  expect(joinSignals(signal, phoneController().signal)).toBe(signal);
});

test("nothing happens while a signal has not fired, or there is none", () => {
  expect(() => throwIfAborted(phoneController().signal)).not.toThrow();
  expect(() => throwIfAborted(undefined)).not.toThrow();
  expect(abortReason(undefined)).toBeUndefined();
});
