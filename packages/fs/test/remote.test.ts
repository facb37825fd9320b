import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fsNames, fsRemote, fsRemoteFromUri, fsStorage } from "@remote-log/fs";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";

const invalid = expect.objectContaining({ code: "ERR_INVALID_INPUT" });

test("contents and names of a remote are in one folder, and its label is the URI of that folder", async () => {
  const root = await temporaryFolder();
  const remote = fsRemote({ root });
  expect(remote.label).toBe(pathToFileURL(root).href);
  const address = await remote.storage.put(Uint8Array.of(1));
  await remote.names.update("log", address.bytes, { expected: null });
  const again = fsRemote({ root, label: "attic" });
  expect(again.label).toBe("attic");
  const head = await again.names.resolve("log");
  expect(head).toMatchObject({ status: "found", content: address.bytes });
  expect(await again.storage.get(address)).toEqual(Uint8Array.of(1));
});

test.each(["file://", "file://localhost"])("%s and a percent-encoded path name a folder", async (start) => {
  const folder = join(await temporaryFolder(), "a b#c?d%é");
  await mkdir(folder);
  const uri = start + pathToFileURL(folder).pathname;
  const address = await fsRemoteFromUri(uri, { label: "x" }).storage.put(Uint8Array.of(7));
  expect(await fsStorage({ root: folder }).has(address)).toBe(true);
});

test.each([
  ["another scheme", "http:///srv/log"],
  ["a path alone", "/srv/log"],
  ["no slashes", "file:/srv/log"],
  ["a relative path", "file:srv/log"],
  ["a host alone", "file://srv"],
  ["another host", "file://example.org/srv/log"],
  ["an address of this machine", "file://127.0.0.1/srv/log"],
  ["a user", "file://me@localhost/srv/log"],
  ["a port", "file://localhost:1/srv/log"],
  ["a query", "file:///srv/log?x"],
  ["a fragment", "file:///srv/log#x"],
  ["an encoded slash", "file:///srv%2Flog"],
  ["an encoded NUL", "file:///srv/%00log"],
  ["a broken encoding", "file:///srv/%zz"],
  ["a bare space", "file:///srv/my log"],
  ["white space around it", " file:///srv/log"],
  ["a tab, which URL parsers drop", "file:///srv/l\tog"],
  ["a backslash, which URL parsers turn round", "file:///srv\\log"],
  ["capitals in the scheme", "FILE:///srv/log"],
])("a URI with %s is refused", (_what, uri) => {
  expect(() => fsRemoteFromUri(uri)).toThrow(invalid);
});

test("the refusal of another host says that it is the host", () => {
  expect(() => fsRemoteFromUri("file://example.org/srv/log")).toThrow("names another host");
});

test.each(["", "a\0b"])("the root %j is refused", (root) => {
  expect(() => fsStorage({ root })).toThrow(invalid);
  expect(() => fsNames({ root })).toThrow(invalid);
  expect(() => fsRemote({ root })).toThrow(invalid);
});

test.each([-1, 1.5, Number.NaN, 2 ** 31])("the limit %d is refused", (largestContent) => {
  expect(() => fsStorage({ root: "x", largestContent })).toThrow(invalid);
});

test("a relative root stays the same folder when the working directory changes", () => {
  expect(fsRemote({ root: "some/where" }).label).toBe(pathToFileURL(join(process.cwd(), "some/where")).href);
});
