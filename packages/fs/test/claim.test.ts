import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { bytes, failure, whole } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fsNames } from "../src/index.ts";
import { encodeValue, formatRevision, newRevision } from "../src/revision.ts";
import { actBefore, another, isCall, namesWith } from "./claiming.ts";
import type { SystemCall, SystemCalls } from "./system-calls.ts";

// What names do at one call of the system each: who wins, what is left, and what is made durable.

const system = vi.hoisted(() => ({ calls: undefined as unknown }));
vi.mock("node:fs/promises", async (original) => {
  const { SystemCalls } = await import("./system-calls.ts");
  const calls = new SystemCalls();
  system.calls = calls;
  return calls.wrap(await original());
});
const calls = system.calls as SystemCalls;

beforeEach(() => calls.reset());
afterEach(() => {
  calls.reset();
  calls.before = undefined;
  expect(calls.open, "files left open").toBe(0);
});

const content = bytes("content");
const conflict = { code: "ERR_NAME_CONFLICT" };

const updated = (count: number) => namesWith(count, calls);
const beforeCall = (is: (call: SystemCall) => boolean, act: () => void) => actBefore(calls, is, act);

/** The next call of a kind fails. */
async function failAt(call: string, code: string, work: () => Promise<unknown>, applied = false) {
  beforeCall(isCall(call), () => {
    calls.fault = { at: 0, code, applied };
  });
  return work().catch((error: unknown) => error);
}

test("after each update three revisions are left, and one that the next update removes", async () => {
  const { names, newest, folder, revisions } = await updated(6);
  const left = (all: readonly string[]) => ["first", `.trash-${all.at(-4)}`, ...all.slice(-3)].sort();
  expect((await readdir(folder)).sort()).toEqual(left(revisions));
  revisions.push(await names.update("log", content, { expected: newest }));
  expect((await readdir(folder)).sort()).toEqual(left(revisions));
});

test.each([
  [undefined, 4],
  ["ENOENT", 4],
  ["EIO", 1],
])("old revisions are renamed from the oldest on (the first rename fails with %s)", async (code, renames) => {
  const { names, newest, folder } = await updated(5);
  for (const number of [2, 3, 1]) {
    mkdirSync(join(folder, formatRevision({ number, id: `${number}`.repeat(32) })));
  }
  const update = () => names.update("log", content, { expected: newest });
  const outcome = await (code === undefined ? update() : failAt("rename", code, update));
  expect(outcome).toMatch(/^0000000000000006-/);
  const renamed = calls.calls.filter(isCall("rename")).map(({ path }) => Number(basename(path).slice(0, 16)));
  expect(renamed).toEqual([1, 2, 3, 3].slice(0, renames));
});

test("an update that expects what the name does not hold makes nothing", async () => {
  const { names, newest, area, folder } = await updated(3);
  const before = await readdir(folder);
  const gone = newest.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
  for (const expected of [null, gone, "foreign"]) {
    expect(await failure(names.update("log", content, { expected }))).toMatchObject(conflict);
  }
  for (const expected of [newest, "foreign"]) {
    expect(await failure(names.update("never", content, { expected }))).toMatchObject(conflict);
  }
  expect([calls.count("mkdir"), await readdir(folder)]).toEqual([0, before]);
  expect(await readdir(area)).toHaveLength(1);
});

test("the folder of a name without a value is as good as none", async () => {
  const { names, folder } = await updated(1);
  await rm(folder, { recursive: true });
  await mkdir(folder);
  expect(await names.resolve("log")).toEqual({ status: "absent" });
  const revision = await names.update("log", content, { expected: null });
  expect(await names.resolve("log")).toEqual({ status: "found", content, revision });
});

test("an abort before anything is made ends an update, and a reading, at once", async () => {
  const { names, newest } = await updated(2);
  for (const operate of [
    (signal: AbortSignal) => names.update("log", content, { expected: newest, signal }),
    (signal: AbortSignal) => names.resolve("log", { signal }),
  ]) {
    const controller = new AbortController();
    calls.reset();
    beforeCall(isCall("lstat"), () => controller.abort("enough"));
    expect(await failure(operate(controller.signal))).toBe("enough");
    expect([calls.count("mkdir"), calls.count("readdir")]).toEqual([0, 0]);
  }
});

test("an abort right before the link ends an update and leaves nothing; one at the link comes too late", async () => {
  const { names, newest, folder } = await updated(2);
  const before = (await readdir(folder)).sort();
  const early = new AbortController();
  calls.reset();
  beforeCall(isCall("fsync", /^[0-9a-f]{64}$/), () => early.abort("enough"));
  expect(await failure(names.update("log", content, { expected: newest, signal: early.signal }))).toBe(
    "enough",
  );
  expect([calls.count("link"), (await readdir(folder)).sort()]).toEqual([0, before]);
  const late = new AbortController();
  calls.reset();
  beforeCall(isCall("link"), () => late.abort("enough"));
  const revision = await names.update("log", content, { expected: newest, signal: late.signal });
  expect(await names.resolve("log")).toMatchObject({ content, revision });
});

test("who loses the link to another writer takes away what it prepared", async () => {
  const { names, newest, folder } = await updated(2);
  let other = "";
  beforeCall(isCall("link"), () => (other = another(folder, newest)));
  expect(await failure(names.update("log", content, { expected: newest }))).toMatchObject(conflict);
  expect((await readdir(folder)).filter((name) => name.startsWith("0000000000000003-"))).toEqual([other]);
  expect(await names.resolve("log")).toMatchObject({ content: bytes("another"), revision: other });
});

test.each([
  ["the folder of the revision that it goes from", /^0000000000000002-/],
  ["its own folder", /^0000000000000003-/],
])("an update from which %s is taken away has lost", async (_, name) => {
  const { names, newest } = await updated(2);
  beforeCall(isCall("open", name), () => {
    const made = calls.calls.findLast(isCall("mkdir"))?.path;
    if (name.source.includes("3-") && made !== undefined) rmdirSync(made);
    else rmSync(join(folderOf(), newest), { recursive: true });
  });
  const folderOf = () => dirname(calls.calls.find(isCall("lstat", /^0000000000000002-/))?.path as string);
  expect(await failure(names.update("log", content, { expected: newest }))).toMatchObject(conflict);
});

test.each([
  ["ENOENT", false, "ERR_UNREACHABLE"],
  ["ENOENT", true, "ERR_NAME_CONFLICT"],
  ["EIO", false, "ERR_UNREACHABLE"],
  ["EIO", true, "ERR_UNREACHABLE"],
])("preparing an update that fails with %s (another has won: %s) is %s", async (code, isWon, expected) => {
  const { names, newest, folder } = await updated(2);
  beforeCall(isCall("mkdir"), () => {
    if (isWon) another(folder, newest);
    calls.fault = { at: 0, code, applied: false };
  });
  expect(await failure(names.update("log", content, { expected: newest }))).toMatchObject({ code: expected });
  expect(calls.count("link")).toBe(0);
});

test.each([
  ["ENOENT", false, "ERR_UNREACHABLE"],
  ["ENOENT", true, "ERR_NAME_CONFLICT"],
  ["EEXIST", false, "ERR_UNREACHABLE"],
  ["EEXIST", true, "ERR_NAME_CONFLICT"],
  ["EIO", true, "ERR_UNREACHABLE"],
])("a link that fails with %s (the revision before is gone: %s) is %s", async (code, isGone, expected) => {
  const { names, newest, folder } = await updated(2);
  beforeCall(isCall("link"), () => {
    if (isGone) rmSync(join(folder, newest), { recursive: true });
    calls.fault = { at: 0, code, applied: false };
  });
  expect(await failure(names.update("log", content, { expected: newest }))).toMatchObject({ code: expected });
  const prepared = readdirSync(folder).filter((name) => name.startsWith("0000000000000003-"));
  // While the link may still take effect, what it leads to stays.
  expect(prepared).toHaveLength(expected === "ERR_UNREACHABLE" ? 1 : 0);
});

test("an update that runs out of files leaves nothing of its attempts", async () => {
  const { names, newest, folder } = await updated(2);
  const fault = () => (calls.fault = { at: 0, code: "EMFILE", applied: false });
  // The folder that it made can be opened neither to write in it, nor to remove it.
  beforeCall(isCall("open", /^0000000000000003-/), () => {
    fault();
    beforeCall(isCall("open", /^0000000000000003-/), fault);
  });
  const revision = await names.update("log", content, { expected: newest });
  expect((await readdir(folder)).filter((name) => name.startsWith("0000000000000003-"))).toEqual([revision]);
});

test("a reader follows an update that is made while it looks", async () => {
  const { names, newest, folder } = await updated(2);
  let [other, looks] = ["", 0];
  beforeCall(
    (made) => made.call === "open" && made.path === join(folder, newest, "next") && ++looks === 2,
    () => (other = another(folder, newest)),
  );
  expect(await names.resolve("log")).toMatchObject({ content: bytes("another"), revision: other });
});

test("a reader whose value is another by the time that it is read looks again", async () => {
  const { names, newest, folder } = await updated(1);
  const revision = newRevision(1);
  let looks = 0;
  beforeCall(
    (made) => made.call === "lstat" && made.path === join(folder, newest) && ++looks === 2,
    () => {
      mkdirSync(join(folder, formatRevision(revision)));
      writeFileSync(join(folder, "first"), encodeValue(revision, bytes("another")));
    },
  );
  const found = { content: bytes("another"), revision: formatRevision(revision) };
  expect(await names.resolve("log")).toMatchObject(found);
});

test("a reader gives up after 11 looks at a name of which a part has not arrived", async () => {
  const { names, newest, folder } = await updated(1);
  await rm(join(folder, newest), { recursive: true });
  calls.reset();
  const error = await failure(names.resolve("log"));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe", reason: "incomplete" });
  expect(calls.count("readdir")).toBe(11);
});

test.runIf(whole)("a reader gives up after 1,000 looks at a name that never stands still", async () => {
  const { names, newest, folder } = await updated(1);
  await rm(join(folder, newest), { recursive: true });
  calls.reset();
  // Somebody writes between any two looks.
  const { calls: seen } = calls;
  const push = seen.push.bind(seen);
  let written = 0;
  seen.push = (...made) => {
    if (made.some(isCall("readdir"))) writeFileSync(join(folder, `.another-${written++}`), "");
    return push(...made);
  };
  const error = await failure(names.resolve("log"));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe", operation: "names.resolve" });
  expect(calls.count("readdir")).toBe(1000);
});

test("what a reader reads is made durable; a folder that has gone means that the name moved on", async () => {
  const { root, names } = await updated(2);
  await names.resolve("log");
  const at = calls.calls.findLastIndex(isCall("open"));
  expect(calls.calls.slice(at).some(isCall("fsync"))).toBe(true);
  const resolveWith = (code: string) => {
    calls.reset();
    calls.fault = { at, code, applied: false };
    return names.resolve("log").catch((error: unknown) => error);
  };
  expect(await resolveWith("ENOENT")).toMatchObject({ status: "found", content: bytes("value 1") });
  expect(calls.count("readdir")).toBe(2);
  expect(await resolveWith("EIO")).toMatchObject({ code: "ERR_UNREACHABLE" });
  calls.reset();
  expect(await fsNames({ root, sync: false }).resolve("log")).toMatchObject({ status: "found" });
  expect(calls.count("fsync")).toBe(0);
});

/** The folders whose entries were made durable, in the form of their last part. */
const synced = () => calls.calls.filter(isCall("fsync")).map(({ path }) => basename(path));

test("every level that the first update makes is durable, and none above them", async () => {
  const base = await temporaryFolder();
  const names = fsNames({ root: join(base, "a", "b", "c") });
  calls.reset();
  await names.update("log", content, { expected: null });
  const [area, ...rest] = synced().slice(4);
  expect(synced().slice(0, 4)).toEqual(["b", "a", basename(base), "c"]);
  expect([area, rest.length]).toEqual(["names", 3]);
});

test("a missing root is made without being synced if that is not wanted", async () => {
  const root = join(await temporaryFolder(), "a", "b");
  calls.reset();
  await fsNames({ root, sync: false }).update("log", content, { expected: null });
  expect(calls.count("fsync")).toBe(0);
});

test("folders that another process made are made durable once by each that writes", async () => {
  const { root, newest } = await updated(1);
  const names = fsNames({ root });
  const second = await names.update("log", content, { expected: newest });
  expect(synced().slice(0, 2)).toEqual([basename(root), "names"]);
  calls.reset();
  await names.update("log", content, { expected: second });
  expect(synced()).not.toContain("names");
});

test("folders that were taken away are made again", async () => {
  const { names, area } = await updated(1);
  await rm(area, { recursive: true });
  const revision = await names.update("log", content, { expected: null });
  expect(await names.resolve("log")).toEqual({ status: "found", content, revision });
});

test("a folder that another process makes in the same moment is used; one that is gone at once is not", async () => {
  const [one, other] = [await updated(0), await updated(0)];
  const update = (names: typeof one.names) => () => names.update("log", content, { expected: null });
  expect(await failAt("mkdir", "EEXIST", update(one.names), true)).toMatch(/^0000000000000001-/);
  calls.reset();
  expect(await failAt("mkdir", "EEXIST", update(other.names))).toMatchObject({ code: "ERR_UNREACHABLE" });
  calls.reset();
  expect(await failAt("mkdir", "EACCES", update(other.names), true)).toMatchObject({ code: "ERR_DENIED" });
});
