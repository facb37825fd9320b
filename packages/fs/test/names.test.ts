import { createHash } from "node:crypto";
import { cp, link, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fsNames } from "@remote-log/fs";
import { bytes, failure } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";

function folderOf(root: string, name: string): string {
  return join(root, "names", createHash("sha256").update(name).digest("hex"));
}

async function opened() {
  const root = await temporaryFolder();
  return { root, names: fsNames({ root }) };
}

/** A name with a history: the revisions, oldest first. */
async function updated(count: number, sync = true) {
  const { root } = await opened();
  const names = fsNames({ root, sync });
  const revisions: string[] = [];
  for (let i = 0; i < count; i++) {
    revisions.push(await names.update("log", bytes(`value ${i}`), { expected: revisions.at(-1) ?? null }));
  }
  return { root, names, revisions, newest: revisions.at(-1)!, folder: folderOf(root, "log") };
}

test("names of any length and alphabet are kept apart", async () => {
  const { root, names } = await opened();
  const all = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "/absolute",
    "a\0b",
    "CON",
    "con",
    "nul.txt",
    "x".repeat(300),
    "x".repeat(4096),
    `${"x".repeat(4095)}y`,
    "é".normalize("NFC"),
    "é".normalize("NFD"),
    "🪵",
    "سجل",
    "a\u202eb",
    "a ",
    "a.",
    "line\nbreak",
    '*?<>|:"\\',
  ];
  for (const name of all) await names.update(name, bytes(`of ${name}`), { expected: null });
  for (const name of all) {
    expect(await names.resolve(name)).toMatchObject({ status: "found", content: bytes(`of ${name}`) });
  }
  expect(await readdir(root)).toEqual(["names"]);
  const folders = await readdir(join(root, "names"));
  expect(folders).toHaveLength(all.length);
  for (const folder of folders) expect(folder).toMatch(/^[0-9a-f]{64}$/);
});

test("a name with half of a surrogate pair is refused", async () => {
  const { root, names } = await opened();
  for (const name of ["\ud800", "a\udc00", "\udc00\ud800"]) {
    expect(await failure(names.resolve(name))).toMatchObject({ code: "ERR_INVALID_INPUT" });
    expect(await failure(names.update(name, bytes(""), { expected: null }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
  }
  expect(await readdir(root)).toEqual([]);
});

test("a history of a hundred revisions leaves no more than a handful of files", async () => {
  const { names, newest, folder } = await updated(100, false);
  expect(await names.resolve("log")).toEqual({
    status: "found",
    content: bytes("value 99"),
    revision: newest,
  });
  const left = await readdir(folder);
  expect(left.length).toBeLessThanOrEqual(6);
});

test("an update from any earlier revision is refused and leaves no trace, whether its folder is left or not", async () => {
  const { names, revisions, newest, folder } = await updated(8);
  const before = (await readdir(folder)).sort();
  for (const expected of [null, ...revisions.slice(0, -1)]) {
    expect(await failure(names.update("log", bytes("late"), { expected }))).toMatchObject({
      code: "ERR_NAME_CONFLICT",
    });
  }
  expect((await readdir(folder)).sort()).toEqual(before);
  expect(await names.resolve("log")).toEqual({
    status: "found",
    content: bytes("value 7"),
    revision: newest,
  });
});

test.each(["", "7", "0000000000000001", `0000000000000002-${"0".repeat(32)}`, "../first", "latest"])(
  "the foreign revision %j is never held",
  async (foreign) => {
    const { names, newest } = await updated(2);
    expect(await failure(names.update("log", bytes("x"), { expected: foreign }))).toMatchObject({
      code: "ERR_NAME_CONFLICT",
    });
    expect(await names.resolve("log", { known: foreign })).toMatchObject({
      status: "found",
      revision: newest,
    });
  },
);

test("only the newest revision is unchanged to those who know it", async () => {
  const { names, revisions, newest } = await updated(6);
  for (const known of revisions.slice(0, -1)) {
    expect(await names.resolve("log", { known })).toMatchObject({ status: "found", revision: newest });
  }
  expect(await names.resolve("log", { known: newest })).toEqual({ status: "unchanged", revision: newest });
});

test("who gives up while a name is looked at is told nothing of it", async () => {
  const { names, newest } = await updated(1);
  const gaveUp = new AbortController();
  const resolving = failure(names.resolve("log", { known: newest, signal: gaveUp.signal }));
  gaveUp.abort("gave up");
  expect(await resolving).toBe("gave up");
});

test("a name in a folder that was never made is absent, and so is its place", async () => {
  const { root, names } = await opened();
  expect(await names.resolve("log")).toEqual({ status: "absent", placeMissing: true });
  const elsewhere = fsNames({ root: join(root, "missing") });
  expect(await elsewhere.resolve("log")).toEqual({ status: "absent", placeMissing: true });
  await names.update("another", bytes(""), { expected: null });
  expect(await names.resolve("log")).toEqual({ status: "absent" });
});

test("what a writer killed before its claim leaves behind is passed by, and removed later", async () => {
  const { names, newest, folder } = await updated(3);
  const torn = join(folder, `0000000000000004-${"a".repeat(32)}`);
  await mkdir(torn);
  await writeFile(join(torn, "value"), "half a val");
  await mkdir(join(folder, `0000000000000004-${"b".repeat(32)}`));
  expect(await names.resolve("log")).toMatchObject({ content: bytes("value 2"), revision: newest });
  let expected = newest;
  for (let i = 0; i < 6; i++) expected = await names.update("log", bytes(`later ${i}`), { expected });
  expect(await names.resolve("log")).toMatchObject({ content: bytes("later 5"), revision: expected });
  for (const name of await readdir(folder)) expect(name).not.toMatch(/^0000000000000004/);
});

test("a value whose writer was killed after its claim counts", async () => {
  const { root, names, newest, folder } = await updated(1);
  // Made by another, then claimed by hand: what a kill between link and fsync leaves.
  const other = await opened();
  const first = await other.names.update("log", bytes("value 0"), { expected: null });
  const second = await other.names.update("log", bytes("claimed"), { expected: first });
  await cp(join(folderOf(other.root, "log"), second), join(folder, second), { recursive: true });
  await link(join(folder, second, "value"), join(folder, newest, "next"));
  expect(await names.resolve("log")).toEqual({
    status: "found",
    content: bytes("claimed"),
    revision: second,
  });
  const third = await fsNames({ root }).update("log", bytes("on top"), { expected: second });
  expect(await names.resolve("log", { known: third })).toEqual({ status: "unchanged", revision: third });
});

test("a changed bit anywhere in a value is refused, and the next update puts it right", async () => {
  const { names, revisions, newest, folder } = await updated(4);
  const pointer = join(folder, revisions.at(-2)!, "next");
  const intact = new Uint8Array(await readFile(pointer));
  await fc.assert(
    fc.asyncProperty(fc.nat(intact.length * 8 - 1), async (bit) => {
      const damaged = intact.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(pointer, damaged);
      expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_INTEGRITY" });
    }),
    { numRuns: 60 },
  );
  await writeFile(pointer, intact.subarray(0, 20));
  expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_UNREACHABLE" });
  const revision = await names.update("log", bytes("new"), { expected: newest });
  expect(await names.resolve("log")).toEqual({ status: "found", content: bytes("new"), revision });
});

test("a folder copied while the name changed, so that a revision is missing, is told as a copy that is not whole", async () => {
  const { names, newest, folder } = await updated(4);
  await rm(join(folder, newest), { recursive: true });
  expect(await failure(names.resolve("log"))).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "incomplete",
  });
});

test("a copy of the folder without hard links serves just as well", async () => {
  const { root, newest } = await updated(4);
  const copy = await temporaryFolder();
  await cp(root, copy, { recursive: true });
  const names = fsNames({ root: copy });
  const next = await names.update("log", bytes("in the copy"), { expected: newest });
  expect(await names.resolve("log")).toMatchObject({ content: bytes("in the copy"), revision: next });
});

test("links planted in the place of folders and files are never followed", async () => {
  for (const plant of [
    (folder: string, _newest: string, _last: string) => folder,
    (folder: string, _newest: string, last: string) => join(folder, last),
    (folder: string, newest: string) => join(folder, newest),
    (folder: string, _newest: string, last: string) => join(folder, last, "next"),
  ]) {
    const { names, newest, revisions, folder } = await updated(4);
    const outside = join(await temporaryFolder(), "moved");
    const place = plant(folder, newest, revisions.at(-2)!);
    await rename(place, outside);
    await symlink(outside, place);
    expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_INTEGRITY" });
  }
});

test("an update writes nothing through a link in the place of the revision it goes from", async () => {
  const { names, newest, folder } = await updated(2);
  const outside = join(await temporaryFolder(), "moved");
  await rename(join(folder, newest), outside);
  await symlink(outside, join(folder, newest));
  expect(await failure(names.update("log", bytes("x"), { expected: newest }))).toMatchObject({
    code: "ERR_INTEGRITY",
  });
  expect(await readdir(outside)).toEqual(["value"]);
});

test("maxBytes counts the content alone", async () => {
  const { names } = await updated(1);
  expect(await names.resolve("log", { maxBytes: 7 })).toMatchObject({ content: bytes("value 0") });
  expect(await failure(names.resolve("log", { maxBytes: 6 }))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 6,
  });
});

test("an empty content is found, a name never written is absent, and a missing remote is unreachable", async () => {
  const { root, names } = await opened();
  await names.update("empty", new Uint8Array(0), { expected: null });
  expect(await names.resolve("empty")).toMatchObject({ status: "found", content: new Uint8Array(0) });
  expect(await names.resolve("never")).toEqual({ status: "absent" });
  const elsewhere = fsNames({ root: join(root, "missing"), create: false });
  expect(await failure(elsewhere.resolve("empty"))).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(await failure(elsewhere.update("empty", bytes(""), { expected: null }))).toMatchObject({
    code: "ERR_UNREACHABLE",
  });
});
