import { DeniedError, NameConflictError, TooLargeError, UnreachableError } from "@remote-log/core";
import { type IpnsNamesOptions, ipnsNames } from "@remote-log/ipfs";
import { memoryStorage } from "@remote-log/memory";
import { bytes, failure } from "@remote-log/test-kit";
import { describe, expect, test } from "vitest";
import { LARGEST_RECORD } from "../../src/record/ipns-record.ts";
import { alice, bob } from "../opened-names.ts";
import { addressFor, foreignRecord, HOUR, record } from "../records.ts";
import { deferred, MapRoute, never, sequenceOf } from "../routes-in-memory.ts";

const name = alice.name.text;

/** Names over some routes. */
function over(count: number, options: Partial<IpnsNamesOptions> = {}) {
  const routes = Array.from({ length: count }, (_, i) => new MapRoute(`route ${i}`));
  const storage = memoryStorage();
  const names = ipnsNames({ storage, routes, nameKey: alice.seed, patienceMilliseconds: 10, ...options });
  return { routes: routes as [MapRoute, MapRoute, MapRoute], names, storage };
}

const unreachable = new UnreachableError("no answer", { operation: "test.get" });
const denied = new DeniedError("you may not", { operation: "test.get" });

describe("reading", () => {
  test("the highest record of all routes wins, in whatever order they answer", async () => {
    for (const sequences of [
      [1n, 3n, 2n],
      [3n, 2n, 1n],
      [2n, 1n, 3n],
    ]) {
      const { routes, names } = over(3, { patienceMilliseconds: 5_000 });
      for (const [i, sequence] of sequences.entries()) {
        routes[i]!.held.set(name, await record(alice, bytes(`number ${sequence}`), { sequence }));
      }
      expect(await names.resolve(name)).toMatchObject({ content: bytes("number 3") });
    }
  });

  test.each([
    ["a record of another name", async () => record(bob, bytes("of bob"), { sequence: 99n })],
    ["a record with a bit flipped", async () => flipped(await record(alice, bytes("x"), { sequence: 99n }))],
    ["half a record", async () => (await record(alice, bytes("x"), { sequence: 99n })).subarray(0, 120)],
    ["5 MB of anything", async () => new Uint8Array(5_000_000).fill(0x42)],
    ["nothing but noise", async () => bytes("!doctype html")],
  ])("a route that shows %s is not believed, and alone it is an error and no absence", async (_what, lie) => {
    const { routes, names } = over(2);
    routes[0].onGet = lie;
    expect(await failure(names.resolve(name))).toHaveProperty(
      "code",
      expect.stringMatching(/^ERR_(INTEGRITY|TOO_LARGE)$/),
    );
    routes[1].held.set(name, await record(alice, bytes("true"), { sequence: 1n }));
    expect(await names.resolve(name)).toMatchObject({ content: bytes("true") });
  });

  test("a route that shows a network's login page is not believed, and alone it is out of reach", async () => {
    const { routes, names } = over(2);
    routes[0].onGet = async () => bytes("<!doctype html>");
    expect(await failure(names.resolve(name))).toMatchObject({ code: "ERR_UNREACHABLE", reason: "web-page" });
    routes[1].held.set(name, await record(alice, bytes("true"), { sequence: 1n }));
    expect(await names.resolve(name)).toMatchObject({ content: bytes("true") });
  });

  test("a route that shows an older record is outvoted, and alone it is stale", async () => {
    const { routes, names } = over(2);
    const older = await record(alice, bytes("older"), { sequence: 1n });
    routes[0].onGet = async () => older;
    routes[1].held.set(name, await record(alice, bytes("newer"), { sequence: 2n }));
    const found = await names.resolve(name);
    expect(found).toMatchObject({ content: bytes("newer") });
    routes[1].onGet = () => Promise.reject(unreachable);
    expect(await failure(names.resolve(name))).toMatchObject({ code: "ERR_STALE" });
  });

  test("an expired record that is the highest is stale, also beside a valid lower one", async () => {
    const { routes, names } = over(2, { acceptExpired: false });
    routes[0].held.set(name, await record(alice, bytes("9"), { sequence: 9n, lifetimeMilliseconds: -HOUR }));
    routes[1].held.set(name, await record(alice, bytes("1"), { sequence: 1n }));
    expect(await failure(names.resolve(name))).toMatchObject({ code: "ERR_STALE" });
  });

  test("once one route has shown a record the others have some patience left, and no more", async () => {
    const { routes, names } = over(2);
    routes[0].held.set(name, await record(alice, bytes("here"), {}));
    let ended = false;
    routes[1].onGet = (_name, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => {
          ended = true;
          reject(signal.reason as Error);
        });
      });
    expect(await names.resolve(name)).toMatchObject({ content: bytes("here") });
    expect(ended).toBe(true);
    const patient = over(2, { patienceMilliseconds: 60_000 });
    patient.routes[0].held.set(name, await record(alice, bytes("first"), { sequence: 1n }));
    const slow = deferred<Uint8Array>();
    patient.routes[1].onGet = () => slow.promise;
    const resolving = patient.names.resolve(name);
    await expect.poll(() => patient.routes[1].gets).toBe(1);
    slow.resolve(await record(alice, bytes("slow and newer"), { sequence: 2n }));
    expect(await resolving).toMatchObject({ content: bytes("slow and newer") });
  });

  test.each([
    ["none", async () => undefined],
    ["a lie", async () => bytes("noise")],
    ["an old record", async () => record(alice, bytes("old"), { sequence: 4n })],
    [
      "an expired one",
      async () => record(alice, bytes("past"), { sequence: 5n, lifetimeMilliseconds: -HOUR }),
    ],
  ])("nobody's patience is used up by an answer that is of no use: %s", async (_what, useless) => {
    const { routes, names } = over(2, { patienceMilliseconds: 0, acceptExpired: false });
    const known = `5-${await addressFor(bytes("x"))}`;
    const slow = deferred<Uint8Array>();
    let answered = false;
    routes[0].onGet = async () => {
      const shown = await useless();
      answered = true;
      return shown;
    };
    routes[1].onGet = () => slow.promise;
    const resolving = names.resolve(name, { known });
    await expect.poll(() => answered).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    slow.resolve(await record(alice, bytes("newest"), { sequence: 6n }));
    expect(await resolving).toMatchObject({ content: bytes("newest") });
  });

  test("a route that never answers, and hears no signal, holds nobody longer than its time", async () => {
    const { routes, names } = over(2, { routeMilliseconds: 30 });
    routes[0].onGet = never;
    expect(await failure(names.resolve(name))).toMatchObject({ code: "ERR_TIMEOUT", retry: "safe" });
    routes[1].held.set(name, await record(alice, bytes("here")));
    expect(await names.resolve(name)).toMatchObject({ status: "found" });
  });

  test("a name is absent only where every route says so", async () => {
    const { routes, names } = over(2);
    expect(await names.resolve(name)).toEqual({ status: "absent" });
    routes[1].onGet = () => Promise.reject(denied);
    expect(await failure(names.resolve(name))).toBe(denied);
    expect(await failure(names.record(name))).toBe(denied);
  });

  test("where all routes fail, the failure after which it may be tried again is told", async () => {
    const { routes, names } = over(2);
    routes[0].onGet = () => Promise.reject(denied);
    routes[1].onGet = () => Promise.reject(unreachable);
    expect(await failure(names.resolve(name))).toBe(unreachable);
  });

  test("a record that is too large for who asks is refused while it is read", async () => {
    const { routes, names } = over(1);
    routes[0].held.set(name, await record(alice, new Uint8Array(3_000)));
    const limits: (number | undefined)[] = [];
    const get = routes[0].get.bind(routes[0]);
    routes[0].get = (of, options) => {
      limits.push(options.maxBytes);
      const limit = options.maxBytes ?? LARGEST_RECORD;
      if (limit < 3_000) throw new TooLargeError("too large", { operation: "test.get", limit });
      return get(of, options);
    };
    const error = await failure(names.resolve(name, { maxBytes: 100 }));
    expect(error).toMatchObject({ code: "ERR_TOO_LARGE", limit: 100 });
    expect(limits[0]).toBeLessThan(3_000);
    expect(await failure(names.resolve(name, { maxBytes: 2_999 }))).toMatchObject({ limit: 2_999 });
    expect(await names.resolve(name, { maxBytes: 3_000 })).toMatchObject({ status: "found" });
  });

  test("record waits for every route, however slow, and gives the highest", async () => {
    const { routes, names } = over(2, { patienceMilliseconds: 0 });
    routes[0].held.set(name, await record(alice, bytes("fast"), { sequence: 1n }));
    const slow = deferred<Uint8Array>();
    routes[1].onGet = () => slow.promise;
    const reading = names.record(name);
    await expect.poll(() => routes[1].gets).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    slow.resolve(await record(alice, bytes("slow"), { sequence: 2n }));
    expect(await reading).toMatchObject({ sequence: 2n });
  });
});

describe("publishing", () => {
  test("an update has succeeded when one route took it; a slow one continues in the background", async () => {
    const { routes, names } = over(2);
    const slow = deferred();
    let signal: AbortSignal | undefined;
    routes[1].onPut = async (of, sent, options) => {
      ({ signal } = options);
      await slow.promise;
      await routes[1].take(of, sent);
    };
    const caller = new AbortController();
    await names.update(name, bytes("one"), { expected: null, signal: caller.signal });
    caller.abort(new Error("too late to have any effect"));
    expect([routes[0].held.size, routes[1].held.size, signal?.aborted]).toEqual([1, 0, false]);
    slow.resolve();
    await expect.poll(() => routes[1].held.get(name)).toEqual(routes[0].held.get(name));
  });

  test("what continues in the background ends with the next update, and when the names are closed", async () => {
    const { routes, names } = over(2);
    const signals: (AbortSignal | undefined)[] = [];
    routes[1].onPut = (_name, _record, options) => {
      signals.push(options.signal);
      return never();
    };
    const expected = await names.update(name, bytes("one"), { expected: null });
    expect(signals[0]?.aborted).toBe(false);
    await names.update(name, bytes("two"), { expected });
    expect([signals[0]?.aborted, signals[1]?.aborted]).toEqual([true, false]);
    await names.close();
    expect(signals[1]?.aborted).toBe(true);
  });

  test("an update fails where no route took it, and is safe to try again", async () => {
    const { routes, names } = over(2);
    routes[0].onPut = () => Promise.reject(denied);
    routes[1].onPut = () => Promise.reject(unreachable);
    expect(await failure(names.update(name, bytes("one"), { expected: null }))).toBe(unreachable);
    routes[1].onPut = undefined;
    expect(await names.update(name, bytes("one"), { expected: null })).toMatch(/^0-/);
  });

  test("a route that shows a newer record makes it a conflict, although another took it", async () => {
    const { routes, names } = over(2, { patienceMilliseconds: 5_000 });
    routes[1].held.set(name, await record(alice, bytes("theirs"), { sequence: 8n }));
    const updating = names.update(name, bytes("ours"), { expected: null });
    expect(await failure(updating)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
    // What was seen there counts from now on.
    routes[1].held.clear();
    expect(await failure(names.resolve(name))).toMatchObject({ code: "ERR_STALE" });
  });

  test("a newer record on one route ends an update at once, however slow the others are", async () => {
    const { routes, names } = over(2, { patienceMilliseconds: 60_000 });
    routes[0].held.set(name, await record(alice, bytes("theirs"), { sequence: 8n }));
    routes[1].onPut = never;
    const updating = names.update(name, bytes("ours"), { expected: null });
    expect(await failure(updating)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  });

  test("a route that refuses a record above its own has failed, and shows no conflict", async () => {
    const { routes, names } = over(1);
    routes[0].held.set(name, await record(alice, bytes("one"), { sequence: 1n }));
    routes[0].onPut = async () => {
      throw new NameConflictError("no", { operation: "test.put" });
    };
    const expected = `1-${await addressFor(bytes("one"))}`;
    const updating = names.update(name, bytes("two"), { expected });
    expect(await failure(updating)).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  });

  test("a route that only says that it has a newer one is not believed", async () => {
    const { routes, names } = over(2);
    const refuse = routes[1].take.bind(routes[1]);
    routes[1].held.set(name, await record(alice, bytes("theirs"), { sequence: 8n }));
    routes[1].onPut = refuse;
    for (const lie of [
      undefined,
      flipped(await record(alice, bytes("x"), { sequence: 9n })),
      await record(bob, bytes("x"), { sequence: 9n }),
    ]) {
      routes[1].onGet = async () => lie;
      expect(await names.update(name, bytes("ours"), { expected: null })).toMatch(/^0-/);
    }
    routes[0].onPut = () => Promise.reject(denied);
    const alone = failure(names.update(name, bytes("ours"), { expected: null }));
    expect(await alone).not.toMatchObject({ code: "ERR_NAME_CONFLICT" });
  });

  test("a route that never answers holds an update no longer than its time", async () => {
    const { routes, names } = over(1, { publishMilliseconds: 30 });
    routes[0].onPut = never;
    const updating = names.update(name, bytes("one"), { expected: null });
    expect(await failure(updating)).toMatchObject({ code: "ERR_TIMEOUT", retry: "safe" });
  });

  test("routes that can only be read are not published on; with no others it is unsupported", async () => {
    const both = over(1);
    const readOnly = { name: "a mirror", get: async () => undefined };
    const names = ipnsNames({
      storage: both.storage,
      routes: [readOnly, both.routes[0]],
      nameKey: alice.seed,
    });
    expect(await names.update(name, bytes("one"), { expected: null })).toMatch(/^0-/);
    const mute = ipnsNames({ storage: memoryStorage(), routes: [readOnly], nameKey: alice.seed });
    const updating = mute.update(name, bytes("one"), { expected: null });
    expect(await failure(updating)).toMatchObject({ code: "ERR_UNSUPPORTED", reason: "read-only" });
    expect(await failure(mute.putRecord(name, await record(alice, bytes("x"))))).toMatchObject({
      code: "ERR_UNSUPPORTED",
    });
  });

  test("putRecord puts foreign records unchanged on every route, and tells what became of them", async () => {
    const { routes, names } = over(3);
    const theirs = await foreignRecord(alice, "/ipns/example.org", { sequence: 2n });
    routes[1].onPut = () => Promise.reject(denied);
    expect(await names.putRecord(name, theirs)).toEqual([
      { route: "route 0", status: "taken" },
      { route: "route 1", status: "failed", error: denied },
      { route: "route 2", status: "taken" },
    ]);
    expect([routes[0].held.get(name), routes[2].held.get(name)]).toEqual([theirs, theirs]);
    await names.putRecord(name, theirs);
    expect(routes.map(({ puts }) => puts.length)).toEqual([2, 2, 2]);
  });

  test("putRecord sends nothing that is not of the name, has expired, or is older than what was seen", async () => {
    const { routes, names } = over(1);
    const refused = async (sent: Uint8Array, code: string) =>
      expect(await failure(names.putRecord(name, sent))).toMatchObject({ code });
    await refused(await record(bob, bytes("x")), "ERR_INTEGRITY");
    await refused(bytes("noise"), "ERR_INTEGRITY");
    await refused(new Uint8Array(LARGEST_RECORD + 1), "ERR_TOO_LARGE");
    await refused(await record(alice, bytes("x"), { lifetimeMilliseconds: -HOUR }), "ERR_STALE");
    routes[0].held.set(name, await record(alice, bytes("new"), { sequence: 2n }));
    await names.resolve(name);
    await refused(await record(alice, bytes("old"), { sequence: 1n }), "ERR_NAME_CONFLICT");
    expect(routes[0].puts).toEqual([]);
    expect(sequenceOf(routes[0].held.get(name)!)).toBe(2n);
  });
});

function flipped(good: Uint8Array): Uint8Array {
  const bad = Uint8Array.from(good);
  bad[100]! ^= 1;
  return bad;
}
