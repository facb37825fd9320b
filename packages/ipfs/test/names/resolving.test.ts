import { TooLargeError, UnreachableError } from "@remote-log/core";
import { type IpnsNames, type KeepPass, keepName, keepNameOnce } from "@remote-log/ipfs";
import { bytes, failure, randomBytes } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import { LARGEST_RECORD } from "../../src/record/ipns-record.ts";
import { readRecord } from "../../src/record/read-record.ts";
import { alice, opened, readerOf } from "../opened-names.ts";
import { addressFor, foreignRecord, HOUR, record } from "../records.ts";

const name = alice.name.text;
const tooLarge = new TooLargeError("too long", { operation: "ipns.get", limit: 1 });

afterEach(() => {
  vi.restoreAllMocks();
});

test("a record that is too large for the limit of the head says so of the head", async () => {
  const { names, route } = opened();
  route.onGet = () => Promise.reject(tooLarge);
  const small = await failure(names.resolve(name, { maxBytes: 10 }));
  expect(small).toMatchObject({ code: "ERR_TOO_LARGE", limit: 10, operation: "names.resolve" });
});

test("a record that is larger than any may be says that of the record", async () => {
  const { names, route } = opened();
  route.onGet = () => Promise.reject(tooLarge);
  for (const maxBytes of [LARGEST_RECORD - 1024, LARGEST_RECORD]) {
    expect(await failure(names.resolve(name, { maxBytes }))).toMatchObject({
      code: "ERR_TOO_LARGE",
      limit: 1,
    });
  }
  const almost = await failure(names.resolve(name, { maxBytes: LARGEST_RECORD - 1025 }));
  expect(almost).toMatchObject({ limit: LARGEST_RECORD - 1025 });
});

test("any other failure of a route is no matter of size", async () => {
  const { names, route } = opened();
  const unreachable = new UnreachableError("no", { operation: "ipns.get" });
  for (const error of [unreachable, Object.assign(new Error("no"), { code: "ERR_TOO_LARGE" })]) {
    route.onGet = () => Promise.reject(error);
    expect(await failure(names.resolve(name, { maxBytes: 10 }))).toMatchObject({ code: "ERR_UNREACHABLE" });
  }
});

test("routes are asked for the limit and what a record needs besides, and for no more than a record has", async () => {
  const { names, route } = opened();
  const limits: unknown[] = [];
  route.onGet = async (_, options) => {
    limits.push((options as { maxBytes?: number }).maxBytes);
    return undefined;
  };
  for (const maxBytes of [0, 10, LARGEST_RECORD]) await names.resolve(name, { maxBytes });
  expect(limits).toEqual([1024, 1034, LARGEST_RECORD]);
});

test("what is known already is unchanged, and its head is not read again", async () => {
  const { names, route, storage } = opened();
  const head = randomBytes(20_000);
  const revision = await names.update(name, head, { expected: null });
  const reader = readerOf({ route, storage });
  const get = vi.spyOn(storage, "get");
  expect(await reader.resolve(name, { known: revision })).toEqual({ status: "unchanged", revision });
  expect(get).not.toHaveBeenCalled();
  expect(
    await reader.resolve(name, { known: `7-${await addressFor(head)}` }).catch((error: unknown) => error),
  ).toMatchObject({
    code: "ERR_STALE",
    reason: "older",
  });
});

test("a record that a node dropped because it expired is expired for readers, and absent for its writer", async () => {
  for (const [options, expected] of [
    [{}, { code: "ERR_STALE", reason: "expired" }],
    [{ acceptExpired: true }, { status: "absent" }],
  ] as const) {
    const { route, storage } = opened();
    const reader = readerOf({ route, storage }, options);
    route.held.set(name, await record(alice, bytes("x"), { lifetimeMilliseconds: -HOUR }));
    await reader.resolve(name).catch(() => undefined);
    route.held.clear();
    expect(await reader.resolve(name).catch((error: unknown) => error)).toMatchObject(expected);
  }
  const { names } = opened();
  expect(await names.resolve(name)).toEqual({ status: "absent" });
});

test("an update of the number that was seen is a conflict unless it says the same", async () => {
  const { names, route } = opened();
  const address = await addressFor(bytes("x"));
  route.held.set(name, await record(alice, bytes("x"), { sequence: 1n }));
  await names.resolve(name);
  const expected = `0-${address}`;
  expect(await failure(names.update(name, bytes("y"), { expected }))).toMatchObject({
    code: "ERR_NAME_CONFLICT",
  });
  route.held.set(name, await record(alice, bytes("x"), { sequence: 5n }));
  await names.resolve(name);
  expect(await failure(names.update(name, bytes("x"), { expected }))).toMatchObject({
    code: "ERR_NAME_CONFLICT",
  });
  expect(await names.update(name, bytes("x"), { expected: `4-${address}` })).toBe(`5-${address}`);
});

/** Lets long pauses pass at once, and notes them. */
function withoutPauses(): number[] {
  const pauses: number[] = [];
  const { setTimeout: wait } = globalThis;
  vi.spyOn(globalThis, "setTimeout").mockImplementation((run: () => void, milliseconds = 0) => {
    // Deadlines of routes are shorter.
    if (milliseconds <= 90_000) return wait(run, milliseconds);
    pauses.push(milliseconds);
    return wait(run, 0);
  });
  return pauses;
}

async function passesOf(passes: AsyncGenerator<KeepPass>, count: number): Promise<string[]> {
  const statuses: string[] = [];
  for (let at = 0; at < count; at++) statuses.push(((await passes.next()).value as KeepPass).status);
  await passes.return(undefined);
  return statuses;
}

test("a keeper puts the record every twelve hours, and tries again ten minutes after a failure", async () => {
  const { names, route } = opened();
  const pauses = withoutPauses();
  expect(await passesOf(keepName({ names, name }), 2)).toEqual(["failed", "failed"]);
  expect(pauses).toEqual([600_000]);
  route.held.set(name, await record(alice, bytes("x")));
  expect(await passesOf(keepName({ names, name }), 2)).toEqual(["kept", "kept"]);
  expect(pauses).toEqual([600_000, 43_200_000]);
});

test("a keeper that is to put it more often also tries again more often", async () => {
  const { names } = opened();
  const pauses = withoutPauses();
  await passesOf(keepName({ names, name, everyMilliseconds: 599_999 }), 2);
  expect(pauses).toEqual([599_999]);
});

test("a keeper waits at most as long as timers do", async () => {
  const { names } = opened();
  const refused = { code: "ERR_INVALID_INPUT", operation: "ipns.open" };
  const started = (everyMilliseconds: number) => keepName({ names, name, everyMilliseconds }).next();
  for (const wrong of [0, 2 ** 31, 1.5]) expect(await failure(started(wrong))).toMatchObject(refused);
  expect(await started(2 ** 31 - 1)).toMatchObject({ value: { status: "failed" } });
});

/** Names that answer as they are told. */
function namesThat(answers: Partial<Pick<IpnsNames, "record" | "putRecord">>): IpnsNames {
  return { ...opened().names, putRecord: async () => [], ...answers };
}

test("a keeper puts what it saw if the routes are silent, and ends with what can't become better", async () => {
  const seen = await readRecord(await record(alice, bytes("x")), alice.name);
  const answers: unknown[] = [];
  const names = namesThat({
    record: async () => {
      const next = answers.shift();
      return next instanceof Error ? Promise.reject(next) : (next as typeof seen);
    },
  });
  const unreachable = new UnreachableError("no", { operation: "ipns.get" });
  const mistake = new TypeError("a mistake");
  answers.push(unreachable, seen, unreachable, undefined, mistake);
  const statuses = await passesOf(keepName({ names, name, everyMilliseconds: 1 }), 5);
  expect(statuses).toEqual(["failed", "kept", "kept", "kept", "failed"]);
  answers.push(seen, Object.assign(new UnreachableError("no", { operation: "x" }), { code: "ERR_CLOSED" }));
  const passes = keepName({ names, name, everyMilliseconds: 1 });
  await passes.next();
  expect(await failure(passes.next())).toMatchObject({ code: "ERR_CLOSED" });
  answers.push(Object.assign(new Error("no"), { code: "ERR_CLOSED" }));
  expect((await keepName({ names, name }).next()).value).toMatchObject({ status: "failed" });
});

test("of two records that are as high, a keeper puts the one that it saw", async () => {
  const one = await readRecord(await record(alice, bytes("x")), alice.name);
  const other = { ...one };
  const put: unknown[] = [];
  const shown = [one, other, { ...one, sequence: 9n }];
  const names = namesThat({
    record: async () => shown.shift(),
    putRecord: async (_, sent) => {
      put.push(sent);
      return [];
    },
  });
  const passes = keepName({ names, name, everyMilliseconds: 1 });
  const records = [];
  for (let pass = 0; pass < 3; pass++) records.push((await passes.next()).value);
  expect(records.map((pass) => (pass as { record: unknown }).record === one)).toEqual([true, true, false]);
  await passes.return(undefined as never);
});

test("an abort ends a keeper with its own reason, whatever the names do", async () => {
  const controller = new AbortController();
  const names = namesThat({
    record: () => {
      controller.abort("enough");
      return Promise.reject(new UnreachableError("no", { operation: "ipns.get" }));
    },
  });
  const { signal } = controller;
  expect(await failure(keepNameOnce({ names, name, signal }))).toBe("enough");
});

test("a keeper passes its signal on only if it has one", async () => {
  const given: unknown[] = [];
  const names = namesThat({
    record: async (_, options) => {
      given.push(options);
      return undefined;
    },
  });
  await failure(keepNameOnce({ names, name }));
  const { signal } = new AbortController();
  await failure(keepNameOnce({ names, name, signal }));
  expect(given).toEqual([{}, { signal }]);
});

test("a record that somebody else signed for another path is kept as well", async () => {
  const { names, route } = opened();
  route.held.set(name, await foreignRecord(alice, "/ipns/example.org", { sequence: 3n }));
  expect(await keepNameOnce({ names, name })).toMatchObject({ record: { sequence: 3n, address: undefined } });
});
