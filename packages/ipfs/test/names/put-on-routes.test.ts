import { NameConflictError, UnreachableError } from "@remote-log/core";
import { bytes, failure } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import { askRoute, askRoutes } from "../../src/names/ask-routes.ts";
import { enoughOutcomes, outdoneBy, type PutOutcome, putOnRoute } from "../../src/names/put-on-routes.ts";
import type { IpnsRecord } from "../../src/record/ipns-record.ts";
import { readRecord } from "../../src/record/read-record.ts";
import { alice } from "../opened-names.ts";
import { HOUR, record } from "../records.ts";
import { deferred, MapRoute, never } from "../routes-in-memory.ts";

afterEach(() => void vi.useRealTimers());

const { name } = alice;
const signed = async (text: string, sequence: bigint, lifetimeMilliseconds = HOUR) =>
  readRecord(await record(alice, bytes(text), { sequence, lifetimeMilliseconds }), name);
const ours = await signed("ours", 5n);

const refusal = new NameConflictError("It has a newer one.", { operation: "ipns.put" });
const signalOf = () => new AbortController().signal;

/** A route that refuses every record, and shows one. */
function refusing(shown: IpnsRecord | undefined, error: unknown = refusal): MapRoute {
  const route = new MapRoute("one");
  route.onPut = () => Promise.reject(error);
  route.onGet = async () => shown?.bytes;
  return route;
}

const put = (route: MapRoute, milliseconds = 60_000, signal = signalOf()) =>
  putOnRoute(route, ours, { milliseconds, signal });

test("a route that takes a record is not asked what it holds", async () => {
  const route = new MapRoute("one");
  expect(await put(route)).toEqual({ route: "one", status: "taken" });
  expect([route.puts, route.gets]).toEqual([[ours.bytes], 0]);
});

test("a route that refuses a record that it holds has taken it, even if its own expires at another time", async () => {
  const later = await signed("ours", 5n, 2 * HOUR);
  for (const held of [ours, later])
    expect(await put(refusing(held))).toEqual({ route: "one", status: "taken" });
});

test.each([
  ["another record of its number", await signed("another", 5n)],
  ["a higher one", await signed("ours", 6n)],
])("a route that holds %s has outdone it", async (_, held) => {
  expect(await put(refusing(held))).toMatchObject({ status: "outdone", by: { bytes: held.bytes } });
});

test.each([
  ["nothing", undefined],
  ["an older one", await signed("ours", 4n)],
])("a route that refuses, and shows %s, has failed", async (_, held) => {
  const error = { code: "ERR_UNREACHABLE", operation: "ipns.put" };
  expect(await put(refusing(held))).toMatchObject({ route: "one", status: "failed", error });
});

test.each([
  ["could not be reached", new UnreachableError("no", { operation: "ipns.put" })],
  [
    "threw something that looks like a refusal",
    Object.assign(new Error("no"), { code: "ERR_NAME_CONFLICT" }),
  ],
])("a route that %s has failed, and is not asked what it holds", async (_, error) => {
  const route = refusing(ours, error);
  expect(await put(route)).toEqual({ route: "one", status: "failed", error });
  expect(route.gets).toBe(0);
});

test("a route that refuses has the rest of the time to show what it holds", async () => {
  const route = refusing(undefined);
  route.onGet = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return ours.bytes;
  };
  expect(await put(route)).toMatchObject({ status: "taken" });
  route.onGet = never;
  expect(await put(route, 5)).toMatchObject({ status: "failed", error: { code: "ERR_TIMEOUT" } });
});

const taken: PutOutcome = { route: "one", status: "taken" };
const failed: PutOutcome = { route: "two", status: "failed", error: new Error("no") };

test("all outcomes are waited for, or one that outdoes the record", async () => {
  const outdone: PutOutcome = { route: "three", status: "outdone", by: ours };
  expect(await enoughOutcomes([Promise.resolve(failed), Promise.resolve(taken)], 60_000)).toEqual([
    failed,
    taken,
  ]);
  expect(await enoughOutcomes([never(), Promise.resolve(outdone)], 60_000)).toEqual([outdone]);
});

test("after a route has taken the record, the others are waited for a while; after a failure, for as long as they take", async () => {
  expect(await enoughOutcomes([never(), Promise.resolve(taken)], 1)).toEqual([taken]);
  const late = deferred<PutOutcome>();
  const outcomes = enoughOutcomes([Promise.resolve(failed), late.promise], 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  late.resolve(taken);
  expect(await outcomes).toEqual([failed, taken]);
});

test("of all records that outdo one, the highest is told", async () => {
  const [low, high] = [await signed("low", 6n), await signed("high", 7n)];
  const outdone = [low, high, low].map((by): PutOutcome => ({ route: "x", status: "outdone", by }));
  expect(outdoneBy([taken, ...outdone, failed])).toBe(high);
  expect(outdoneBy([taken, failed])).toBeUndefined();
});

const asking = { milliseconds: 60_000, patienceMilliseconds: 1, isEnough: () => true };

test("the highest record that routes show is told, with what failed", async () => {
  const routes = [
    new MapRoute("one"),
    new MapRoute("two"),
    new MapRoute("three"),
    new MapRoute("four"),
  ] as const;
  const broken = new Error("no");
  const high = await signed("high", 7n);
  routes[0].held.set(name.text, ours.bytes);
  routes[1].onGet = () => Promise.reject(broken);
  routes[2].held.set(name.text, high.bytes);
  const shown = await askRoutes(routes, name, {
    ...asking,
    patienceMilliseconds: 60_000,
    signal: signalOf(),
  });
  expect(shown).toMatchObject({ record: { bytes: high.bytes }, failures: [broken] });
});

test("routes are told of a limit only if there is one", async () => {
  const route = new MapRoute();
  const limits: unknown[] = [];
  route.onGet = async (_, options) => {
    limits.push("maxBytes" in options ? options.maxBytes : "none");
    return undefined;
  };
  const signal = signalOf();
  await askRoutes([route], name, { ...asking, signal });
  await askRoutes([route], name, { ...asking, maxBytes: 7, signal });
  await askRoute(route, name, { milliseconds: 60_000, signal });
  expect(limits).toEqual(["none", 7, "none"]);
});

test("routes that are slower than another one are given up, and named", async () => {
  const [one, two] = [new MapRoute("one"), new MapRoute("two")];
  one.held.set(name.text, ours.bytes);
  two.onGet = never;
  const shown = await askRoutes([one, two], name, { ...asking, signal: signalOf() });
  expect(shown).toMatchObject({ record: { bytes: ours.bytes }, failures: [{ code: "ERR_TIMEOUT" }] });
});

test("an abort ends the asking with its own reason, whatever came", async () => {
  const controller = new AbortController();
  const route = new MapRoute();
  route.onGet = async () => {
    controller.abort("enough");
    return ours.bytes;
  };
  expect(await failure(askRoutes([route], name, { ...asking, signal: controller.signal }))).toBe("enough");
});

test("once all have ended nothing is waited for, so that a program can exit", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const route = new MapRoute();
  route.held.set(name.text, ours.bytes);
  const patient = { ...asking, patienceMilliseconds: 60_000, signal: signalOf() };
  expect(await askRoutes([route, route], name, patient)).toMatchObject({ record: { bytes: ours.bytes } });
  expect(await enoughOutcomes([Promise.resolve(taken), Promise.resolve(failed)], 60_000)).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);
});
