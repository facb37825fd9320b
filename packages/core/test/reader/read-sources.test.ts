// Reading a stretch from several sources: what one can't give another gives, and nothing is delivered unasked.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test, vi } from "vitest";
import { NoKeyError, NotFoundError } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import type { NewestState } from "../../src/reader/newest-state.ts";
import { askSources, readSources } from "../../src/reader/read-sources.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { kindsOf } from "./forger.ts";
import { ScriptedStorage } from "./scripted-remote.ts";
import { contents, smallCuts, type WrittenLog, writeLog } from "./written-log.ts";

/** Five pages of four entries, and one entry in the head. */
const SIZE = 21;

let log: WrittenLog;
let pages: string[];

beforeAll(async () => {
  log = await writeLog(contents(SIZE), { settings: smallCuts, publishAt: [10] });
  pages = [...kindsOf(log)].filter(([, kind]) => kind === "page").map(([text]) => text);
  const view = await sourceOf([]);
  // By number.
  pages = await Promise.all(Array.from({ length: 5 }, async (_, i) => `${(await view.ref(0, i)).address}`));
});

const storages = new WeakMap<TreeView, ScriptedStorage>();

/** A source that lacks some pages. */
async function sourceOf(lacking: readonly number[], size = SIZE): Promise<TreeView> {
  const lost = lacking.map((index) => pages[index]!);
  const storage = new ScriptedStorage(new Map([...log.contents].filter(([text]) => !lost.includes(text))));
  const head = await verifyHead(log.heads.get(size)!, log.logId);
  const view = new TreeView(
    head,
    storage,
    { ...defaultLimits, readAhead: 1 } as never,
    new AbortController().signal,
  );
  storages.set(view, storage);
  return view;
}

/** What the state of a reader says to each delivery; `mays` whether entries may be delivered at once. */
function newestState(mays = true) {
  return {
    throwIfForked: vi.fn<() => void>(),
    mayDeliver: vi.fn<(sequence: number, epoch: number) => boolean>(() => mays),
    deliverFrom: vi.fn<(view: TreeView, epoch: number) => Promise<void>>(async () => undefined),
    checkStore: vi.fn<(signal: AbortSignal) => Promise<void>>(async () => undefined),
  };
}

async function read(
  sources: readonly TreeView[],
  stretch: { readonly from: number; readonly to: number },
  newest = newestState(),
  controller = new AbortController(),
) {
  const found: number[] = [];
  let error: unknown;
  const all = { sources, newest: newest as unknown as NewestState, epoch: 7, limits: defaultLimits };
  try {
    for await (const { sequence, content } of readSources(all, stretch, controller.signal)) {
      expect(content).toEqual(log.entries[sequence]);
      found.push(sequence);
      if (controller.signal.aborted) continue;
    }
  } catch (reason) {
    error = reason;
  }
  return { found, error };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const missing = expect.objectContaining({ code: "ERR_NOT_FOUND" });

test("a stretch comes from the first source alone, if that has it", async () => {
  const [first, second] = [await sourceOf([]), await sourceOf([])];
  expect(await read([first, second], { from: 3, to: 18 })).toEqual({ found: range(3, 18), error: undefined });
  expect(storages.get(second)!.reads).toEqual([]);
  expect(await read([first], { from: 5, to: 5 })).toEqual({ found: [], error: undefined });
});

test("if one source fails, the next continues, and the first is asked again after that", async () => {
  for (const lacking of [
    [[0], []],
    [
      [1, 3],
      [0, 2],
    ],
    [[0, 1, 2, 3], [4]],
    [[2], [1, 3], [0, 4]],
  ]) {
    const sources = await Promise.all(lacking.map((some) => sourceOf(some)));
    expect(await read(sources, { from: 0, to: SIZE })).toEqual({ found: range(0, SIZE), error: undefined });
  }
});

test("an entry that no source has ends the stretch with what the last one answered", async () => {
  const sources = await Promise.all([[1, 2], [2], [2]].map((some) => sourceOf(some)));
  expect(await read(sources, { from: 0, to: SIZE })).toEqual({ found: range(0, 8), error: missing });
  const last = new NotFoundError("the last", { operation: "storage.get" });
  storages.get(sources[2]!)!.before = () => Promise.reject(last);
  expect((await read(sources, { from: 8, to: SIZE })).error).toBe(last);
});

test("if the reader has no key, no other source is asked: none has another one", async () => {
  const sources = [await sourceOf([]), await sourceOf([])];
  const noKey = new NoKeyError("no key", { operation: "reader.read", reason: "no-key" });
  storages.get(sources[0]!)!.before = () => Promise.reject(noKey);
  expect(await read(sources, { from: 0, to: SIZE })).toEqual({ found: [], error: noKey });
  expect(storages.get(sources[1]!)!.reads).toEqual([]);
});

test("a smaller source gives what it has, and is no failure", async () => {
  const [small, whole] = [await sourceOf([], 10), await sourceOf([0, 1])];
  expect(await read([small, whole], { from: 0, to: SIZE })).toEqual({
    found: range(0, SIZE),
    error: undefined,
  });
  expect(await read([whole, small], { from: 0, to: SIZE })).toEqual({
    found: range(0, SIZE),
    error: undefined,
  });
  const alone = await read([small], { from: 0, to: SIZE });
  expect(alone).toMatchObject({
    found: range(0, 10),
    error: { code: "ERR_NOT_FOUND", operation: "reader.read" },
  });
  expect((await read([], { from: 0, to: 1 })).error).toMatchObject({ code: "ERR_NOT_FOUND" });
});

test("what was not delivered before is asked for each entry, with the state that it comes from", async () => {
  const newest = newestState(false);
  newest.mayDeliver.mockImplementation((sequence) => sequence < 2);
  const source = await sourceOf([]);
  expect((await read([source], { from: 0, to: 4 }, newest)).found).toEqual([0, 1, 2, 3]);
  expect(newest.mayDeliver.mock.calls).toEqual(range(0, 4).map((sequence) => [sequence, 7]));
  expect(newest.deliverFrom.mock.calls).toEqual([
    [source, 7],
    [source, 7],
  ]);
});

test("what may not be delivered is not, and nothing of a log that forked", async () => {
  const frozen = new Error("forked");
  const refusing = newestState(false);
  refusing.deliverFrom.mockRejectedValue(frozen);
  expect(await read([await sourceOf([])], { from: 0, to: 4 }, refusing)).toEqual({
    found: [],
    error: frozen,
  });
  for (const check of ["throwIfForked", "checkStore"] as const) {
    const newest = newestState();
    newest[check].mockImplementation(() => {
      throw frozen;
    });
    expect(await read([await sourceOf([])], { from: 0, to: 4 }, newest)).toEqual({
      found: [],
      error: frozen,
    });
  }
});

test("a source whose state may not be delivered gives way to the next, from the same entry on", async () => {
  const newest = newestState(false);
  const [first, second] = [await sourceOf([]), await sourceOf([])];
  newest.mayDeliver.mockImplementation((sequence) => sequence !== 2);
  newest.deliverFrom.mockImplementation(async (view) => {
    if (view === first) throw new Error("gave way");
  });
  expect(await read([first, second], { from: 0, to: 8 }, newest)).toEqual({
    found: range(0, 8),
    error: undefined,
  });
  expect(newest.deliverFrom.mock.calls.map(([view]) => view)).toEqual([first, second]);
});

test("after an abort no entry is delivered, though it was read ahead, and no other source is asked", async () => {
  const controller = new AbortController();
  const newest = newestState();
  newest.mayDeliver.mockImplementation((sequence) => {
    if (sequence === 1) controller.abort("gave up");
    return true;
  });
  const [first, second] = [await sourceOf([]), await sourceOf([])];
  expect(await read([first, second], { from: 0, to: 4 }, newest, controller)).toEqual({
    found: [0, 1],
    error: "gave up",
  });
  expect(storages.get(second)!.reads).toEqual([]);
});

const ask = (
  sources: readonly TreeView[],
  size: number,
  asked: (view: TreeView) => Promise<string>,
  newest = newestState(),
  signal = new AbortController().signal,
) =>
  askSources(
    { sources, newest: newest as unknown as NewestState, epoch: 7, limits: defaultLimits },
    size,
    signal,
    asked,
  );

test("a question goes to one source after the other that is large enough, until one answers", async () => {
  const [small, first, second, third] = [
    await sourceOf([], 10),
    await sourceOf([]),
    await sourceOf([]),
    await sourceOf([]),
  ];
  const newest = newestState();
  const asked: TreeView[] = [];
  const answer = await ask(
    [small, first, second, third],
    SIZE,
    async (view) => {
      asked.push(view);
      if (view === first) throw new Error("no");
      return "the answer";
    },
    newest,
  );
  expect(answer).toBe("the answer");
  expect(asked).toEqual([first, second]);
  expect(newest.checkStore).toHaveBeenCalledTimes(1);
  expect(newest.deliverFrom.mock.calls).toEqual([[second, 7]]);
  // As many entries as are needed are enough.
  expect(await ask([small], 10, async () => "small")).toBe("small");
});

test("if no source answers, the last failure is told; what may not be delivered is a failure, too", async () => {
  const [first, second] = [await sourceOf([]), await sourceOf([])];
  const failures = [new Error("first"), new Error("second")];
  expect(
    await failure(
      ask([first, second], 1, async (view) => {
        throw view === first ? failures[0]! : failures[1]!;
      }),
    ),
  ).toBe(failures[1]);
  const newest = newestState();
  const gaveWay = new Error("gave way");
  newest.deliverFrom.mockRejectedValue(gaveWay);
  expect(await failure(ask([first], 1, async () => "answer", newest))).toBe(gaveWay);
  const frozen = new Error("forked");
  newest.checkStore.mockRejectedValue(frozen);
  expect(await failure(ask([first], 1, () => expect.unreachable(), newest))).toBe(frozen);
});

test("after an abort no further source is asked", async () => {
  const controller = new AbortController();
  const [first, second] = [await sourceOf([]), await sourceOf([])];
  const asked: TreeView[] = [];
  const asking = ask(
    [first, second],
    1,
    async (view) => {
      asked.push(view);
      controller.abort("gave up");
      throw new Error("aborted");
    },
    newestState(),
    controller.signal,
  );
  expect(await failure(asking)).toBe("gave up");
  expect(asked).toEqual([first]);
});
