import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Place } from "../../rlog.ts";
import { hasPython, serveByPython, serveFolder } from "../web-server.ts";

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `entry ${from + i}\n`).join("");

/** A log with pages, nodes and a content of its own, mirrored to a folder. */
async function mirrored() {
  const place = await Place.make();
  const { id } = await place.log();
  await place.ok(["append"], lines(0, 40));
  await place.ok(["append", "--whole", "--publish"], "x".repeat(5000));
  const link = (await place.ok(["link"])).out.trim();
  const mirror = ["mirror", link, "--to", "static:public/log"];
  expect((await place.ok(mirror)).out).toContain("the name was set");
  return { place, id, mirror, folder: place.path("public") };
}

const all = `${lines(0, 40)}${"x".repeat(5000)}\n`;

test("a static folder holds files that are called by their hashes, and nothing else", async () => {
  const { folder } = await mirrored();
  const files = await readdir(join(folder, "log"), { recursive: true, withFileTypes: true });
  const names = files.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  for (const name of names)
    expect(name).toMatch(/\/log\/(contents\/[0-9a-f]{64}|names\/[0-9a-f]{64}|\.nojekyll)$/);
  expect(names.filter((name) => name.includes("/names/"))).toHaveLength(1);
});

const servers = [
  { server: "a server like nginx", serve: serveFolder, skip: false },
  { server: "python3 -m http.server", serve: serveByPython, skip: !hasPython },
];

test.each(sample("static-servers", servers, 1))(
  "$server serves it to readers, and what follows as well",
  async ({ serve, skip }) => {
    if (skip) return;
    const { place, id, mirror, folder } = await mirrored();
    const { url } = await serve(folder);
    const remote = `${url}/log`;
    expect((await place.ok(["read", id, "--remote", remote])).out).toBe(all);
    expect((await place.ok(["verify", id, "--remote", remote])).out).toContain("ok");
    // Heads of one length, within one second: each is noticed.
    for (const next of ["one", "two"]) {
      await place.ok(["append", next, "--publish"]);
      await place.ok(mirror);
      expect((await place.ok(["latest", id, "1", "--remote", remote])).out).toBe(`${next}\n`);
    }
    const absent = await place.rlog(["read", "0".repeat(64), "--remote", remote, "--no-state"]);
    expect(absent.code).toBe(4);
    expect(absent.err).toContain("[ERR_NOT_FOUND]");
  },
);

test("who asks again while nothing changed is told so by the server's tag", async () => {
  const { place, id, folder } = await mirrored();
  const { url, served } = await serveFolder(folder);
  const latest = ["latest", id, "1", "--remote", `${url}/log`, "--state", "of-the-reader"];
  await place.ok(latest);
  served.length = 0;
  await place.ok(latest);
  expect(served.filter(({ path }) => path.includes("/names/"))).toMatchObject([{ status: 304 }]);
});

test("a writer can publish to a static folder, and its configuration names it by its whole path", async () => {
  const place = await Place.make();
  const id = (await place.ok(["init", "--public", "--remote", "static:a folder"])).out.trim();
  for (const next of ["a", "b"]) await place.ok(["append", next, "--publish"]);
  const { url } = await serveFolder(place.path("a folder"));
  expect((await place.ok(["read", id, "--remote", url])).out).toBe("a\nb\n");
  const config = await readFile(place.path(".rlog", "config.json"), "utf8");
  expect(config).toContain(`static://${place.uri("a folder").slice("file://".length)}`);
  expect((await place.ok(["status"])).out).toContain("2");
  expect((await place.ok(["read", id, "--remote", "static:a folder", "--no-state"])).out).toBe("a\nb\n");
});

test.each(["static:", "static://host/srv/log", "static:///srv/log?x=1", "static:///srv/%zz"])(
  "%s names no folder",
  async (uri) => {
    const place = await Place.make();
    const { code, err } = await place.rlog(["init", "--public", "--remote", uri]);
    expect(code).toBe(2);
    expect(err).toContain("[ERR_USAGE]");
  },
);
