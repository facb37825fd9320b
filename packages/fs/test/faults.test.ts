import { link, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { isRemoteLogError } from "@remote-log/core";
import { bytes, failure } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fsNames, fsStorage } from "../src/index.ts";
import { readFile } from "../src/read-file.ts";
import type { SystemCalls } from "./system-calls.ts";

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
  expect(calls.open, "files left open").toBe(0);
});

const content = bytes("content");
/** The calls that decide what survives a power cut, in their order, with the kind of file. */
function durableCalls(): string[] {
  return calls.calls
    .filter(({ call }) => ["write", "fsync", "rename", "link"].includes(call))
    .map(({ call, path }) => {
      const name = basename(path);
      if (name.startsWith(".tmp-") || name === "value") return `${call} file`;
      if (/^\d{16}-/.test(name)) return `${call} revision`;
      return `${call} ${/^[0-9a-f]{2}$/.test(name) ? "shard" : /^[0-9a-f]{64}$/.test(name) ? "name" : name}`;
    });
}

test("a put writes, syncs the file, renames it, and syncs the folder: 2 fsyncs in 11 calls", async () => {
  const storage = fsStorage({ root: await temporaryFolder() });
  await storage.put(content);
  await storage.delete(await storage.put(content));
  calls.reset();
  await storage.put(content);
  expect(durableCalls()).toEqual(["write file", "fsync file", "rename file", "fsync shard"]);
  expect(calls.calls).toHaveLength(11);
});

test("a put of what is there syncs the file and the folder all the same", async () => {
  const root = await temporaryFolder();
  await fsStorage({ root, sync: false }).put(content);
  const storage = fsStorage({ root });
  await storage.put(bytes("warms up"));
  calls.reset();
  await storage.put(content);
  expect(calls.count("write")).toBe(0);
  expect(durableCalls().slice(-2)[0]).toMatch(/^fsync [0-9a-f]{62}$/);
  expect(durableCalls().at(-1)).toBe("fsync shard");
});

test("an update syncs its file and the name's folder before the link, and the link after: 3 fsyncs in 28 calls", async () => {
  const names = fsNames({ root: await temporaryFolder() });
  let expected: string | null = null;
  for (let i = 0; i < 6; i++) expected = await names.update("log", content, { expected });
  calls.reset();
  await names.update("log", content, { expected });
  expect(durableCalls()).toEqual([
    "write file",
    "fsync file",
    "fsync name",
    "link file",
    "fsync revision",
    "rename revision",
  ]);
  expect(calls.calls).toHaveLength(28);
});

test("a get is 7 calls, a resolve of something new 20, and one of what is known 4", async () => {
  const root = await temporaryFolder();
  const [storage, names] = [fsStorage({ root }), fsNames({ root })];
  const address = await storage.put(content);
  let expected: string | null = null;
  for (let i = 0; i < 6; i++) expected = await names.update("log", content, { expected });
  calls.reset();
  await storage.get(address);
  const get = calls.calls.length;
  calls.reset();
  await names.resolve("log");
  const found = calls.calls.length;
  calls.reset();
  await names.resolve("log", { known: expected! });
  expect([get, found, calls.calls.length]).toEqual([7, 20, 4]);
});

test("without sync nothing is synced", async () => {
  const root = await temporaryFolder();
  await fsStorage({ root, sync: false }).put(content);
  await fsNames({ root, sync: false }).update("log", content, { expected: null });
  expect(calls.count("fsync")).toBe(0);
});

const faults = ["EIO", "ENOSPC", "EACCES"].flatMap((code) =>
  [false, true].map((applied) => ({
    code,
    applied,
    how: applied ? "after it took effect" : "without effect",
  })),
);

test.each(faults)(
  "a put of which any one call fails with $code $how can be made again",
  async ({ code, applied }) => {
    for (let at = 0; ; at++) {
      const root = await temporaryFolder();
      const storage = fsStorage({ root });
      calls.fault = { at, code, applied };
      const outcome = await storage.put(content).catch((error: unknown) => error);
      const reached = calls.fault.at < 0;
      calls.reset();
      if (outcome instanceof Error) expect(isRemoteLogError(outcome), String(outcome)).toBe(true);
      // What was acknowledged is there; what was not is there whole or not at all, and can be stored again.
      if (!(outcome instanceof Error))
        expect(await fsStorage({ root }).get(outcome as never)).toEqual(content);
      const address = await storage.put(content);
      expect(await storage.get(address)).toEqual(content);
      if (!reached) break;
      expect(at).toBeLessThan(100);
    }
  },
);

test("after a failed fsync of a folder, what reads back is not trusted: the content is written anew", async () => {
  const storage = fsStorage({ root: await temporaryFolder() });
  await storage.put(content);
  await storage.delete(await storage.put(content));
  calls.reset();
  await storage.put(content);
  const at = calls.calls.findLastIndex(({ call }) => call === "fsync");
  await storage.delete(await storage.put(content));
  calls.reset();
  calls.fault = { at, code: "EIO", applied: false };
  await expect(storage.put(content)).rejects.toMatchObject({ code: "ERR_UNREACHABLE" });
  calls.reset();
  await storage.put(content);
  expect(durableCalls()).toEqual(["write file", "fsync file", "rename file", "fsync shard"]);
});

test.each(faults)(
  "an update of which any one call fails with $code $how leaves the old value or the new one",
  async ({ code, applied }) => {
    for (let at = 0; ; at++) {
      const root = await temporaryFolder();
      const names = fsNames({ root });
      let expected: string | null = null;
      for (let i = 0; i < 4; i++) expected = await names.update("log", bytes("old"), { expected });
      calls.reset();
      calls.fault = { at, code, applied };
      const outcome = await names.update("log", bytes("new"), { expected }).catch((error: unknown) => error);
      const reached = calls.fault.at < 0;
      calls.reset();
      const found = await fsNames({ root }).resolve("log");
      if (found.status !== "found") throw new Error(found.status);
      if (outcome instanceof Error) {
        expect(isRemoteLogError(outcome), String(outcome)).toBe(true);
        // A failure that says that nothing was changed must be true.
        if ("code" in outcome && outcome.code === "ERR_NAME_CONFLICT") expect(found.revision).toBe(expected);
        expect([expected, found.revision]).toContain(found.revision);
        expect(found.content).toEqual(bytes(found.revision === expected ? "old" : "new"));
      } else {
        expect(found).toEqual({ status: "found", content: bytes("new"), revision: outcome });
      }
      const next = await names.update("log", bytes("next"), { expected: found.revision });
      expect(await names.resolve("log")).toEqual({ status: "found", content: bytes("next"), revision: next });
      if (!reached) break;
      expect(at).toBeLessThan(100);
    }
  },
);

test.each(["EIO", "EACCES"])(
  "a read of which any one call fails with %s is never taken for absence",
  async (code) => {
    const root = await temporaryFolder();
    const address = await fsStorage({ root }).put(content);
    await fsNames({ root }).update("log", content, { expected: null });
    for (let at = 0; ; at++) {
      const [storage, names] = [fsStorage({ root }), fsNames({ root })];
      let reached = false;
      const withFault = async (read: () => Promise<unknown>): Promise<unknown> => {
        calls.reset();
        calls.fault = { at, code, applied: false };
        const outcome = await read().catch((error: unknown) => error);
        reached ||= calls.fault.at < 0;
        return outcome;
      };
      const got = await withFault(() => storage.get(address));
      const had = await withFault(() => storage.has(address));
      const found = await withFault(() => names.resolve("log"));
      const expected = { code: code === "EIO" ? "ERR_UNREACHABLE" : "ERR_DENIED" };
      if (got instanceof Error) expect(got).toMatchObject(expected);
      else expect(got).toEqual(content);
      if (had instanceof Error) expect(had).toMatchObject(expected);
      else expect(had).toBe(true);
      if (found instanceof Error) expect(found).toMatchObject(expected);
      else expect(found).toMatchObject({ status: "found" });
      if (!reached) break;
    }
  },
);

test.each(["EPERM", "EOPNOTSUPP"])(
  "a filesystem without hard links (%s) is unsupported, and left clean",
  async (code) => {
    const root = await temporaryFolder();
    const names = fsNames({ root });
    const first = await names.update("log", content, { expected: null });
    calls.reset();
    const second = await names.update("log", content, { expected: first });
    const at = calls.calls.findIndex(({ call }) => call === "link");
    const before = await readdir(root, { recursive: true });
    calls.reset();
    calls.fault = { at, code, applied: false };
    await expect(names.update("log", content, { expected: second })).rejects.toMatchObject({
      code: "ERR_UNSUPPORTED",
      message: expect.stringContaining("no hard links"),
    });
    calls.reset();
    expect(await readdir(root, { recursive: true })).toEqual(before);
    expect(await names.resolve("log")).toMatchObject({ revision: second });
  },
);

test("a lost answer to a link that was made counts as the win that it is", async () => {
  const names = fsNames({ root: await temporaryFolder() });
  const first = await names.update("log", content, { expected: null });
  calls.reset();
  const second = await names.update("log", content, { expected: first });
  const at = calls.calls.findIndex(({ call }) => call === "link");
  calls.reset();
  // A network filesystem sends the request again and reports that the link exists: its own.
  calls.fault = { at, code: "EEXIST", applied: true };
  const third = await names.update("log", bytes("mine"), { expected: second });
  expect(calls.calls[at]).toMatchObject({ call: "link" });
  calls.reset();
  expect(await names.resolve("log")).toEqual({ status: "found", content: bytes("mine"), revision: third });
});

test("a link that takes effect only after its error leads to a whole value", async () => {
  const root = await temporaryFolder();
  const names = fsNames({ root });
  const first = await names.update("log", content, { expected: null });
  calls.reset();
  const second = await names.update("log", content, { expected: first });
  const at = calls.calls.findIndex(({ call }) => call === "link");
  calls.reset();
  calls.fault = { at, code: "EIO", applied: false };
  await expect(names.update("log", bytes("late"), { expected: second })).rejects.toMatchObject({
    code: "ERR_UNREACHABLE",
  });
  calls.reset();
  expect(await names.resolve("log")).toMatchObject({ revision: second });
  const folder = join(root, "names", (await readdir(join(root, "names")))[0]!);
  const prepared = (await readdir(folder)).find((name) => name.startsWith("0000000000000003-"))!;
  await link(join(folder, prepared, "value"), join(folder, second, "next"));
  expect(await names.resolve("log")).toEqual({ status: "found", content: bytes("late"), revision: prepared });
});

test.skipIf(process.platform !== "linux")(
  "a file longer than its size says is read on, up to the limit",
  async () => {
    // Files in /proc have the size 0, whatever is in them.
    const context = { operation: "storage.get", action: "reading" };
    const path = "/proc/version";
    const whole = await readFile(path, { limit: 1_000_000, context });
    expect(new TextDecoder().decode(whole)).toContain("Linux");
    const { length } = whole!;
    expect((await readFile(path, { limit: length, context }))?.length).toBe(length);
    for (const limit of [0, 1, 63, 64, 65, length - 1]) {
      await expect(readFile(path, { limit, context })).rejects.toMatchObject({
        code: "ERR_TOO_LARGE",
        limit,
      });
    }
  },
);

test("an operation ends at the next call after an abort, with the signal's own reason", async () => {
  const root = await temporaryFolder();
  const [storage, names] = [fsStorage({ root }), fsNames({ root })];
  const address = await storage.put(content);
  const revision = await names.update("log", content, { expected: null });
  const reason = new Error("enough");
  const aborted = AbortSignal.abort(reason);
  calls.reset();
  const refused = [
    storage.put(content, { signal: aborted }),
    storage.get(address, { signal: aborted }),
    storage.has(address, { signal: aborted }),
    storage.delete(address, { signal: aborted }),
    storage.list({ signal: aborted })[Symbol.asyncIterator]().next(),
    names.update("log", content, { expected: revision, signal: aborted }),
    names.resolve("log", { signal: aborted }),
  ];
  for (const error of await Promise.all(refused.map(failure))) expect(error).toBe(reason);
  expect(calls.calls).toEqual([]);
  const later = new AbortController();
  const putting = storage.put(bytes("another"), { signal: later.signal });
  later.abort(reason);
  await expect(putting).rejects.toBe(reason);
});
