import { getEventListeners } from "node:events";
import { expect, onTestFinished, test, vi } from "vitest";
import { Lifetime, type LifetimeOptions, type OperationContext } from "../../src/adapter/index.ts";
import { NotFoundError, UnreachableError } from "../../src/index.ts";

const context = { operation: "storage.get", action: "reading a content at https://example.org" };

/** An object whose failures are translated to something that says so. */
function newLifetime(options: Partial<LifetimeOptions<OperationContext>> = {}) {
  const translate = vi.fn<LifetimeOptions<OperationContext>["translate"]>(
    (cause, { operation }) => new UnreachableError("No usable answer.", { operation, cause }),
  );
  return { life: new Lifetime({ what: "storage", translate, ...options }), translate };
}

const never = (): Promise<never> => new Promise(() => undefined);

test("an operation gives what its work gives", async () => {
  const { life, translate } = newLifetime();
  expect(await life.run(context, undefined, async () => 7)).toBe(7);
  expect(await life.run(context, new AbortController().signal, async () => undefined)).toBeUndefined();
  expect(translate).not.toHaveBeenCalled();
});

test("what the client fails with is translated, with what was being done; an error of this project stays", async () => {
  const { life, translate } = newLifetime();
  const cause = new TypeError("fetch failed");
  await expect(life.run(context, undefined, () => Promise.reject(cause))).rejects.toMatchObject({
    code: "ERR_UNREACHABLE",
    operation: "storage.get",
    cause,
  });
  expect(translate).toHaveBeenCalledExactlyOnceWith(cause, context);
  const own = new NotFoundError("It is not there.", context);
  await expect(life.run(context, undefined, () => Promise.reject(own))).rejects.toBe(own);
});

test("a failure before the first await of the work is translated too", async () => {
  const { life } = newLifetime();
  const work = (): Promise<never> => {
    throw new TypeError("no such method");
  };
  await expect(life.run(context, undefined, work)).rejects.toMatchObject({ code: "ERR_UNREACHABLE" });
});

test("a signal that has fired ends an operation before its work begins, with its own reason", async () => {
  const { life } = newLifetime();
  const work = vi.fn<() => Promise<void>>(async () => undefined);
  for (const reason of [new Error("gave up"), "a text as reason"]) {
    await expect(life.run(context, AbortSignal.abort(reason), work)).rejects.toBe(reason);
  }
  expect(work).not.toHaveBeenCalled();
});

test.each([
  ["ignores it", never],
  [
    "makes an error of its own of it",
    (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(new DOMException("Aborted", "AbortError")));
      }),
  ],
  [
    "makes an error of this project of it",
    (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(new UnreachableError("No answer.", context)));
      }),
  ],
  [
    "takes it for success",
    (signal: AbortSignal) =>
      new Promise<number>((resolve) => {
        signal.addEventListener("abort", () => resolve(1));
      }),
  ],
])("an abort ends an operation with the signal's own reason where the work %s", async (_what, work) => {
  const { life, translate } = newLifetime();
  const controller = new AbortController();
  const reason = new Error("gave up");
  const running = life.run<unknown>(context, controller.signal, work);
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
  expect(translate).not.toHaveBeenCalled();
});

test("the work is given a signal that fires with the caller's, and one where the caller has none", async () => {
  const { life } = newLifetime();
  const controller = new AbortController();
  const reason = new Error("gave up");
  let given: AbortSignal | undefined;
  const running = life.run(context, controller.signal, (signal) => {
    given = signal;
    return never();
  });
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
  expect(given?.reason).toBe(reason);
  await life.run(context, undefined, async (signal) => expect(signal.aborted).toBe(false));
});

test("close ends what is under way with ERR_CLOSED, whatever the work makes of it, and refuses what comes", async () => {
  const { life, translate } = newLifetime();
  const given: AbortSignal[] = [];
  const work = (signal: AbortSignal): Promise<never> => {
    given.push(signal);
    return never();
  };
  life.check(context);
  const running = [life.run(context, undefined, work), life.run(context, new AbortController().signal, work)];
  const ended = Promise.allSettled(running);
  await life.close();
  for (const outcome of await ended) {
    expect(outcome).toMatchObject({
      status: "rejected",
      reason: { code: "ERR_CLOSED", operation: "storage.get", message: expect.stringContaining("storage") },
    });
  }
  expect(given.map(({ aborted }) => aborted)).toEqual([true, true]);
  const later = vi.fn<() => Promise<void>>(async () => undefined);
  await expect(life.run(context, undefined, later)).rejects.toMatchObject({ code: "ERR_CLOSED" });
  expect(() => life.check(context)).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
  expect([later.mock.calls.length, translate.mock.calls.length]).toEqual([0, 0]);
});

test("a signal that has fired says so after close, too", async () => {
  const { life } = newLifetime();
  await life.close();
  const reason = new Error("gave up");
  await expect(life.run(context, AbortSignal.abort(reason), never)).rejects.toBe(reason);
});

test("what an object holds is let go of once, after every operation has ended for its caller", async () => {
  const order: string[] = [];
  let letGo = (): void => undefined;
  const release = vi.fn<() => Promise<void>>(() => {
    order.push("released");
    return new Promise((resolve) => {
      letGo = resolve;
    });
  });
  const { life } = newLifetime({ release });
  const running = life.run(context, undefined, never).catch(() => order.push("ended"));
  let closed = 0;
  const closing = [life.close(), life.close()].map((close) => close.then(() => closed++));
  await running;
  await vi.waitFor(() => expect(release).toHaveBeenCalled(), { timeout: 60_000 });
  expect([order, closed]).toEqual([["ended", "released"], 0]);
  letGo();
  await Promise.all(closing);
  await life.close();
  expect(release).toHaveBeenCalledOnce();
});

test.each([
  [
    "throws",
    () => {
      throw new Error("It is busy.");
    },
  ],
  ["rejects", () => Promise.reject(new Error("It is busy."))],
])("a release that %s fails each close, and is not called again", async (_what, fails) => {
  const release = vi.fn<() => Promise<void> | never>(fails);
  const { life } = newLifetime({ release });
  for (let i = 0; i < 3; i++) await expect(life.close()).rejects.toThrow("It is busy.");
  expect(release).toHaveBeenCalledOnce();
});

test("operations that are over leave no listener on a signal that lives on", async () => {
  const { life } = newLifetime();
  const { signal } = new AbortController();
  for (let i = 0; i < 50; i++) {
    await life.run(context, signal, async () => undefined);
    await life.run(context, signal, () => Promise.reject(new Error("no"))).catch(() => undefined);
  }
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a thousand operations at once on one signal bring no warning, and no rejection that nobody handles", async () => {
  const heard: unknown[] = [];
  const note = (what: unknown): void => void heard.push(what);
  for (const event of ["warning", "unhandledRejection"]) {
    process.on(event, note);
    onTestFinished(() => void process.off(event, note));
  }
  const { life } = newLifetime();
  const controller = new AbortController();
  const late = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => setTimeout(() => reject(new Error("late")), 1));
    });
  const running = Array.from({ length: 1000 }, () => life.run(context, controller.signal, late));
  controller.abort(new Error("gave up"));
  const outcomes = await Promise.allSettled(running);
  expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(heard).toEqual([]);
});
