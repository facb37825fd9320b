// The store on a database in browsers, where each tab has a database object of its own on the same data.

import { MemoryLevel } from "memory-level";
import { afterEach, expect, test, vi } from "vitest";
import { databaseReaderStore, type KeyValueDatabase } from "../../src/index.ts";

afterEach(() => vi.unstubAllGlobals());

/** Locks as browsers have them: one holder of a name at a time, in the order of the requests. */
class Locks {
  readonly names: string[] = [];
  readonly #last = new Map<string, Promise<unknown>>();

  request<T>(name: string, { signal }: { signal?: AbortSignal }, callback: () => Promise<T>): Promise<T> {
    this.names.push(name);
    const held = (this.#last.get(name) ?? Promise.resolve()).then(() => {
      signal?.throwIfAborted();
      return callback();
    });
    this.#last.set(
      name,
      held.catch(() => undefined),
    );
    return held;
  }
}

/** Two database objects on the same data, as two tabs have them. */
function twoTabs(): readonly KeyValueDatabase[] {
  const shared = new MemoryLevel<Uint8Array, Uint8Array>();
  const tab = (): KeyValueDatabase => ({
    status: "open",
    open: () => shared.open(),
    close: () => shared.close(),
    get: (...call) => shared.get(...call),
    batch: (...call) => shared.batch(...call),
    iterator: (...call) => shared.iterator(...call),
    ...{ location: "store", namePrefix: "level-js-" },
  });
  return [tab(), tab()];
}

test.each([
  ["with Web Locks one of two tabs sets its value", true, 1],
  ["without them both would, which is why insecure contexts need one reader alone", false, 2],
])("%s", async (_what, hasLocks, winners) => {
  const locks = new Locks();
  vi.stubGlobal("navigator", hasLocks ? { locks } : {});
  const stores = twoTabs().map(databaseReaderStore);
  const calls = stores.map((store, i) => store.compareAndSet("key", undefined, Uint8Array.of(i)));
  expect((await Promise.all(calls)).filter(Boolean).length).toBe(winners);
  expect(new Set(locks.names)).toEqual(new Set(hasLocks ? ["remote-log:reader-store:level-js-store"] : []));
});

test("a call that waits for another tab can be aborted", async () => {
  const locks = new Locks();
  vi.stubGlobal("navigator", { locks });
  const [store] = twoTabs().map(databaseReaderStore);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const holding = locks.request("remote-log:reader-store:level-js-store", {}, () => held);
  const controller = new AbortController();
  const waiting = store!.put("key", Uint8Array.of(1), { signal: controller.signal });
  const reason = new Error("gave up");
  controller.abort(reason);
  release();
  await expect(waiting).rejects.toBe(reason);
  await holding;
  expect(await store!.get("key")).toBeUndefined();
});

test("a lock has the name of the database; one without a name, as in memory, needs none", async () => {
  const locks = new Locks();
  vi.stubGlobal("navigator", { locks });
  const [tab] = twoTabs();
  for (const [more, expected] of [
    [{ namePrefix: undefined }, ["remote-log:reader-store:store"]],
    [{ location: undefined, namePrefix: undefined }, []],
  ] as const) {
    locks.names.length = 0;
    const store = databaseReaderStore(Object.assign({ ...tab! }, more));
    await store.put("key", Uint8Array.of(1));
    expect([locks.names, await store.get("key")]).toEqual([expected, Uint8Array.of(1)]);
  }
});
