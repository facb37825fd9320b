// What one mirroring does around the copy of a tree: tries, names that others set meanwhile, and which trees are taken.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { ClosedError, NotFoundError, UnreachableError } from "../../src/index.ts";
import type { Pair } from "../../src/log/pair.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import type { Call } from "../writer/wrapped-remote.ts";
import { rewritten } from "./rewritten-log.ts";
import { expectWhole, logAt, makeTarget, mirrorFrom, type Target } from "./target.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const SIZE = 13;
const OLDER = 5;
const silent = new UnreachableError("no answer", { operation: "storage.put", retry: "safe" });

let log: WrittenLog;
const removed = (pair: Pair): Pair => ({ ...pair, place: { kind: "removed" } });

beforeAll(async () => {
  log = await writeLog(contents(SIZE), { settings: foldingCuts, publishAt: [OLDER, 9] });
});

// Every wait between tries ends at once.
beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
});

/** A target that notes its calls, and where a test may step in. */
function noting(
  before: (call: Call, target: Target) => void | Promise<void> = () => undefined,
  like?: Target,
) {
  const calls: Call[] = [];
  const target: Target = makeTarget({
    ...(like && { like }),
    around: async (call, proceed) => {
      calls.push(call);
      await before(call, target);
      return proceed();
    },
  });
  const count = (...kinds: Call["kind"][]): number => calls.filter(({ kind }) => kinds.includes(kind)).length;
  return { target, calls, count };
}

/** The log as a source shows it that removed some contents; and where contents are that are objects of their own. */
async function strippedOf(of: WrittenLog, isRemoved: (sequence: number) => boolean) {
  const places = new Map<number, string>();
  const tree = await rewritten(of, (pair, i) => {
    if (pair.place.kind === "pointer") places.set(i, `${pair.place.address}`);
    return isRemoved(i) ? removed(pair) : pair;
  });
  for (const [i, place] of places) if (isRemoved(i)) tree.contents.delete(place);
  return { tree, places };
}

/** Sets the name of a target as somebody else does, to a state that they have mirrored there. */
async function othersSet(target: Target, size: number): Promise<void> {
  const other = makeTarget();
  await mirrorFrom(logAt(log, size), other);
  for (const [text, bytes] of other.contents) target.contents.set(text, bytes);
  const { revision = "0" } = target.table.values.get(log.logId) ?? {};
  target.table.values.set(log.logId, { ...other.table.values.get(log.logId)!, revision: `${revision}+` });
}

test("a request to the target is repeated four times unless another number is asked for", async () => {
  for (const [retries, tries] of [
    [undefined, 5],
    [0, 1],
    [2, 3],
  ] as const) {
    for (const kind of ["resolve", "put", "update"] as const) {
      const { target, count } = noting((call) => {
        if (call.kind === kind) throw silent;
      });
      const options = { retries, concurrency: 1 } as { retries: number };
      expect(await failure(mirrorFrom(log, target, options))).toBe(silent);
      const asked = count(kind);
      if (kind === "put") expect(asked % tries).toBe(0);
      else expect(asked).toBe(tries);
    }
  }
});

test("the failure of one request does not use up those of another", async () => {
  const failed = new Set<string>();
  const { target } = noting((call) => {
    const key = call.kind === "put" ? `${call.content}` : call.kind;
    if (failed.has(key)) return;
    failed.add(key);
    throw silent;
  });
  expect(await mirrorFrom(log, target, { retries: 4 })).toMatchObject({ name: "updated", missing: [] });
  await expectWhole(target, log);
});

test("a first pass asks the target for nothing; a pass after others set the name takes what is there", async () => {
  const plain = noting();
  await mirrorFrom(log, plain.target);
  expect(plain.count("get", "has")).toBe(0);
  const puts = plain.count("put");

  let came = 0;
  const disturbed = noting(async ({ kind }, target) => {
    if (kind === "update" && came++ === 0) await othersSet(target, OLDER);
  });
  expect(await mirrorFrom(log, disturbed.target)).toMatchObject({ name: "updated" });
  expect(disturbed.count("update")).toBe(2);
  expect(disturbed.count("put")).toBe(puts);
  await expectWhole(disturbed.target, log);
});

test("a name that was set while the copy was made is looked into before it is set again", async () => {
  let came = 0;
  const { target, count } = noting(async ({ kind }, target) => {
    if (kind === "put" && came++ === 0) await othersSet(target, OLDER);
  });
  expect(await mirrorFrom(log, target)).toMatchObject({ name: "updated" });
  // It was seen before it was set: one update, and a second pass, which asks for what is there.
  expect([count("update"), count("get") > 0]).toEqual([1, true]);
  await expectWhole(target, log);
});

test("a newer state that comes meanwhile is left, whatever the sources lack", async () => {
  const older = logAt(log, 9);
  for (const when of ["put", "update"] as const) {
    let came = 0;
    const { target } = noting(async ({ kind }, target) => {
      if (kind === when && came++ === 0) await othersSet(target, SIZE);
    });
    expect(await mirrorFrom(older, target)).toMatchObject({ name: "newer", size: 9 });
    await expectWhole(target, log);
  }
  const whole = makeTarget();
  await mirrorFrom(log, whole);
  const stripped = await rewritten(older, removed);
  const result = await mirrorFrom(older, whole, { from: [scriptedRemote(stripped.contents, stripped.head)] });
  expect(result).toMatchObject({ name: "newer", size: 9 });
});

test("what a newer state lacks, and the sources, too, is told and refuses nothing", async () => {
  const older = logAt(log, 9);
  const target = makeTarget();
  await mirrorFrom(log, target);
  const { tree, places } = await strippedOf(older, (i) => i === 3);
  target.contents.delete(places.get(3)!);
  const from = [scriptedRemote(tree.contents, tree.head)];
  expect(await mirrorFrom(older, target, { from })).toMatchObject({
    name: "newer",
    missing: [{ from: 3, to: 4 }],
  });
});

test("a copy that has one entry more than the target is a gain, and one that has none is not", async () => {
  for (const left of [1, 0]) {
    const { tree } = await strippedOf(log, (i) => i >= left);
    const target = makeTarget();
    const result = mirrorFrom(log, target, { from: [scriptedRemote(tree.contents, tree.head)] });
    if (left === 0) expect(await failure(result)).toMatchObject({ code: "ERR_WITHHELD" });
    else expect(await result).toMatchObject({ name: "updated", missingEntries: SIZE - 1 });
    expect(target.table.values.has(log.logId)).toBe(left > 0);
  }
});

test("a name that is gone meanwhile is set", async () => {
  const older = noting();
  await mirrorFrom(logAt(log, OLDER), older.target);
  const { target } = noting(({ kind }, { table }) => {
    if (kind === "put") table.values.delete(log.logId);
  }, older.target);
  expect(await mirrorFrom(log, target)).toMatchObject({ name: "updated", missing: [] });
  await expectWhole(target, log);
});

test("after five names that others set it gives up, and may be called again", async () => {
  let size = 0;
  const { target, count } = noting(async ({ kind }, target) => {
    if (kind === "update") await othersSet(target, size++ % 2 === 0 ? OLDER : 9);
  });
  const error = await failure(mirrorFrom(log, target));
  expect(error).toMatchObject({
    code: "ERR_UNREACHABLE",
    retry: "safe",
    message: expect.stringContaining("5 attempts"),
  });
  expect(count("update")).toBe(5);
});

test("what is no head of the log is not taken as known, and nothing is stored", async () => {
  for (const known of [new Uint8Array(3), (await writeLog(contents(2))).head]) {
    const { target, count } = noting();
    expect(await failure(mirrorFrom(log, target, { known }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
      message: expect.stringContaining("`known` is not a head"),
    });
    expect(count("put")).toBe(0);
  }
});

test("a head that is known belongs to the caller, who may change it meanwhile", async () => {
  const older = noting();
  const { head } = await mirrorFrom(logAt(log, 9), older.target);
  const known = head.slice();
  const { target } = noting(({ kind }) => {
    if (kind === "put") known.fill(0);
  }, older.target);
  expect(await mirrorFrom(log, target, { known })).toMatchObject({ name: "updated", missing: [] });
  await expectWhole(target, log);
});

test("a name that shows less of the same state is set to the best, whatever was known before", async () => {
  const stripped = await rewritten(log, (pair, i) => (i === 0 ? removed(pair) : pair));
  const target = makeTarget();
  await mirrorFrom({ ...stripped, logId: log.logId }, target);
  const { head: known } = await mirrorFrom(logAt(log, OLDER), makeTarget());
  for (const [text, bytes] of log.contents) target.contents.set(text, bytes);
  const missing = [{ from: 0, to: 1 }];
  expect(await mirrorFrom(log, target, { known, missing })).toMatchObject({ name: "updated" });
  await expectWhole(target, log);
});

test("an abort is told as such, whatever the target answers then", async () => {
  const controller = new AbortController();
  const { target } = noting(({ kind }) => {
    if (kind !== "put") return;
    controller.abort("gave up");
    throw silent;
  });
  expect(await failure(mirrorFrom(log, target, { signal: controller.signal }))).toBe("gave up");
});

test("numbers that are none are refused before anything is read", async () => {
  for (const options of [
    { concurrency: 0 },
    { concurrency: 1.5 },
    { retries: -1 },
    { retries: Number.NaN },
  ]) {
    const source = scriptedRemote(log.contents, log.head);
    expect(await failure(mirrorFrom(log, makeTarget(), { from: [source], ...options }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
      message: expect.stringContaining(`${Object.keys(options)[0]} must be a whole number`),
    });
    expect(source.storage.reads).toEqual([]);
  }
});

test("the head is stored if that is asked for, and only then", async () => {
  const { target, count } = noting();
  const { headAddress } = await mirrorFrom(log, target, { storeHead: true });
  expect(target.contents.get(`${headAddress}`)).toEqual(log.head);
  const puts = count("put");
  for (const storeHead of [false, undefined]) {
    const other = noting();
    const result = await mirrorFrom(log, other.target, storeHead === undefined ? {} : { storeHead });
    expect(result).not.toHaveProperty("headAddress");
    expect(other.count("put")).toBe(puts - 1);
  }
});

test("of trees for a target without names the first of the fullest is taken, and none is copied twice", async () => {
  const half = await rewritten(log, (pair, i) => (i < 6 && i % 7 !== 3 ? removed(pair) : pair));
  const other = await rewritten(log, (pair, i) => (i >= 7 && i % 7 !== 3 ? removed(pair) : pair));
  const sourceOf = (
    { contents: objects, head }: { contents: ReadonlyMap<string, Uint8Array>; head: Uint8Array },
    label: string,
  ) => scriptedRemote(objects, head, { label });
  const { target, count } = noting();
  const to = { storage: target.remote.storage };
  const result = await mirrorFrom(log, target, { from: [sourceOf(half, "a"), sourceOf(other, "b")], to });
  expect([result.head, result.missingEntries]).toEqual([half.head, 5]);
  const before = count("put");
  // The same tree from two sources is one.
  const again = noting();
  await mirrorFrom(log, again.target, {
    from: [sourceOf(half, "a"), sourceOf(half, "b")],
    to: { storage: again.target.remote.storage },
  });
  expect(again.count("put")).toBeLessThan(before);
  expect(new Set(again.target.acknowledged).size).toBe(again.target.acknowledged.length);
});

test("remotes that show nothing, or fail, are no obstacle; a fault of the program and an abort are", async () => {
  const behind = scriptedRemote(log.contents, log.heads.get(OLDER), { label: "behind" });
  const absent = scriptedRemote(new Map(), undefined, { label: "absent" });
  const stripped = await rewritten(log, removed);
  const own = new Map([...stripped.contents].filter(([text]) => !log.contents.has(text)));
  const newest = scriptedRemote(own, stripped.head, { label: "newest" });
  const target = makeTarget();
  const asked = vi.spyOn(behind.names, "resolve");
  const result = await mirrorFrom(log, target, { from: [newest, behind, absent] });
  // What is behind gives what it has.
  expect(result.missing[0]).toMatchObject({ from: OLDER });
  expect(new Set(asked.mock.calls.map(([name]) => name))).toEqual(new Set([log.logId]));
  const down = scriptedRemote(new Map(), undefined, { label: "down" });
  down.names.fail(silent);
  expect(
    await mirrorFrom(log, makeTarget(), { from: [scriptedRemote(log.contents, log.head), down] }),
  ).toMatchObject({ missing: [] });
  // As the signal of something that was closed: it looks like an error of a remote.
  const closed = new ClosedError("Closed.", { operation: "test" });
  for (const [error, expected] of [
    [new TypeError("not a function"), expect.any(TypeError)],
    ["abort", closed],
  ] as const) {
    const controller = new AbortController();
    const remote = scriptedRemote(new Map(), undefined, { label: "faulty" });
    const source = scriptedRemote(log.contents, log.head);
    // The reader has synced by then.
    let asked = 0;
    remote.names.resolve = async () => {
      if (asked++ === 0) return { status: "absent" };
      if (error === "abort") controller.abort(closed);
      throw error === "abort" ? new NotFoundError("no", { operation: "names.resolve" }) : error;
    };
    const mirroring = mirrorFrom(log, makeTarget(), { from: [source, remote], signal: controller.signal });
    expect(await failure(mirroring)).toEqual(expected);
  }
});
