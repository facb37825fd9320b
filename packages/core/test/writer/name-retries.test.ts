// A few requests make a publish: one that is lost on the way must not end it, and an outage must end it soon.

import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  generateSeed,
  NameConflictError,
  openWriter,
  TimeoutError,
  UnreachableError,
} from "../../src/index.ts";
import { gaveUp, NameRetries } from "../../src/writer/name-retries.ts";
import { type Call, wrapRemote } from "./wrapped-remote.ts";

beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const { signal } = new AbortController();
const lost = (retryAfterMilliseconds?: number): UnreachableError =>
  Object.assign(new UnreachableError("It is lost.", { operation: "names.resolve" }), {
    ...(retryAfterMilliseconds !== undefined && { retryAfterMilliseconds }),
  });

test.each([
  ["what got no answer is asked three times", lost(), 3],
  ["what was silent has taken its time already", new TimeoutError("Silent.", { operation: "x" }), 1],
  ["a conflict is an answer", new NameConflictError("Another revision.", { operation: "x" }), 1],
  [
    "what was repeated already is not repeated",
    new UnreachableError("No.", { operation: "x", retry: "exhausted" }),
    1,
  ],
])("%s", async (_, error, times) => {
  let asked = 0;
  const request = async (): Promise<never> => {
    asked++;
    throw error;
  };
  expect(await failure(new NameRetries().run(request, signal))).toBe(error);
  expect(asked).toBe(times);
});

test("an outage ends it soon, however many requests there are", async () => {
  const retries = new NameRetries();
  let asked = 0;
  for (let i = 0; i < 20; i++) {
    await failure(
      retries.run(async () => {
        asked++;
        throw lost();
      }, signal),
    );
  }
  expect(asked).toBe(20 + 7);
});

test("nobody is asked again before the time that the service named", async () => {
  vi.useFakeTimers();
  const times: number[] = [];
  const asking = new NameRetries().run(async () => {
    times.push(performance.now());
    if (times.length === 1) throw lost(7_000);
  }, signal);
  await vi.advanceTimersByTimeAsync(6_999);
  expect(times).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  await asking;
  expect(times).toHaveLength(2);
});

test.each(["resolve", "update", "get"] as const)(
  "publishes go through if every third %s is lost",
  async (kind) => {
    let asked = 0;
    const inner = memoryRemote();
    const remote = wrapRemote(inner, async (call: Call, proceed) => {
      // Of an update, it is the answer that is lost, every other time.
      const isLost = call.kind === kind && ++asked % 3 === 0;
      if (isLost && asked % 2 === 0) await proceed();
      if (isLost) throw lost();
      return proceed();
    });
    await using writer = await openWriter({
      settings: { visibility: "public" },
      seed: generateSeed(),
      journal: new MemoryLevel<Uint8Array, Uint8Array>(),
      remotes: [remote],
      publish: "manual",
    });
    for (let i = 0; i < 30; i++) {
      await writer.append(new Uint8Array(40_000).fill(i));
      await writer.publish();
      expect(writer.status().remotes[0]).toMatchObject({ published: i + 1, confirmed: i + 1 });
    }
    expect(asked).toBeGreaterThan(10);
  },
);

test("who gives up an update says how often it was sent, and how it failed the last time", () => {
  const last = new UnreachableError("No route to host.", { operation: "names.update", reason: "no-host" });
  const error = gaveUp("the remote", 3, last);
  expect(error).toMatchObject({
    code: "ERR_UNREACHABLE",
    retry: "exhausted",
    reason: "no-host",
    cause: last,
  });
  expect(error.message).toMatch(/^the remote gave no usable answer to 3 updates .* No route to host\.$/);
  const strange = gaveUp("the remote", 3, new TypeError("fetch failed"));
  expect(strange.message).toMatch(/at the next publish\.$/);
  expect(strange.reason).toBeUndefined();
});
