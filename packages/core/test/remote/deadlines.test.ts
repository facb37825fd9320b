// How long each request to a remote may take, to the millisecond.

import { memoryRemote } from "@remote-log/memory";
import { afterEach, expect, test, vi } from "vitest";
import { Address, type OperationOptions, type Remote } from "../../src/index.ts";
import { withDeadlines, withWriterDeadlines } from "../../src/remote/deadlines.ts";

const never = (): Promise<never> => new Promise(() => undefined);
const address = Address.create(0x55, 0x12, new Uint8Array(32).fill(7));

afterEach(() => void vi.useRealTimers());

/** A remote that answers nothing, and heeds no signal. */
function silent(updateMilliseconds?: number): Remote {
  const { storage, names } = memoryRemote();
  const { capabilities } = names;
  return {
    label: "silent",
    storage: { ...storage, put: never, putMany: never, get: never, has: never },
    names: {
      name: names.name,
      capabilities: { ...capabilities, ...(updateMilliseconds !== undefined && { updateMilliseconds }) },
      update: never,
      resolve: never,
    },
  };
}

/** After how many milliseconds a request ends, and with what. */
async function endOf(request: () => Promise<unknown>): Promise<[number, unknown]> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  const begun = Date.now();
  const ended = request().then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
  await vi.advanceTimersToNextTimerAsync();
  return [Date.now() - begun, await ended];
}

const update = (remote: Remote) => () => remote.names.update("n", new Uint8Array(1), { expected: null });

test.each([
  ["put", 500, (r: Remote) => r.storage.put(new Uint8Array(0))],
  ["put", 600, (r: Remote) => r.storage.put(new Uint8Array(3200))],
  ["get", 500, (r: Remote) => r.storage.get(address)],
  ["has", 500, (r: Remote) => r.storage.has(address)],
  ["resolve", 500, (r: Remote) => r.names.resolve("n")],
  ["update", 500, (r: Remote) => update(r)()],
])("a %s that nobody answers ends after %d ms, with the label of the remote", async (method, time, act) => {
  const remote = withDeadlines(silent(), 500);
  const [after, error] = await endOf(() => act(remote));
  expect(after).toBe(time);
  expect(error).toMatchObject({
    code: "ERR_TIMEOUT",
    operation: expect.stringMatching(new RegExp(`\\.${method}$`)),
    message: expect.stringContaining("silent gave no answer"),
  });
});

test.each([
  [
    "an upload gets a minute, and what its bytes need",
    61_000,
    (r: Remote) => () => r.storage.put(new Uint8Array(32_000)),
  ],
  ["a read gets a minute", 60_000, (r: Remote) => () => r.storage.get(address)],
  ["an update gets a minute", 60_000, update],
  [
    "several uploads at once get a minute, and what their bytes need",
    60_750,
    (r: Remote) => () => r.storage.putMany!([new Uint8Array(16_000), new Uint8Array(8000)]),
  ],
])("a writer that was told no time: %s", async (_what, time, act) => {
  const [after] = await endOf(act(withWriterDeadlines(silent(), undefined)));
  expect(after).toBe(time);
});

test("an update gets what its name system needs, if that is more than a minute and the writer was told no time", async () => {
  expect((await endOf(update(withWriterDeadlines(silent(90_000), undefined))))[0]).toBe(90_000);
  expect((await endOf(update(withWriterDeadlines(silent(5), undefined))))[0]).toBe(60_000);
  expect((await endOf(update(withWriterDeadlines(silent(90_000), 700))))[0]).toBe(700);
});

/** A remote that lists addresses, and tells how far it is; `pause` comes before its second one. */
function listing(pause: () => Promise<void> = async () => undefined) {
  const told: string[] = [];
  const signals: AbortSignal[] = [];
  const { storage, ...others } = silent();
  const list = async function* (options: OperationOptions = {}): AsyncGenerator<Address, void, undefined> {
    signals.push(options.signal!);
    try {
      yield address;
      await pause();
      yield address;
      told.push("all");
    } finally {
      told.push("ended");
    }
  };
  return { told, signals, remote: withDeadlines({ ...others, storage: { ...storage, list } }, 500) };
}

test("a list that is left is ended, one that was read has ended, and what ending it fails with is nobody's", async () => {
  for (const [steps, ...expected] of [
    [1, "ended"],
    [2, "ended"],
    [3, "all", "ended"],
  ] as const) {
    const { told, signals, remote } = listing();
    let read = 0;
    for await (const _ of remote.storage.list!()) if (++read === steps) break;
    expect([read, told]).toEqual([Math.min(steps, 2), expected]);
    // Also what it still has under way.
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  }
  const { storage, ...others } = silent();
  const broken = (): AsyncIterable<Address> => ({
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false, value: address }),
      return: () => Promise.reject(new Error("broken")),
    }),
  });
  const remote = withDeadlines({ ...others, storage: { ...storage, list: broken } }, 500);
  for await (const found of remote.storage.list!()) {
    expect(found).toBe(address);
    break;
  }
});

test("a list of which a step takes too long is given up at once, and ended when it answers", async () => {
  let answer = (): void => undefined;
  const { told, remote } = listing(() => new Promise((resolve) => (answer = resolve)));
  const steps = remote.storage.list!()[Symbol.asyncIterator]();
  await steps.next();
  const [after, error] = await endOf(() => steps.next());
  expect([after, told]).toEqual([500, []]);
  expect(error).toMatchObject({ code: "ERR_TIMEOUT", operation: "storage.list" });
  answer();
  await vi.waitFor(() => expect(told).toEqual(["ended"]));
});

test("a writer stores several contents at once if the storage does; readers never do", async () => {
  const { storage, ...rest } = silent();
  const without = { ...storage };
  delete without.putMany;
  expect("putMany" in withWriterDeadlines({ ...rest, storage: without }, 500).storage).toBe(false);
  expect("putMany" in withDeadlines({ ...rest, storage }, 500).storage).toBe(false);
  const signal = new AbortController().signal;
  const seen: unknown[] = [];
  const putMany: NonNullable<typeof storage.putMany> = async (contents, options) => {
    seen.push(contents, options?.signal === signal, options?.signal?.aborted);
    return [];
  };
  const writing = withWriterDeadlines({ ...rest, storage: { ...storage, putMany } }, 500).storage;
  const contents = [new Uint8Array(1)];
  expect(await writing.putMany!(contents, { signal })).toEqual([]);
  expect(seen).toEqual([contents, false, false]);
});
