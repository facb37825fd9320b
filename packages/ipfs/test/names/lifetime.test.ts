import { getEventListeners } from "node:events";
import { ipnsNames } from "@remote-log/ipfs";
import { memoryStorage } from "@remote-log/memory";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { alice, opened } from "../opened-names.ts";
import { record } from "../records.ts";
import { never } from "../routes-in-memory.ts";

const name = alice.name.text;
const reason = new Error("gave up");

test("an abort ends every operation at once with the signal's own reason, whatever the route does", async () => {
  const { names, route } = opened();
  route.onGet = never;
  route.onPut = never;
  const sent = await record(alice, bytes("x"));
  for (const operate of [
    (signal: AbortSignal) => names.resolve(name, { signal }),
    (signal: AbortSignal) => names.record(name, { signal }),
    (signal: AbortSignal) => names.putRecord(name, sent, { signal }),
    (signal: AbortSignal) => names.update(name, bytes("x"), { expected: null, signal }),
  ]) {
    const controller = new AbortController();
    const before = route.gets + route.puts.length;
    const ending = failure(operate(controller.signal));
    await expect.poll(() => route.gets + route.puts.length).toBeGreaterThan(before);
    controller.abort(reason);
    expect(await ending).toBe(reason);
    expect(await failure(operate(AbortSignal.abort(reason)))).toBe(reason);
    expect(getEventListeners(controller.signal, "abort").length).toBe(0);
  }
});

test("an aborted update ends what is under way on the routes", async () => {
  const { names, route } = opened();
  let signal: AbortSignal | undefined;
  route.onPut = (_name, _record, options) => {
    ({ signal } = options);
    return never();
  };
  const controller = new AbortController();
  const ending = failure(names.update(name, bytes("x"), { expected: null, signal: controller.signal }));
  await expect.poll(() => route.puts.length).toBe(1);
  controller.abort(reason);
  expect(await ending).toBe(reason);
  expect(signal?.reason).toBe(reason);
});

test("a signal that outlives many operations keeps no listener", async () => {
  const { names } = opened();
  const { signal } = new AbortController();
  let expected: string | null = null;
  for (let i = 0; i < 20; i++) {
    expected = await names.update(name, bytes(`${i}`), { expected, signal });
    await names.resolve(name, { signal });
    await names.record(name, { signal });
  }
  expect(getEventListeners(signal, "abort").length).toBe(0);
});

test("close ends what is under way and refuses the rest, twice as well as once; the storage stays open", async () => {
  const { names, route, storage } = opened();
  route.onGet = never;
  const resolving = failure(names.resolve(name));
  await expect.poll(() => route.gets).toBe(1);
  await Promise.all([names.close(), names.close()]);
  await names.close();
  expect(await resolving).toMatchObject({ code: "ERR_CLOSED" });
  const sent = await record(alice, bytes("x"));
  for (const operate of [
    () => names.resolve(name),
    () => names.record(name),
    () => names.putRecord(name, sent),
    () => names.update(name, bytes("x"), { expected: null }),
    () => names.nameOf(name),
  ]) {
    expect(await failure(operate())).toMatchObject({ code: "ERR_CLOSED" });
  }
  expect([route.gets, route.puts.length, route.closed]).toEqual([1, 0, 1]);
  await storage.put(bytes("still open"));
});

test("a route that can't be closed keeps nobody from closing the others", async () => {
  const { route } = opened();
  const bad = { name: "bad", get: async () => undefined, close: () => Promise.reject(new Error("no")) };
  await ipnsNames({ storage: memoryStorage(), routes: [bad, route] }).close();
  expect(route.closed).toBe(1);
});
