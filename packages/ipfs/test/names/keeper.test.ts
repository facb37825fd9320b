import { UnreachableError } from "@remote-log/core";
import { ipnsNames, type KeepPass, keepName, keepNameOnce } from "@remote-log/ipfs";
import { memoryStorage } from "@remote-log/memory";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { alice } from "../opened-names.ts";
import { foreignRecord, HOUR, record } from "../records.ts";
import { MapRoute } from "../routes-in-memory.ts";

const name = alice.name.text;

/** A machine without the key, on two routes. */
function keeper() {
  const routes = [new MapRoute("one"), new MapRoute("two")] as const;
  const names = ipnsNames({ storage: memoryStorage(), routes });
  return { names, routes };
}

/** The next pass of a keeper. */
async function next(passes: AsyncGenerator<KeepPass>): Promise<KeepPass> {
  const { value } = await passes.next();
  return value as KeepPass;
}

test("a keeper puts the record, unchanged and without the key, on every route", async () => {
  const { names, routes } = keeper();
  const sent = await foreignRecord(alice, "/ipns/example.org", { sequence: 3n });
  routes[0].held.set(name, sent);
  const kept = await keepNameOnce({ names, name });
  expect(kept.routes).toEqual([
    { route: "one", status: "taken" },
    { route: "two", status: "taken" },
  ]);
  expect(routes.map(({ puts }) => puts)).toEqual([[sent], [sent]]);
  expect(kept.record.expires).toBeGreaterThan(Date.now());
});

test("a keeper puts the highest record of all routes, again and again", async () => {
  const { names, routes } = keeper();
  const [one, two, three] = await Promise.all(
    [1n, 2n, 3n].map((sequence) => record(alice, bytes(`${sequence}`), { sequence })),
  );
  routes[0].held.set(name, one!);
  routes[1].held.set(name, two!);
  const passes = keepName({ names, name, everyMilliseconds: 1 });
  expect(await next(passes)).toMatchObject({ status: "kept", record: { sequence: 2n } });
  expect(routes[0].held.get(name)).toEqual(two);
  routes[1].held.set(name, three!);
  expect(await next(passes)).toMatchObject({ status: "kept", record: { sequence: 3n } });
  await passes.return(undefined as never);
});

test("within one run a keeper puts no older record than it saw, and the one it saw where it was forgotten", async () => {
  const { names, routes } = keeper();
  const [older, newer] = await Promise.all(
    [1n, 2n].map((sequence) => record(alice, bytes(`${sequence}`), { sequence })),
  );
  routes[0].held.set(name, newer!);
  const passes = keepName({ names, name, everyMilliseconds: 1 });
  await next(passes);
  for (const shown of [older, undefined]) {
    for (const { held } of routes) {
      held.clear();
      if (shown !== undefined) held.set(name, shown);
    }
    expect(await next(passes)).toMatchObject({ status: "kept", record: { sequence: 2n } });
    expect(routes.map(({ held }) => held.get(name))).toEqual([newer, newer]);
  }
});

test("within one run a keeper puts the record again where it was forgotten, also while another route is down", async () => {
  const { names, routes } = keeper();
  const [up, down] = routes;
  const sent = await record(alice, bytes("x"));
  up.held.set(name, sent);
  const passes = keepName({ names, name, everyMilliseconds: 1 });
  await next(passes);
  const away = new UnreachableError("away", { operation: "test" });
  down.onGet = () => Promise.reject(away);
  down.onPut = () => Promise.reject(away);
  up.held.clear();
  expect(await next(passes)).toMatchObject({
    status: "kept",
    routes: [{ status: "taken" }, { status: "failed", error: away }],
  });
  expect(up.held.get(name)).toEqual(sent);
});

test("a pass that failed does not end a keeper, and the next one is not far off", async () => {
  const { names, routes } = keeper();
  const away = new UnreachableError("away", { operation: "test.get" });
  for (const route of routes) route.onGet = () => Promise.reject(away);
  const passes = keepName({ names, name, everyMilliseconds: 1 });
  expect(await next(passes)).toEqual({ status: "failed", error: away });
  for (const route of routes) route.onGet = undefined;
  expect(await next(passes)).toMatchObject({ status: "failed", error: { code: "ERR_NOT_FOUND" } });
  routes[0].held.set(name, await record(alice, bytes("x")));
  expect(await next(passes)).toMatchObject({ status: "kept" });
});

test("an expired record is put nowhere, and the keeper says that only its writer can help", async () => {
  const { names, routes } = keeper();
  routes[0].held.set(name, await record(alice, bytes("x"), { lifetimeMilliseconds: -5 * HOUR }));
  const error = await failure(keepNameOnce({ names, name }));
  expect(error).toMatchObject({ code: "ERR_STALE", operation: "ipns.keep", reason: "expired" });
  expect(error.message).toMatch(/5 hours ago.*writer/);
  expect(error.message).toContain("by the clock of this machine");
  expect(routes.map(({ puts }) => puts.length)).toEqual([0, 0]);
});

test("one route is enough; a record that none takes is a failure", async () => {
  const { names, routes } = keeper();
  routes[0].held.set(name, await record(alice, bytes("x")));
  const away = new UnreachableError("away", { operation: "test.put" });
  routes[0].onPut = () => Promise.reject(away);
  expect((await keepNameOnce({ names, name })).routes).toEqual([
    { route: "one", status: "failed", error: away },
    { route: "two", status: "taken" },
  ]);
  routes[1].onPut = () => Promise.reject(away);
  expect(await failure(keepNameOnce({ names, name }))).toBe(away);
});

test("the signal ends a keeper with its reason, in a pass and between two", async () => {
  const { names, routes } = keeper();
  routes[0].held.set(name, await record(alice, bytes("x")));
  const reason = new Error("enough");
  const waiting = new AbortController();
  const between = keepName({ names, name, signal: waiting.signal });
  await next(between);
  const ending = failure(between.next());
  waiting.abort(reason);
  expect(await ending).toBe(reason);
  const working = new AbortController();
  routes[0].onGet = () => new Promise(() => undefined);
  const within = failure(keepName({ names, name, signal: working.signal }).next());
  await expect.poll(() => routes[0].gets).toBeGreaterThan(1);
  working.abort(reason);
  expect(await within).toBe(reason);
});

test("what no waiting mends ends a keeper: a wrong name, closed names, no route that publishes", async () => {
  const { names } = keeper();
  expect(await failure(keepName({ names, name: "k51" }).next())).toMatchObject({ code: "ERR_INVALID_INPUT" });
  for (const everyMilliseconds of [0, 2 ** 31, Number.NaN]) {
    const passes = keepName({ names, name, everyMilliseconds });
    expect(await failure(passes.next())).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
  await names.close();
  expect(await failure(keepName({ names, name }).next())).toMatchObject({ code: "ERR_CLOSED" });
  const held = await record(alice, bytes("x"));
  const mute = ipnsNames({ storage: memoryStorage(), routes: [{ name: "mirror", get: async () => held }] });
  expect(await failure(keepName({ names: mute, name }).next())).toMatchObject({ code: "ERR_UNSUPPORTED" });
});
