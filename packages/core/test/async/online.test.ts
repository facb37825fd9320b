import { afterEach, expect, test, vi } from "vitest";
import { onOnline } from "../../src/async/online.ts";

afterEach(() => vi.unstubAllGlobals());

test("a runtime without such events is left alone", () => {
  vi.stubGlobal("addEventListener", undefined);
  expect(() => onOnline(() => undefined, new AbortController().signal)).not.toThrow();
});

test("each event is told until the signal ends that, and nothing is listened to after it", () => {
  const runtime = new EventTarget();
  const added = vi.fn<typeof runtime.addEventListener>(runtime.addEventListener.bind(runtime));
  vi.stubGlobal("addEventListener", added);
  vi.stubGlobal("removeEventListener", runtime.removeEventListener.bind(runtime));
  const listener = vi.fn<() => void>();
  const ending = new AbortController();
  onOnline(listener, ending.signal);
  for (const kind of ["online", "offline", "online"]) runtime.dispatchEvent(new Event(kind));
  expect(listener).toHaveBeenCalledTimes(2);
  ending.abort();
  runtime.dispatchEvent(new Event("online"));
  expect(listener).toHaveBeenCalledTimes(2);
  onOnline(listener, ending.signal);
  expect(added).toHaveBeenCalledTimes(1);
});
