import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { SharedConnection } from "../../src/adapter/index.ts";

/** Connections with numbers; `losses` has how each of them is lost. */
function connections() {
  let opened = 0;
  const closed: number[] = [];
  const losses: ((error: unknown) => void)[] = [];
  let refuses: Error | undefined;
  const shared = new SharedConnection<number>({
    async open(_signal, lost) {
      if (refuses !== undefined) throw refuses;
      losses[opened] = lost;
      return opened++;
    },
    close: (connection) => void closed.push(connection),
  });
  return {
    shared,
    losses,
    closed,
    opened: () => opened,
    refuse: (error: Error | undefined) => (refuses = error),
  };
}

test("nothing is opened before the first use, and one attempt serves all who ask at once", async () => {
  const { shared, opened } = connections();
  expect(opened()).toBe(0);
  expect(await Promise.all([shared.use(undefined), shared.use(undefined)])).toEqual([0, 0]);
  expect(await shared.use(undefined)).toBe(0);
  expect(opened()).toBe(1);
});

test("a lost connection is let go, told to those who wait for news, and replaced at the next use", async () => {
  const { shared, losses, closed } = connections();
  const reason = new Error("reset");
  const told: unknown[] = [];
  await shared.useUntilLost(undefined, (error) => told.push(error));
  const left = await shared.useUntilLost(undefined, () => told.push("left"));
  left.forget();
  losses[0]!(reason);
  losses[0]!(reason);
  expect([told, closed]).toEqual([[reason], [0]]);
  expect(await shared.use(undefined)).toBe(1);
  losses[0]!(reason);
  expect(await shared.use(undefined)).toBe(1);
});

test("a connection that is lost before it is there is a failure to open", async () => {
  const shared = new SharedConnection<number>({
    async open(_signal, lost) {
      lost(new Error("at once"));
      return 1;
    },
  });
  expect(await failure(shared.use(undefined))).toMatchObject({ message: "at once" });
});

test("a failure to open is everybody's, and the next use tries again", async () => {
  const { shared, refuse } = connections();
  const reason = new Error("refused");
  refuse(reason);
  expect(await failure(shared.use(undefined))).toBe(reason);
  refuse(undefined);
  expect(await shared.use(undefined)).toBe(0);
});

test("it is closed when the last half has let go, once, and not before", async () => {
  const { shared, closed } = connections();
  const [storage, names] = [shared.hold(), shared.hold()];
  await shared.use(undefined);
  await storage();
  await storage();
  expect(closed).toEqual([]);
  await names();
  expect(closed).toEqual([0]);
});

test("the opening does not end with the caller who began it, but with the last who waits", async () => {
  let aborted = false;
  let connected: ((connection: number) => void) | undefined;
  const shared = new SharedConnection<number>({
    open: (signal) =>
      new Promise((resolve) => {
        connected = resolve;
        signal.addEventListener("abort", () => (aborted = true));
      }),
  });
  const [first, second] = [new AbortController(), new AbortController()];
  const waits = [failure(shared.use(first.signal)), shared.use(second.signal)];
  first.abort("enough");
  expect(await waits[0]).toBe("enough");
  expect(aborted).toBe(false);
  connected!(7);
  expect(await waits[1]).toBe(7);
});

test("a connection that is there only after everybody has left is closed", async () => {
  const closed: number[] = [];
  let connected: ((connection: number) => void) | undefined;
  const shared = new SharedConnection<number>({
    open: () => new Promise((resolve) => (connected = resolve)),
    close: (connection) => void closed.push(connection),
  });
  const controller = new AbortController();
  const wait = failure(shared.use(controller.signal));
  controller.abort("enough");
  await wait;
  connected!(7);
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed).toEqual([7]);
});

test("the signal of an opening does not fire once the connection is there: a socket may keep it", async () => {
  let given: AbortSignal | undefined;
  const shared = new SharedConnection<number>({
    async open(signal) {
      given = signal;
      return 1;
    },
  });
  await shared.use(undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(given!.aborted).toBe(false);
});

test.each([0, 1, 2, 3, 4, 5])(
  "a loss just after the opening is told to whoever wants to know (%i steps later)",
  async (steps) => {
    const { shared, losses } = connections();
    const told: unknown[] = [];
    const using = shared
      .useUntilLost(undefined, (error) => told.push(error))
      .catch((error: unknown) => told.push(error));
    for (let step = 0; step < steps; step++) await Promise.resolve();
    const reason = new Error("reset");
    losses[0]!(reason);
    await using;
    expect(told).toEqual([reason]);
  },
);

test("closing a connection that was lost may hang: the next use does not wait for it", async () => {
  let opened = 0;
  const shared = new SharedConnection<number>({
    async open(_signal, lost) {
      if (opened++ === 0) lost(new Error("at once"));
      return opened;
    },
    close: () => new Promise(() => undefined),
  });
  await failure(shared.use(undefined));
  expect(await shared.use(undefined)).toBe(2);
});
