// What every cache promises, as checks that run anywhere: in Node.js under vitest, and in a browser.

import type { ReaderCache } from "@remote-log/core";

/** How a cache is opened: each call on the same place, unless another one is named. */
export interface CachePlace {
  /** Opens it; `bytes` is how much it holds. */
  readonly open: (place: string, bytes: number) => ReaderCache;
  /** Lets some time pass, so that what is used now is used later than before. */
  readonly later: () => Promise<void>;
}

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

/**
 * Runs all checks.
 *
 * @returns what was wrong, with the name of the check; empty if nothing was
 */
export async function cacheFaults({ open, later }: CachePlace): Promise<string[]> {
  const faults: string[] = [];
  const check = async (name: string, run: (expect: (what: string, ok: boolean) => void) => Promise<void>) => {
    try {
      await run((what, ok) => {
        if (!ok) faults.push(`${name}: ${what}`);
      });
    } catch (error) {
      faults.push(`${name}: ${String(error)}`);
    }
  };
  const has = async (cache: ReaderCache, key: string): Promise<boolean> =>
    (await cache.get(key)) !== undefined;
  const is = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
    a?.length === b.length && a.every((one, i) => one === b[i]);

  await check("values", async (expect) => {
    const cache = open("values", 10_000);
    expect("nothing there", !(await has(cache, "a")));
    await cache.put("a", bytes(3, 1));
    expect("what was put", is(await cache.get("a"), bytes(3, 1)));
    await cache.put("a", bytes(5, 2));
    expect("what was put last", is(await cache.get("a"), bytes(5, 2)));
    await cache.put("empty", bytes(0, 0));
    expect("an empty value", is(await cache.get("empty"), bytes(0, 0)));
    for (const key of ["a/b", "../a", "", "é\0", "x".repeat(5000), "A", "__proto__"]) {
      await cache.put(key, new TextEncoder().encode(key));
      expect(
        `any text is a key: ${key.slice(0, 9)}`,
        is(await cache.get(key), new TextEncoder().encode(key)),
      );
    }
    expect("no two keys are one", is(await cache.get("a"), bytes(5, 2)));
    await cache.delete("a");
    await cache.delete("a");
    expect("what was removed", !(await has(cache, "a")));
  });

  await check("instances", async (expect) => {
    const [one, other] = [open("instances", 10_000), open("instances", 10_000)];
    await one.put("a", bytes(3, 1));
    await one.put("kept", bytes(3, 1), { keep: true });
    expect("another one sees it", is(await other.get("a"), bytes(3, 1)));
    expect("and what is to stay", is(await other.get("kept"), bytes(3, 1)));
    await other.delete("a");
    expect("and removes it", !(await has(one, "a")));
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).put("b", bytes(100, i))));
    const last = await one.get("b");
    expect("one of several that were put at once", last?.length === 100 && last.every((x) => x === last[0]));
  });

  await check("buffers", async (expect) => {
    const cache = open("buffers", 10_000);
    const given = bytes(10, 1).subarray(2, 8);
    const putting = cache.put("a", given);
    given.fill(9);
    await putting;
    const first = (await cache.get("a"))!;
    expect("a copy of what was given", is(first, bytes(6, 1)));
    first.fill(7);
    expect("a copy of what is kept", is(await cache.get("a"), bytes(6, 1)));
  });

  await check("bounds", async (expect) => {
    const cache = open("bounds", 1000);
    for (let i = 0; i < 30; i++) await cache.put(`value ${i}`, bytes(100, i));
    let held = 0;
    for (let i = 0; i < 30; i++) held += (await cache.get(`value ${i}`))?.length ?? 0;
    expect(`no more than it may hold: ${held}`, held <= 1000);
    expect("most of what it may hold", held >= 700);
    expect("the newest", await has(cache, "value 29"));
    await cache.put("large", bytes(1001, 1));
    expect("not what is larger than all of it", !(await has(cache, "large")));
    expect("which evicts nothing", await has(cache, "value 29"));
    await cache.put("value 29", bytes(1001, 1));
    expect("nor the former value in its place", !(await has(cache, "value 29")));
    await cache.put("whole", bytes(1000, 1));
    expect("what fills it", await has(cache, "whole"));
  });

  await check("eviction", async (expect) => {
    const cache = open("eviction", 1000);
    for (let i = 0; i < 9; i++) await cache.put(`value ${i}`, bytes(100, i));
    await later();
    await cache.get("value 0");
    await later();
    for (let i = 9; i < 14; i++) await cache.put(`value ${i}`, bytes(100, i));
    expect("what was used lately stays", await has(cache, "value 0"));
    expect("what was not goes", !(await has(cache, "value 1")));
    for (let i = 0; i < 20; i++) {
      await cache.put("same", bytes(300, i));
      await cache.delete("other");
    }
    expect("a value in the place of its former one takes no more room", await has(cache, "value 13"));
  });

  await check("what is to stay", async (expect) => {
    const cache = open("keep", 1000);
    await cache.put("kept", bytes(50, 1), { keep: true });
    await later();
    for (let i = 0; i < 30; i++) await cache.put(`value ${i}`, bytes(100, i));
    expect("stays", is(await cache.get("kept"), bytes(50, 1)));
    await cache.put("kept", bytes(60, 2), { keep: true });
    expect("gives way to what is put", is(await cache.get("kept"), bytes(60, 2)));
    await cache.put("kept", bytes(70, 3));
    expect("also to what need not stay", is(await cache.get("kept"), bytes(70, 3)));
    await later();
    for (let i = 0; i < 30; i++) await cache.put(`value ${i}`, bytes(100, i));
    expect("which goes", !(await has(cache, "kept")));
    await cache.put("value 29", bytes(10, 9), { keep: true });
    expect("a value may be kept later", is(await cache.get("value 29"), bytes(10, 9)));
    await cache.delete("value 29");
    expect("and removed", !(await has(cache, "value 29")));
  });

  await check("signals", async (expect) => {
    const cache = open("signals", 1000);
    const controller = new AbortController();
    const reason = new Error("enough");
    controller.abort(reason);
    const { signal } = controller;
    const refused = async (work: Promise<unknown>): Promise<boolean> =>
      work.then(
        () => false,
        (error: unknown) => error === reason,
      );
    expect("of get", await refused(cache.get("a", { signal })));
    expect("of put", await refused(cache.put("a", bytes(1, 1), { signal })));
    expect("of delete", await refused(cache.delete("a", { signal })));
    expect("nothing was put", !(await has(cache, "a")));
  });
  return faults;
}
