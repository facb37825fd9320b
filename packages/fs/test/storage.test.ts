import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { Address, rawSha256 } from "@remote-log/core";
import { fsStorage } from "@remote-log/fs";
import { failure } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";

const bytes = new TextEncoder().encode("content");
const hex = createHash("sha256").update(bytes).digest("hex");

function pathIn(root: string): string {
  return join(root, "contents", hex.slice(0, 2), hex.slice(2));
}

async function stored() {
  const root = await temporaryFolder();
  const storage = fsStorage({ root });
  const address = await storage.put(bytes);
  return { root, storage, address, path: pathIn(root) };
}

test("a content is in a file called by its SHA-256 in lower case, and nothing else is left", async () => {
  const { root, path } = await stored();
  expect(new Uint8Array(await readFile(path))).toEqual(bytes);
  expect((await readdir(root, { recursive: true })).sort()).toEqual(
    ["contents", `contents/${hex.slice(0, 2)}`, `contents/${hex.slice(0, 2)}/${hex.slice(2)}`].sort(),
  );
});

test("a content that is there already is not written again", async () => {
  const { storage, path } = await stored();
  const before = await stat(path, { bigint: true });
  await storage.put(bytes);
  const after = await stat(path, { bigint: true });
  expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
});

test.each([
  ["other bytes of the same length", (path: string) => writeFile(path, "CONTENT")],
  ["bytes missing", (path: string) => truncate(path, 3)],
  ["bytes too many", (path: string) => appendFile(path, "x")],
  ["nothing in it", (path: string) => truncate(path, 0)],
])("a file with %s is refused by get and mended by put", async (_what, damage) => {
  const { storage, address, path } = await stored();
  await damage(path);
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_INTEGRITY" });
  await storage.put(bytes);
  expect(await storage.get(address)).toEqual(bytes);
});

test("a link in the place of a content is never followed: get and has refuse it, put replaces it", async () => {
  const { root, storage, address, path } = await stored();
  const outside = join(root, "outside");
  await rename(path, outside);
  await symlink(outside, path);
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(await failure(storage.has(address))).toMatchObject({ code: "ERR_INTEGRITY" });
  for await (const listed of storage.list()) throw new Error(`listed ${listed}`);
  await writeFile(outside, "not to be touched");
  await storage.put(bytes);
  expect(await readFile(outside, "utf8")).toBe("not to be touched");
  expect(await storage.get(address)).toEqual(bytes);
});

test.each(["contents", `contents/${hex.slice(0, 2)}`])(
  "a link in the place of the folder %s is never followed",
  async (folder) => {
    const { root, storage, address } = await stored();
    const outside = await temporaryFolder();
    await rename(join(root, folder), join(outside, "moved"));
    await symlink(join(outside, "moved"), join(root, folder));
    const before = await readdir(outside, { recursive: true });
    for (const error of await Promise.all(
      [storage.get(address), storage.has(address), storage.delete(address), storage.put(bytes)].map(failure),
    )) {
      expect(error).toMatchObject({ code: "ERR_INTEGRITY" });
    }
    expect(await readdir(outside, { recursive: true })).toEqual(before);
  },
);

test("a named pipe in the place of a content makes nobody wait", async () => {
  const { storage, address, path } = await stored();
  await unlink(path);
  execFileSync("mkfifo", [path]);
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_INTEGRITY" });
  await storage.put(bytes);
  expect(await storage.get(address)).toEqual(bytes);
});

test("a folder in the place of a content is refused, by put too", async () => {
  const { storage, address, path } = await stored();
  await unlink(path);
  await mkdir(join(path, "x"), { recursive: true });
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(await failure(storage.put(bytes))).toMatchObject({ code: "ERR_INTEGRITY" });
});

test("the root itself may be a link", async () => {
  const { root, address } = await stored();
  const link = join(await temporaryFolder(), "link");
  await symlink(root, link);
  expect(await fsStorage({ root: link }).get(address)).toEqual(bytes);
});

test("a root that is a file is refused", async () => {
  const { path, address } = await stored();
  expect(await failure(fsStorage({ root: path }).get(address))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(await failure(fsStorage({ root: path }).put(bytes))).toMatchObject({ code: "ERR_INVALID_INPUT" });
});

test("a path too long for the filesystem is refused", async () => {
  const storage = fsStorage({ root: join(await temporaryFolder(), "x".repeat(300)) });
  expect(await failure(storage.put(bytes))).toMatchObject({ code: "ERR_INVALID_INPUT" });
});

test("a missing root is made with all folders above it, and counts as empty before", async () => {
  const root = join(await temporaryFolder(), "a", "b");
  const storage = fsStorage({ root });
  expect(await storage.has(Address.create(0x55, 0x12, new Uint8Array(32)))).toBe(false);
  expect(await storage.get(await storage.put(bytes))).toEqual(bytes);
});

test("with create: false, a folder that holds no remote is unreachable and is left alone", async () => {
  const { address } = await stored();
  const empty = await temporaryFolder();
  for (const root of [empty, join(empty, "missing")]) {
    const storage = fsStorage({ root, create: false });
    for (const error of await Promise.all(
      [storage.get(address), storage.has(address), storage.put(bytes)].map(failure),
    )) {
      expect(error).toMatchObject({ code: "ERR_UNREACHABLE" });
    }
  }
  expect(await readdir(empty)).toEqual([]);
});

test("with create: false, a folder that holds a remote is used", async () => {
  const { root, address } = await stored();
  const storage = fsStorage({ root, create: false });
  expect(await storage.get(address)).toEqual(bytes);
  await storage.put(Uint8Array.of(1, 2, 3));
});

test("a root that goes away while it is used is unreachable, not empty", async () => {
  const { root, storage, address } = await stored();
  await rm(root, { recursive: true });
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(await failure(storage.has(address))).toMatchObject({ code: "ERR_UNREACHABLE" });
});

test("a temporary file that a killed writer left is removed once it is old; a young one is not touched", async () => {
  const { root, path } = await stored();
  const old = join(dirname(path), `.tmp-${"0".repeat(32)}`);
  const young = join(dirname(path), `.tmp-${"1".repeat(32)}`);
  const foreign = join(dirname(path), ".tmp-notes");
  for (const leftover of [old, young, foreign]) await writeFile(leftover, "half a cont");
  for (const leftover of [old, foreign]) await utimes(leftover, 1000, 1000);
  await unlink(path);
  await fsStorage({ root }).put(bytes);
  const left = (await readdir(dirname(path))).filter((name) => name.startsWith(".")).sort();
  expect(left).toEqual([`.tmp-${"1".repeat(32)}`, ".tmp-notes"]);
});

test("a writer whose temporary file is taken away writes it again", async () => {
  const { root, storage, path } = await stored();
  await unlink(path);
  let over = false;
  let taken = 0;
  const putting = storage.put(bytes).finally(() => {
    over = true;
  });
  while (!over) {
    for (const name of await readdir(dirname(path))) {
      if (name.startsWith(".tmp-") && taken < 3) {
        const removed = await unlink(join(dirname(path), name)).then(
          () => 1,
          () => 0,
        );
        taken += removed;
      }
    }
  }
  const address = await putting;
  expect(await fsStorage({ root }).get(address)).toEqual(bytes);
});

test("no more than maxBytes are taken, whatever the file's size", async () => {
  const { storage, address, path } = await stored();
  expect(await failure(storage.get(address, { maxBytes: bytes.length - 1 }))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: bytes.length - 1,
  });
  expect(await storage.get(address, { maxBytes: bytes.length })).toEqual(bytes);
  // A sparse file: a terabyte on paper.
  await truncate(path, 2 ** 40);
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_TOO_LARGE" });
  expect(await failure(storage.get(address, { maxBytes: Number.MAX_SAFE_INTEGER }))).toMatchObject({
    code: "ERR_TOO_LARGE",
  });
});

test("an address of a kind that is not declared is refused before the folder is looked at", async () => {
  const storage = fsStorage({ root: "/proc/1/nothing" });
  const address = Address.create(0x70, rawSha256.hash, new Uint8Array(32));
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(await failure(storage.has(address))).toMatchObject({ code: "ERR_INTEGRITY" });
});

test("files that are no contents are not listed", async () => {
  const { root, storage, address, path } = await stored();
  await writeFile(join(dirname(path), ".tmp-x"), "");
  await writeFile(join(root, "contents", "README"), "");
  await mkdir(join(root, "contents", "zz"));
  const listed = [];
  for await (const one of storage.list()) listed.push(one.toString());
  expect(listed).toEqual([address.toString()]);
});

test("bytes that the caller changes after put are stored as they were", async () => {
  const storage = fsStorage({ root: await temporaryFolder() });
  const mine = Buffer.from("before");
  const putting = storage.put(mine);
  mine.fill(0);
  expect(new TextDecoder().decode(await storage.get(await putting))).toBe("before");
});

test("without sync it works just the same", async () => {
  const storage = fsStorage({ root: await temporaryFolder(), sync: false });
  const address = await storage.put(bytes);
  expect(await storage.put(bytes)).toEqual(address);
  expect(await storage.get(address)).toEqual(bytes);
  await storage.delete(address);
  expect(await storage.has(address)).toBe(false);
});
