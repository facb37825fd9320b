// Signals that are joined, and those who wait for one: nobody is missed.

// @ts-expect-error: that file of the package has no types
import { AbortController as PhoneController } from "abort-controller/dist/abort-controller";
import { afterEach, expect, test, vi } from "vitest";
import { abortReason, abortWith, joinSignals, onAbort } from "../../src/async/signals.ts";

afterEach(() => vi.unstubAllGlobals());

test("joined signals fire with either of the two, with its reason", () => {
  for (const which of [0, 1]) {
    const two = [new AbortController(), new AbortController()] as const;
    const joined = joinSignals(two[0].signal, two[1].signal);
    expect(joined.aborted).toBe(false);
    two[which]!.abort("gave up");
    expect([joined.aborted, joined.reason]).toEqual([true, "gave up"]);
  }
});

test.each([undefined, {}])("a runtime that can't join signals (%j) has the first alone", (without) => {
  const [first, second] = [new AbortController(), new AbortController()];
  vi.stubGlobal("AbortSignal", without);
  expect(joinSignals(first.signal, second.signal)).toBe(first.signal);
});

test("of two who wait for a signal the other is still called when one has stopped", () => {
  const controller = new AbortController();
  const [stopped, waiting] = [vi.fn<() => void>(), vi.fn<() => void>()];
  const stop = onAbort(controller.signal, stopped);
  onAbort(controller.signal, waiting);
  stop();
  controller.abort();
  expect([stopped.mock.calls.length, waiting.mock.calls.length]).toEqual([0, 1]);
});

test("an abort without a reason has one all the same, on runtimes that give none too", () => {
  const controller = new (PhoneController as typeof AbortController)();
  abortWith(controller, undefined);
  expect(abortReason(controller.signal)).toMatchObject({ name: "AbortError" });
});
