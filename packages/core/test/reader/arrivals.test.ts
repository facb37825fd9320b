// The pages in which arrivals are kept: what a note writes and reads, what two readers of a store do to each other, and what a look costs.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { memoryReaderStore, type ReaderStore } from "../../src/index.ts";
import { Arrivals } from "../../src/reader/arrivals.ts";

const NOW = 5_000;
const FULL = 256;

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => void vi.useRealTimers());

/** A store with these records, which says what was read and written, and lets a test do something before each write. */
function storing(records: Readonly<Record<string, unknown>> = {}) {
  const values = new Map<string, Uint8Array>();
  const put = (name: string, value: unknown): void =>
    void values.set(`log/${name}`, new TextEncoder().encode(JSON.stringify(value)));
  for (const [name, value] of Object.entries(records)) put(name, value);
  const inner = memoryReaderStore({ values });
  const [reads, writes]: [string[], string[]] = [[], []];
  const watch = { beforeWrite: (_write: number): void => undefined };
  const store: ReaderStore = {
    ...inner,
    get: (key, options) => {
      reads.push(key.slice(4));
      return inner.get(key, options);
    },
    compareAndSet: (key, ...rest) => {
      writes.push(key.slice(4));
      watch.beforeWrite(writes.length);
      return inner.compareAndSet(key, ...rest);
    },
  };
  const held = (name: string): unknown => {
    const bytes = values.get(`log/${name}`);
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as unknown);
  };
  return { arrivals: new Arrivals(store, "log"), reads, writes, watch, put, held };
}

/** The states of sizes 1…count, each at the time of its size. */
const page = (count: number, first = 1): [number, number][] =>
  Array.from({ length: count }, (_, i) => [first + i, first + i]);

test("the first entry of a log has a time, and an empty log none", async () => {
  const { arrivals, writes, held } = storing();
  await arrivals.note(0, 0, {});
  expect(writes).toEqual([]);
  expect(await arrivals.of(0, {})).toBeUndefined();
  await arrivals.note(1, 0, {});
  expect(held("arrivals/0")).toEqual([[1, NOW]]);
  expect([await arrivals.of(0, {}), await arrivals.of(1, {})]).toEqual([NOW, undefined]);
});

test("what was verified before anything was noted came at a time that is not known", async () => {
  const { arrivals, held } = storing();
  await arrivals.note(2, 1, {});
  expect(held("arrivals/0")).toEqual([
    [1, null],
    [2, NOW],
  ]);
  expect([await arrivals.of(0, {}), await arrivals.of(1, {})]).toEqual([undefined, NOW]);
  const same = storing();
  await same.arrivals.note(2, 2, {});
  expect(same.held("arrivals/0")).toEqual([[2, null]]);
});

test("what was verified before counts no more once something was noted", async () => {
  for (const records of [{ "arrivals/0": [[1, 7]] }, { arrivals: [0, 1], "arrivals/0": [[1, 7]] }]) {
    const { arrivals, held } = storing(records);
    await arrivals.note(9, 8, {});
    expect([await arrivals.of(0, {}), await arrivals.of(1, {})]).toEqual([7, NOW]);
    expect(JSON.stringify([held("arrivals/0"), held("arrivals/1") ?? []])).not.toContain("null");
  }
});

test("a note of a size that is noted, or smaller, writes nothing and keeps the first time", async () => {
  const { arrivals, writes, reads } = storing({ "arrivals/0": page(9) });
  for (const size of [9, 3, 9]) await arrivals.note(size, 0, {});
  expect([writes, reads]).toEqual([[], ["arrivals", "arrivals/0"]]);
  expect(await arrivals.of(8, {})).toBe(9);
});

test("each further state costs one write, and no read", async () => {
  const { arrivals, writes, reads, held } = storing();
  for (const size of [3, 5, 5, 9]) await arrivals.note(size, 0, {});
  expect(writes).toEqual(["arrivals/0", "arrivals/0", "arrivals/0"]);
  expect(reads).toEqual(["arrivals", "arrivals/0"]);
  expect(held("arrivals/0")).toEqual([3, 5, 9].map((size) => [size, NOW]));
  expect([await arrivals.of(0, {}), await arrivals.of(8, {}), reads.length]).toEqual([NOW, NOW, 2]);
});

test("a page takes 256 states, and then the next one begins where it ends", async () => {
  const { arrivals, writes, held } = storing({ "arrivals/0": page(FULL - 1) });
  await arrivals.note(FULL, 0, {});
  expect([held("arrivals/0"), held("arrivals")]).toEqual([[...page(FULL - 1), [FULL, NOW]], undefined]);
  await arrivals.note(FULL, 0, {});
  await arrivals.note(FULL + 5, 0, {});
  expect(held("arrivals")).toEqual([0, FULL]);
  expect(held("arrivals/1")).toEqual([[FULL + 5, NOW]]);
  expect(writes).toEqual(["arrivals/0", "arrivals", "arrivals/1"]);
  expect(await arrivals.of(FULL - 2, {})).toBe(FULL - 1);
  expect([await arrivals.of(FULL - 1, {}), await arrivals.of(FULL, {})]).toEqual([NOW, NOW]);
});

test("a full page that says it all is not followed by another one", async () => {
  const { arrivals, writes } = storing({ "arrivals/0": page(FULL) });
  await arrivals.note(FULL, 0, {});
  expect(writes).toEqual([]);
});

test("a page that was begun by a process that ended then is filled, and says nothing of what is in the one before", async () => {
  const { arrivals, writes, held } = storing({ arrivals: [0, FULL], "arrivals/0": page(FULL) });
  await arrivals.note(FULL, 0, {});
  expect(writes).toEqual([]);
  await arrivals.note(FULL + 1, 0, {});
  expect(held("arrivals/1")).toEqual([[FULL + 1, NOW]]);
});

test("if another reader notes a state first, its time stays, and a larger one is noted after it", async () => {
  for (const [theirs, ours] of [
    [9, undefined],
    [12, undefined],
    [5, NOW],
  ] as const) {
    const { arrivals, put, held, watch } = storing();
    watch.beforeWrite = (write) => {
      if (write === 1) put("arrivals/0", [[theirs, 77]]);
    };
    await arrivals.note(9, 0, {});
    expect(held("arrivals/0")).toEqual(
      ours
        ? [
            [5, 77],
            [9, NOW],
          ]
        : [[theirs, 77]],
    );
    expect(await arrivals.of(8, {})).toBe(ours ?? 77);
  }
});

test("if another reader begins a page first, that one is filled", async () => {
  const { arrivals, put, held, watch } = storing({ "arrivals/0": page(FULL) });
  watch.beforeWrite = (write) => {
    if (write > 1) return;
    put("arrivals", [0, FULL]);
    put("arrivals/1", [[FULL + 1, 77]]);
  };
  await arrivals.note(FULL + 2, 0, {});
  expect(held("arrivals")).toEqual([0, FULL]);
  expect(held("arrivals/1")).toEqual([
    [FULL + 1, 77],
    [FULL + 2, NOW],
  ]);
});

const threePages = {
  ...{ arrivals: [0, 100, 200] },
  ...{ "arrivals/0": page(100), "arrivals/1": page(100, 101), "arrivals/2": page(50, 201) },
};

test("an entry is looked for in its page alone, which is read once, and one page is kept", async () => {
  const { arrivals, reads } = storing(threePages);
  const times = async (...sequences: number[]) => {
    reads.length = 0;
    const found: (number | undefined)[] = [];
    for (const sequence of sequences) found.push(await arrivals.of(sequence, {}));
    return [found, [...reads]];
  };
  expect(await times(0)).toEqual([[1], ["arrivals", "arrivals/0"]]);
  expect(await times(1, 99)).toEqual([[2, 100], []]);
  expect(await times(100, 199)).toEqual([[101, 200], ["arrivals/1"]]);
  expect(await times(99)).toEqual([[100], ["arrivals/0"]]);
  expect(await times(200, 249)).toEqual([[201, 250], ["arrivals/2"]]);
});

test("what is not known yet is looked for in the store each time: another reader may have noted it", async () => {
  const { arrivals, reads, put } = storing(threePages);
  expect(await arrivals.of(249, {})).toBe(250);
  reads.length = 0;
  expect(await arrivals.of(250, {})).toBeUndefined();
  expect(reads).toEqual(["arrivals", "arrivals/2"]);
  put("arrivals/2", page(51, 201));
  expect(await arrivals.of(250, {})).toBe(251);
  put("arrivals", [0, 100, 200, 251]);
  put("arrivals/3", [[300, 77]]);
  expect(await arrivals.of(299, {})).toBe(77);
  // A time that nobody knows is known to be unknown.
  const unknown = storing({ "arrivals/0": [[5, null]] });
  expect(await unknown.arrivals.of(4, {})).toBeUndefined();
  unknown.reads.length = 0;
  expect(await unknown.arrivals.of(3, {})).toBeUndefined();
  expect(unknown.reads).toEqual([]);
});

test.each(["arrivals", "arrivals/0"])(
  "a record that is no list is damage, told by its name: %s",
  async (name) => {
    for (const look of [
      (arrivals: Arrivals) => arrivals.note(1, 0, {}),
      (arrivals: Arrivals) => arrivals.of(0, {}),
    ]) {
      const { arrivals } = storing({ [name]: {} });
      await expect(look(arrivals)).rejects.toMatchObject({
        code: "ERR_JOURNAL_CORRUPT",
        message: expect.stringContaining(`(${name})`),
      });
    }
  },
);

test("a signal that has fired ends a note and a look with its reason", async () => {
  const { arrivals } = storing(threePages);
  const signal = AbortSignal.abort("gave up");
  await expect(arrivals.note(300, 0, { signal })).rejects.toBe("gave up");
  await expect(arrivals.of(0, { signal })).rejects.toBe("gave up");
});
