// Our own S3 server with a port and a folder of its own: what it kept is there at the next start.
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type OwnS3, type OwnS3Options, startOwnS3 } from "@remote-log/servers";
import { expect, onTestFinished, test } from "vitest";
import { s3OptionsOf } from "../src/s3/for-person.ts";
import { bytes, signedFetch } from "./own-s3.ts";
import { temporaryFolder } from "./processes.ts";

async function started(options: OwnS3Options): Promise<OwnS3> {
  const server = await startOwnS3({ buckets: ["tests"], ...options });
  onTestFinished(() => server.stop());
  return server;
}

const textOf = async (server: OwnS3, path: string): Promise<string> =>
  (await signedFetch(server, { path })).text();

test("objects, buckets and the account are there at the next start, and what was removed is not", async () => {
  const data = join(await temporaryFolder(), "new", "folder");
  const first = await started({ data });
  await signedFetch(first, { method: "PUT", path: "/made" });
  await signedFetch(first, { method: "PUT", path: "/tests/a/b", body: bytes("one") });
  await signedFetch(first, { method: "PUT", path: "/tests/a/b", body: bytes("two") });
  await signedFetch(first, { method: "PUT", path: "/tests/gone", body: bytes("x") });
  await signedFetch(first, { method: "DELETE", path: "/tests/gone" });
  const head = await signedFetch(first, { method: "GET", path: "/tests/a/b" });
  await first.stop();
  // What a process leaves that ended while it wrote.
  await writeFile(join(data, "buckets", "tests", "00.unfinished"), "half");

  const second = await started({ data });
  expect(second.credentials).toEqual(first.credentials);
  expect(await textOf(second, "/tests/a/b")).toBe("two");
  const again = await signedFetch(second, { method: "GET", path: "/tests/a/b" });
  for (const header of ["etag", "last-modified", "content-type"])
    expect(again.headers.get(header), header).toBe(head.headers.get(header));
  expect((await signedFetch(second, { method: "GET", path: "/tests/gone" })).status).toBe(404);
  expect((await signedFetch(second, { method: "HEAD", path: "/made" })).status).toBe(200);
  expect((await signedFetch(second, { method: "DELETE", path: "/made" })).status).toBe(204);
  expect(await readdir(join(data, "buckets"))).toEqual(["tests"]);
  expect((await stat(join(data, "account.json"))).mode & 0o777).toBe(0o600);
});

test("a folder has one server at a time, and one whose process has ended has none", async () => {
  const data = await temporaryFolder();
  const first = await started({ data });
  const refused = { code: "ERR_SERVER_START", message: expect.stringContaining(`process ${process.pid}`) };
  await expect(startOwnS3({ data })).rejects.toMatchObject(refused);
  await first.stop();
  await writeFile(join(data, "process"), "2147483646");
  await (await started({ data })).stop();
  await expect(stat(join(data, "process"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("a folder that can't be used, and an object that is damaged, are told by their paths", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "");
  const options = { data: join(folder, "file") };
  await expect(startOwnS3(options)).rejects.toMatchObject({ code: "ERR_SERVER_START" });
  const data = join(folder, "data");
  const first = await started({ data });
  await signedFetch(first, { method: "PUT", path: "/tests/a", body: new Uint8Array(9) });
  await first.stop();
  const bucket = join(data, "buckets", "tests");
  const [name = ""] = await readdir(bucket);
  await truncate(join(bucket, name), 3);
  await expect(startOwnS3({ data })).rejects.toThrow(`${join(bucket, name)} is no object`);
});

test("what the folder can't take is not there, and the writer is told", async () => {
  const data = await temporaryFolder();
  const server = await started({ data });
  await signedFetch(server, { method: "PUT", path: "/tests/a", body: bytes("one") });
  const [name = ""] = await readdir(join(data, "buckets", "tests"));
  const path = join(data, "buckets", "tests", name);
  await rm(path);
  // A folder in the place of the file can't be replaced by one.
  await mkdir(join(path, "full"), { recursive: true });
  expect((await signedFetch(server, { method: "PUT", path: "/tests/a", body: bytes("two") })).status).toBe(
    500,
  );
  expect(await textOf(server, "/tests/a")).toBe("one");
});

test("it listens where it is told to, and says so if it can't", async () => {
  const first = await started({});
  const port = Number(new URL(first.endpoint).port);
  await expect(startOwnS3({ port })).rejects.toMatchObject({
    code: "ERR_SERVER_START",
    message: expect.stringContaining(`port ${port} of 127.0.0.1: another program has it`),
  });
  const data = await temporaryFolder();
  await expect(startOwnS3({ port, data })).rejects.toMatchObject({ code: "ERR_SERVER_START" });
  await first.stop();
  const second = await started({ port, data });
  expect(second.endpoint).toBe(`http://127.0.0.1:${port}`);
  expect(JSON.parse(await readFile(join(data, "account.json"), "utf8"))).toEqual(second.credentials);
});

test.each([
  [{ port: "0" }, '--port takes a number from 1 to 65535, not "0".'],
  [{ port: "65536" }, '--port takes a number from 1 to 65535, not "65536".'],
  [{ port: "http" }, '--port takes a number from 1 to 65535, not "http".'],
  [{ data: "" }, "--data takes a folder."],
  [{ cors: ["https://a.example", "a.example"] }, 'not "a.example".'],
  [{ cors: ["https://a.example/path"] }, 'not "https://a.example/path".'],
  [{ cors: ["https://*.*.example"] }, 'not "https://*.*.example".'],
  [{ cors: [""] }, 'not "".'],
])("%j is refused with what would do", (words, why) => {
  expect(s3OptionsOf(words)).toContain(why);
});

test("what a person types becomes options", () => {
  const cors = ["*", "https://*.example", "http://localhost:*", "http://localhost:5173"];
  expect(s3OptionsOf({ port: "9000", data: "/tmp/x/../y", cors })).toMatchObject({
    port: 9000,
    data: "/tmp/y",
    cors: { allowedOrigins: cors },
  });
  expect(s3OptionsOf({})).toEqual({});
});
