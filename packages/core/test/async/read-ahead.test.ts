import { tick, unhandledDuring } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { readAhead } from "../../src/async/read-ahead.ts";

/** Reads that end when the test says so; `begun` has the items in the order in which they were begun. */
function reads() {
  const begun: number[] = [];
  const ends: ((value: string) => void)[] = [];
  const read = (item: number): Promise<string> => {
    begun.push(item);
    return new Promise((resolve) => (ends[item] = resolve));
  };
  return { begun, ends, read };
}

test("as many reads as the width are under way, and the results come in the order of the items", async () => {
  const { begun, ends, read } = reads();
  const results = readAhead([0, 1, 2, 3], 2, read);
  const first = results.next();
  await tick();
  expect(begun).toEqual([0, 1]);
  ends[1]!("one");
  await tick();
  // What waits to be taken counts, too.
  expect(begun).toEqual([0, 1]);
  ends[0]!("zero");
  expect(await first).toEqual({ done: false, value: "zero" });
  const rest = (async () => {
    const all: string[] = [];
    for await (const value of results) all.push(value);
    return all;
  })();
  await tick();
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[3]!("three");
  ends[2]!("two");
  expect(await rest).toEqual(["one", "two", "three"]);
});

test("what is there without waiting is given at once, and nothing is read ahead for it", async () => {
  const begun: number[] = [];
  const results = readAhead([0, 1, 2], 9, (item) => {
    begun.push(item);
    return item;
  });
  expect(await results.next()).toEqual({ done: false, value: 0 });
  expect(begun).toEqual([0]);
});

test("what is there without waiting does not overtake what is read before it", async () => {
  const { ends, read } = reads();
  const results = readAhead([0, 1, 2], 9, (item) => (item === 0 ? read(item) : `${item}`));
  const first = results.next();
  await tick();
  ends[0]!("zero");
  expect((await first).value).toBe("zero");
  expect([(await results.next()).value, (await results.next()).value]).toEqual(["1", "2"]);
});

test("a failure comes at its place, and is nobody's unhandled rejection until then", async () => {
  const unhandled = await unhandledDuring(async () => {
    const { ends, read } = reads();
    const results = readAhead([0, 1], 2, (item) => (item === 0 ? read(0) : Promise.reject(new Error("no"))));
    const first = results.next();
    await tick();
    ends[0]!("zero");
    expect(await first).toEqual({ done: false, value: "zero" });
    await tick();
    await expect(results.next()).rejects.toThrow("no");
  });
  expect(unhandled).toEqual([]);
});

test("a source of items that fails ends the stream after what came before", async () => {
  async function* items(): AsyncGenerator<number> {
    yield 0;
    throw new Error("no more");
  }
  const results = readAhead(items(), 9, async (item) => item);
  expect(await results.next()).toEqual({ done: false, value: 0 });
  await expect(results.next()).rejects.toThrow("no more");
});

test("whoever leaves the stream ends the source of items", async () => {
  let isEnded = false;
  function* items(): Generator<number> {
    try {
      for (let item = 0; ; item++) yield item;
    } finally {
      isEnded = true;
    }
  }
  for await (const _ of readAhead(items(), 2, async (item) => item)) break;
  expect(isEnded).toBe(true);
});
