// A remote that refuses, has no room, or shows something wrong is tried again: seldom by itself, and at once if there is something new.

import { memoryRemote } from "@remote-log/memory";
import { failure, until } from "@remote-log/test-kit";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  ConflictError,
  DeniedError,
  generateSeed,
  IntegrityError,
  openReader,
  openWriter,
  QuotaExhaustedError,
  RemoteChangedError,
  UnreachableError,
} from "../../src/index.ts";
import { type Attempt, RetryLoop } from "../../src/writer/retry-loop.ts";
import { tiny } from "./crashing-device.ts";
import { readCold, text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { wrapRemote } from "./wrapped-remote.ts";

const context = { operation: "test" };

/** A writer that publishes by itself, to a remote that can fail. */
async function failing() {
  const inner = memoryRemote({ label: "one" });
  const state: { error: Error | undefined; requests: number } = { error: undefined, requests: 0 };
  const remote = wrapRemote(inner, async (_, proceed) => {
    state.requests++;
    if (state.error !== undefined) throw state.error;
    return proceed();
  });
  const [journal, seed] = [new PowerCutDatabase(), generateSeed()];
  const writer = await openWriter({ ...tiny, publish: "auto", seed, journal, remotes: [remote] });
  return { writer, inner, state };
}

describe.each([
  ["refuses", new DeniedError("403", context)],
  ["has no room", new QuotaExhaustedError("507", context)],
  ["shows something wrong", new IntegrityError("Not a head.", context)],
  [
    "is another one than before",
    new RemoteChangedError("The place is gone.", { ...context, reason: "gone" }),
  ],
])("a remote that %s", (_, error) => {
  test("is published to at the next append after that is mended", async () => {
    const { writer, inner, state } = await failing();
    const begun = Date.now();
    state.error = error;
    const first = await writer.append(text("a"));
    expect(await failure(first.published())).toBe(error);
    const [one] = writer.status().remotes;
    expect(one).toMatchObject({ error, failingSince: expect.any(Number) });
    expect(one!.failingSince).toBeGreaterThanOrEqual(begun);
    // Still so: who waits is told again, and it has failed since the first time.
    const second = await writer.append(text("b"));
    expect(await failure(second.published())).toBe(error);
    expect(writer.status().remotes[0]).toMatchObject({ failingSince: one!.failingSince });

    state.error = undefined;
    const third = await writer.append(text("c"));
    await third.published();
    expect(await readCold(writer.logId, inner)).toEqual(["a", "b", "c"]);
    const [after] = writer.status().remotes;
    expect([after!.error, after!.failingSince]).toEqual([undefined, undefined]);
    await writer.close();
  });

  test("is published to by publish(), and in the background after that", async () => {
    const { writer, inner, state } = await failing();
    state.error = error;
    const first = await writer.append(text("a"));
    expect(await failure(first.published())).toBe(error);
    expect(await failure(writer.publish())).toBe(error);
    state.error = undefined;
    await writer.publish();
    expect(await readCold(writer.logId, inner)).toEqual(["a"]);
    await (await writer.append(text("b"))).published();
    expect(await readCold(writer.logId, inner)).toEqual(["a", "b"]);
    await writer.close();
  });
});

describe("the loop", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  function loopOf(outcome: () => Attempt["outcome"]) {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(1);
    const times: number[] = [];
    const closing = new AbortController();
    const loop = new RetryLoop(async () => {
      times.push(performance.now());
      return { outcome: outcome() };
    }, closing.signal);
    return { times, loop, closing };
  }
  const gaps = (times: readonly number[]): number[] =>
    times.slice(1).map((time, i) => Math.round((time - times[i]!) / 1000));

  test("asks a blocked remote ever less often, ten minutes at most, and without end", async () => {
    const { times, loop, closing } = loopOf(() => "blocked");
    loop.wake();
    await vi.advanceTimersByTimeAsync(4_000_000);
    expect(gaps(times)).toEqual(
      [15, 30, 60, 120, 240, 480, 600, 600, 600, 600, 600].slice(0, times.length - 1),
    );
    expect(times.length).toBeGreaterThan(9);
    closing.abort();
    await loop.idle();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("of a thousand entries while a remote is blocked there are five attempts a second at most", async () => {
    const { times, loop, closing } = loopOf(() => "blocked");
    for (let i = 0; i < 1000; i++) {
      loop.wake();
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(times.length).toBeGreaterThan(3);
    expect(times.length).toBeLessThanOrEqual(6);
    closing.abort();
    await loop.idle();
  });

  test("stops after what is final, as before", async () => {
    const { times, loop } = loopOf(() => "final");
    loop.wake();
    loop.wake();
    await vi.advanceTimersByTimeAsync(4_000_000);
    loop.wake();
    await loop.idle();
    expect(times).toHaveLength(2 - 1);
  });
});

test("another writer's entries stop a remote for good, until publish()", async () => {
  const { writer, state } = await failing();
  state.error = new ConflictError("Another device.", { ...context, foreign: new Uint8Array(1) });
  expect(await failure((await writer.append(text("a"))).published())).toBe(state.error);
  const before = state.requests;
  await writer.append(text("b"));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(state.requests).toBe(before);
  await writer.close();
});

test("when the runtime says that it is online, a writer and a live reader try at once, and nobody listens after close", async () => {
  // As in a browser: Node.js itself has no such event.
  const window = new EventTarget();
  const listening = new Set<unknown>();
  vi.stubGlobal("addEventListener", (kind: string, listener: () => void) => {
    listening.add(listener);
    window.addEventListener(kind, listener);
  });
  vi.stubGlobal("removeEventListener", (kind: string, listener: () => void) => {
    listening.delete(listener);
    window.removeEventListener(kind, listener);
  });
  try {
    const { writer, inner, state } = await failing();
    state.error = new UnreachableError("Offline.", { ...context, retryAfterMilliseconds: 3_000_000 });
    const first = await writer.append(text("a"));
    await until(() => writer.status().remotes[0]!.error !== undefined);
    const reader = await openReader({ logId: writer.logId, remotes: [inner], pollMilliseconds: 3_000_000 });
    const next = reader.from(0, { live: true }).next();
    await until(() => listening.size === 2);
    state.error = undefined;
    window.dispatchEvent(new Event("online"));
    await first.published();
    window.dispatchEvent(new Event("online"));
    expect(await next).toMatchObject({ value: { sequence: 0 } });
    await reader.close();
    await writer.close();
    expect(listening.size).toBe(0);
  } finally {
    vi.unstubAllGlobals();
  }
});
