// The end of a shared connection: who lets go of it, who is told, and what is opened after it.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { SharedConnection } from "../../src/adapter/index.ts";

/** Connections with numbers; `lose` loses one of them. */
function connections() {
  const losses: ((error: unknown) => void)[] = [];
  const close = vi.fn<(connection: number) => void>();
  const shared = new SharedConnection<number>({
    open: async (_signal, lost) => losses.push(lost) - 1,
    close,
  });
  const closed = (): number[] => close.mock.calls.map(([connection]) => connection);
  return { shared, closed, lose: (which: number, error: unknown) => losses[which]!(error) };
}

test("a connection that nobody has opened is not closed", async () => {
  const { shared, closed } = connections();
  await shared.hold()();
  expect(closed()).toEqual([]);
});

test("what was closed is given to nobody, and is not closed again when the client says that it has ended", async () => {
  const { shared, closed, lose } = connections();
  const letGo = shared.hold();
  expect(await shared.use(undefined)).toBe(0);
  await letGo();
  expect(await shared.use(undefined)).toBe(1);
  lose(0, new Error("closed"));
  expect(closed()).toEqual([0]);
  expect(await shared.use(undefined)).toBe(1);
});

test("a signal that has fired gets no connection, though one is there", async () => {
  const { shared } = connections();
  await shared.use(undefined);
  const aborted = AbortSignal.abort("gave up");
  expect(await failure(shared.use(aborted))).toBe("gave up");
  expect(await failure(shared.useUntilLost(aborted, () => expect.unreachable()))).toBe("gave up");
});

test("a connection that is lost twice before it is there fails with the first loss", async () => {
  const first = new Error("reset");
  const shared = new SharedConnection<number>({
    async open(_signal, lost) {
      lost(first);
      lost(new Error("closed"));
      return 1;
    },
  });
  expect(await failure(shared.use(undefined))).toBe(first);
});

test("whoever asks as a connection is lost twice hears of the first loss", async () => {
  for (let steps = 0; steps < 6; steps++) {
    const { shared, lose } = connections();
    const told: unknown[] = [];
    const tell = (error: unknown): void => void told.push(error);
    const using = shared.useUntilLost(undefined, tell).catch(tell);
    for (let step = 0; step < steps; step++) await Promise.resolve();
    const first = new Error("reset");
    lose(0, first);
    lose(0, new Error("closed"));
    await using;
    expect(told, `${steps} steps later`).toEqual([first]);
  }
});
