import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { bytes, failure } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { beforeEach, expect, test, vi } from "vitest";
import { staticRemote } from "../../src/index.ts";
import type { SystemCalls } from "../system-calls.ts";

const system = vi.hoisted(() => ({ calls: undefined as unknown }));
vi.mock("node:fs/promises", async (original) => {
  const { SystemCalls } = await import("../system-calls.ts");
  const calls = new SystemCalls();
  system.calls = calls;
  return calls.wrap(await original());
});
const calls = system.calls as SystemCalls;

beforeEach(() => calls.reset());

const hex = (text: string): string => createHash("sha256").update(text).digest("hex");

test("a content is one file that is called by its hash, and a name one that holds its content", async () => {
  const root = await temporaryFolder();
  const { storage, names } = staticRemote({ root });
  const address = await storage.put(bytes("content"));
  await names.update("log", bytes("head"), { expected: null });
  expect((await readdir(root)).sort()).toEqual([".nojekyll", "contents", "names"]);
  expect(await readdir(join(root, "contents"))).toEqual([hex("content")]);
  expect(await readFile(join(root, "names", hex("log")), "utf8")).toBe("head");
  await writeFile(join(root, "contents", "readme.txt"), "of somebody else");
  const listed: string[] = [];
  for await (const one of storage.list!()) listed.push(`${one}`);
  expect(listed).toEqual([`${address}`]);
  expect(await storage.get(address)).toEqual(bytes("content"));
  await storage.delete!(address);
  expect(await storage.has(address)).toBe(false);
});

test("a name is written and synced before it takes the place of the one before, and its folder after", async () => {
  const { names } = staticRemote({ root: await temporaryFolder() });
  const first = await names.update("log", bytes("one"), { expected: null });
  calls.reset();
  await names.update("log", bytes("two"), { expected: first });
  const durable = calls.calls
    .filter(({ call }) => ["write", "fsync", "rename"].includes(call))
    .map(({ call, path }) => `${call} ${basename(path).startsWith(".tmp-") ? "file" : basename(path)}`);
  expect(durable).toEqual(["write file", "fsync file", "rename file", "fsync names"]);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
  "whatever call of an update fails (%d), the name is the old or the new one, whole",
  async (at) => {
    const root = await temporaryFolder();
    const { names } = staticRemote({ root });
    const first = await names.update("log", bytes("one"), { expected: null });
    calls.reset();
    calls.fault = { at, code: "EIO", applied: at % 2 === 0 };
    await names.update("log", bytes("two"), { expected: first }).catch(() => undefined);
    calls.reset();
    expect(["one", "two"]).toContain(await readFile(join(root, "names", hex("log")), "utf8"));
  },
);

test("contents that follow each other within a second have seconds of their own, by which servers tell them apart", async () => {
  const root = await temporaryFolder();
  const { names } = staticRemote({ root, sync: false });
  let expected: string | null = null;
  const seconds: number[] = [];
  for (const content of ["one", "two", "six"]) {
    expected = await names.update("log", bytes(content), { expected });
    seconds.push(Math.floor((await stat(join(root, "names", hex("log")))).mtimeMs / 1000));
  }
  expect(new Set(seconds).size).toBe(3);
  expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
});

test("an update that expects something else is refused, and what is known is unchanged", async () => {
  const { names } = staticRemote({ root: await temporaryFolder() });
  expect(names.capabilities.compareAndSet).toBe("none");
  expect(await names.resolve("log")).toEqual({ status: "absent", placeMissing: true });
  const first = await names.update("log", bytes("one"), { expected: null });
  for (const expected of [null, "0".repeat(64)]) {
    const late = names.update("log", bytes("two"), { expected });
    expect(await failure(late)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  }
  expect(await names.resolve("log", { known: first })).toEqual({ status: "unchanged", revision: first });
  expect(await names.resolve("other")).toEqual({ status: "absent" });
});
