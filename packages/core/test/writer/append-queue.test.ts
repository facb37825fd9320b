// How appends travel to the journal together: how many, in which order, and what becomes of them if a write fails.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import type { AppendedEntry } from "../../src/journal/journal.ts";
import { capacityOf } from "../../src/log/log-limits.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { AppendQueue } from "../../src/writer/append-queue.ts";
import type { WriterState } from "../../src/writer/writer-state.ts";
import { text } from "./log-contents.ts";

const hash = new Uint8Array(32);

/** A queue whose journal takes every batch, and notes the sizes of its entries; `cuts` are the log's settings. */
function queueOf({ largest = 2 ** 24, leafSize = 1024, fanOut = 64 } = {}) {
  const groups: number[][] = [];
  const order: string[] = [];
  const journal = {
    appendOperations: vi.fn<
      (entries: readonly AppendedEntry[], after: () => CompactRange) => readonly AppendedEntry[]
    >((entries) => entries),
    write: vi.fn<(entries: readonly AppendedEntry[], durable: boolean) => Promise<void>>(
      async (entries, durable) => {
        expect(durable).toBe(true);
        groups.push(entries.map(({ content }) => content.length));
        order.push("begun");
        await new Promise((resolve) => setImmediate(resolve));
        order.push("written");
      },
    ),
  };
  const witnessed = {
    prepare: vi.fn<(tree: CompactRange) => number>((tree) => tree.size),
    appended: vi.fn<(size: number) => Promise<void>>(async (size) => void order.push(`stated ${size}`)),
  };
  const writer = {
    journal,
    witnessed,
    times: { appended: () => [] },
    tree: CompactRange.empty(),
    get size(): number {
      return this.tree.size;
    },
    genesis: { genesis: { leafSize, fanOut } },
    sealing: {
      identify: vi.fn<(sequence: number, content: Uint8Array) => object>((_, content) => {
        if (content.length === 13) throw new TypeError("an unlucky content");
        return { id: hash, localHash: hash, hash };
      }),
      contentHash: vi.fn<() => Uint8Array>(() => {
        order.push("sealed");
        return hash;
      }),
    },
    throwIfUnusable: vi.fn<() => void>(),
  };
  const scheduler = { wake: vi.fn<() => void>(() => void order.push("woken")) };
  const queue = new AppendQueue(writer as unknown as WriterState, { largest, scheduler: scheduler as never });
  const append = (...lengths: number[]) => queue.append(lengths.map((length) => new Uint8Array(length)));
  return { queue, append, groups, order, journal, witnessed, writer, scheduler };
}

const sequences = (entries: readonly AppendedEntry[]) => entries.map(({ sequence }) => sequence);

test("entries are durable, stated, and then acknowledged, and remotes are told", async () => {
  const { append, order, writer } = queueOf();
  const appended = await append(1, 2).then((entries) => {
    order.push("acknowledged");
    return entries;
  });
  expect(sequences(appended)).toEqual([0, 1]);
  // To seal is most of the work, and the disk is busy meanwhile.
  expect(order).toEqual(["begun", "sealed", "sealed", "written", "stated 2", "woken", "acknowledged"]);
  expect(writer.tree.size).toBe(2);
});

test("each entry is sealed for its own place in the log, also in a group and after others", async () => {
  const { append, writer } = queueOf();
  await Promise.all([append(1, 2), append(3, 4)]);
  await append(5);
  expect(writer.sealing.identify.mock.calls.map(([sequence, { length }]) => [sequence, length])).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 5],
  ]);
});

test("with a few entries the tree before them is saved, which nothing waits for; with many, their own", async () => {
  const { append, order, journal, writer } = queueOf();
  const sizes: number[] = [];
  journal.appendOperations.mockImplementation((entries, tree) => {
    sizes.push(tree().size, tree().size);
    return entries;
  });
  await append(1, 2);
  expect(order).toEqual(["begun", "sealed", "sealed", "written", "stated 2", "woken"]);
  for (const count of [255, 256]) await append(...Array.from({ length: count }, () => 0));
  expect(sizes).toEqual([0, 0, 2, 2, 513, 513]);
  expect(writer.tree.size).toBe(513);
});

test("if the disk and what is done meanwhile both fail, one error is told, and none is left unheard", async () => {
  const { append, journal, witnessed } = queueOf();
  const unheard = vi.fn<(error: unknown) => void>();
  process.on("unhandledRejection", unheard);
  const meanwhile = new Error("the witness can't be prepared");
  witnessed.prepare.mockImplementationOnce(() => {
    throw meanwhile;
  });
  // No mock, which would listen itself.
  Object.assign(journal, { write: () => Promise.reject(new Error("No space left on device")) });
  expect(await failure(append(1))).toBe(meanwhile);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", unheard);
  expect(unheard).not.toHaveBeenCalled();
  // Whether the entry is on disk is not known.
  expect(await failure(append(2))).toBe(meanwhile);
});

test("4,096 entries share a write, and no more; one append of more is not divided", async () => {
  const counts = async (...sizes: number[]): Promise<number[]> => {
    const { append, groups } = queueOf();
    await Promise.all(sizes.map((size) => append(...Array.from({ length: size }, () => 0))));
    return groups.map(({ length }) => length);
  };
  expect(await counts(4000, 96)).toEqual([4096]);
  expect(await counts(4000, 97, 3)).toEqual([4000, 100]);
  expect(await counts(4097, 1)).toEqual([4097, 1]);
});

test("eight mebibytes share a write, and no more; one content of more is not divided", async () => {
  const half = 4 * 2 ** 20;
  const sizes = async (...lengths: number[]): Promise<number[][]> => {
    const { append, groups } = queueOf();
    await Promise.all(lengths.map((length) => append(length)));
    return groups;
  };
  expect(await sizes(half, half)).toEqual([[half, half]]);
  expect(await sizes(half, half + 1)).toEqual([[half], [half + 1]]);
  expect(await sizes(half, half, 1)).toEqual([[half, half], [1]]);
  expect(await sizes(3 * half, 1)).toEqual([[3 * half], [1]]);
});

test("a content as large as is allowed is taken, and one byte more is refused at once", async () => {
  const { queue, append, groups } = queueOf({ largest: 100 });
  await append(100);
  expect(() => append(101)).toThrow(expect.objectContaining({ code: "ERR_TOO_LARGE", limit: 100 }));
  expect(() => append(1, 101)).toThrow(expect.objectContaining({ code: "ERR_TOO_LARGE" }));
  expect(() => queue.append(["text" as unknown as Uint8Array])).toThrow(TypeError);
  expect(groups).toEqual([[100]]);
});

test("a buffer that is used again after the call changes nothing", async () => {
  for (const buffer of [text("before"), Buffer.from("before")]) {
    const { queue } = queueOf();
    const appending = queue.append([buffer]);
    buffer.fill(0);
    expect((await appending)[0]!.content).toEqual(text("before"));
  }
});

test("a content that this log can't take fails its own caller alone", async () => {
  const { append, groups, writer } = queueOf();
  const all = await Promise.allSettled([append(1), append(2, 13), append(3)]);
  expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(groups).toEqual([[1, 3]]);
  // The numbers of what was refused are given to what comes after it.
  expect(sequences((all[2] as PromiseFulfilledResult<readonly AppendedEntry[]>).value).at(-1)).toBe(
    writer.tree.size - 1,
  );
});

test("if nothing of a group can be taken, nothing is written", async () => {
  const { append, journal } = queueOf();
  await failure(append(13));
  expect(journal.write).not.toHaveBeenCalled();
});

test("a log is filled up to its last entry", async () => {
  const { append, writer } = queueOf({ leafSize: 1, fanOut: 2 });
  const full = capacityOf({ leafSize: 1, fanOut: 2 });
  writer.tree = CompactRange.fromHashes(
    full - 2,
    Array.from({ length: (full - 2).toString(2).replaceAll("0", "").length }, () => hash),
  );
  expect(await failure(append(1, 1, 1))).toMatchObject({
    code: "ERR_TOO_LARGE",
    reason: "log-full",
    limit: full,
    message: expect.stringContaining(`${full - 2} entries and holds at most ${full}`),
  });
  await append(1, 1);
  expect(writer.tree.size).toBe(full);
  expect(await failure(append(1))).toMatchObject({ reason: "log-full" });
});

test.each(["write", "appended"] as const)(
  "after a failure (%s) nothing more is acknowledged: what is on disk is not known",
  async (step) => {
    const { append, journal, witnessed, writer, scheduler } = queueOf();
    await append(1);
    scheduler.wake.mockClear();
    const broken = new Error("No space left on device");
    (step === "write" ? journal.write : witnessed.appended).mockRejectedValueOnce(broken);
    const all = await Promise.allSettled([append(1), append(2)]);
    expect(all).toEqual([
      { status: "rejected", reason: broken },
      { status: "rejected", reason: broken },
    ]);
    const calls = journal.write.mock.calls.length;
    expect(await failure(append(3))).toBe(broken);
    expect(journal.write).toHaveBeenCalledTimes(calls);
    expect(writer.tree.size).toBe(1);
    expect(scheduler.wake).not.toHaveBeenCalled();
  },
);

test("a writer that can't be used refuses, and takes entries again once it can", async () => {
  const { append, writer } = queueOf();
  const closed = new Error("closed");
  writer.throwIfUnusable.mockImplementationOnce(() => {
    throw closed;
  });
  expect(await failure(append(1))).toBe(closed);
  await append(1);
  expect(writer.tree.size).toBe(1);
});

test("everything that was handed in has settled when that is waited for", async () => {
  const { queue, append, journal } = queueOf();
  await queue.settled();
  const done: string[] = [];
  journal.write.mockImplementation(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    // More comes while the first is written.
    if (done.push("written") === 1) void append(2);
  });
  void append(1);
  await queue.settled();
  expect(done).toEqual(["written", "written"]);
});

test("while entries are replaced appends wait, and continue from the tree that is there then", async () => {
  const { queue, append, writer, groups } = queueOf();
  await append(1, 1, 1);
  const replaced = CompactRange.empty();
  replaced.appendLeaf(hash);
  let end: () => void = () => undefined;
  const before = append(5);
  const rewriting = queue.replace(async (tree) => {
    // What was handed in before is there.
    expect(tree.size).toBe(4);
    await new Promise<void>((resolve) => (end = resolve));
    return { tree: replaced, more: "result" };
  });
  await before;
  await new Promise((resolve) => setImmediate(resolve));
  const after = append(7);
  await new Promise((resolve) => setImmediate(resolve));
  expect(groups).toEqual([[1, 1, 1], [5]]);
  end();
  expect(await rewriting).toEqual({ tree: replaced, more: "result" });
  expect(sequences(await after)).toEqual([1]);
  expect(writer.tree.size).toBe(2);
});

test("entries that can't be replaced leave the tree as it was, and appends continue", async () => {
  const { queue, append, writer } = queueOf();
  await append(1);
  const broken = new Error("broken");
  const rewriting = failure(queue.replace(() => Promise.reject(broken)));
  const after = append(2);
  expect(await rewriting).toBe(broken);
  expect(sequences(await after)).toEqual([1]);
  expect(writer.tree.size).toBe(2);
});

test("a change is made between the appends before and after it, alone, and each of them is written", async () => {
  const { append, groups, order, queue, writer, scheduler } = queueOf();
  const manifests = {
    change: async (make: (content: object) => object): Promise<boolean> => {
      order.push(`changed ${JSON.stringify(make({ firstKept: 1 }))}`);
      return true;
    },
  };
  Object.assign(writer, { manifests });
  const change = () => queue.change((content, size) => ({ ...content, snapshot: size }));
  const all = await Promise.all([append(1), change(), append(2), append(3), change(), change(), append(4)]);
  expect(all.map((one) => one === true || sequences(one as never)[0])).toEqual([
    0,
    true,
    1,
    2,
    true,
    true,
    3,
  ]);
  expect(groups).toEqual([[1], [2, 3], [4]]);
  expect(order.filter((what) => /begun|changed/.test(what))).toEqual([
    "begun",
    'changed {"firstKept":1,"snapshot":1}',
    "begun",
    ...['changed {"firstKept":1,"snapshot":3}', 'changed {"firstKept":1,"snapshot":3}'],
    "begun",
  ]);
  expect(scheduler.wake).toHaveBeenCalledTimes(6);
});

test("a key that is due changes before the entries are sealed", async () => {
  const { append, order, writer } = queueOf();
  const rotateIfDue = vi.fn<(size: number) => Promise<void>>(async () => void order.push("rotated"));
  Object.assign(writer, { epochs: { rotateIfDue } });
  await append(1, 2);
  await append(3);
  expect(rotateIfDue.mock.calls).toEqual([[0], [2]]);
  expect(order.filter((what) => /rotated|begun/.test(what))).toEqual([
    "rotated",
    "begun",
    "rotated",
    "begun",
  ]);
});
