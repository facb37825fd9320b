import { execFileSync } from "node:child_process";
import { cp, mkdir, symlink } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { formatLink } from "@remote-log/core";
import { expect, test } from "vitest";
import { Place } from "../../rlog.ts";

const logId = "0f".repeat(32);

test.each(["/dev", "/dev/fd/3", "/proc/self/cwd", "/sys/class", "/net/attacker.example/export", "/afs/x"])(
  "a link does not lead to %s, unless the user trusts it",
  async (path) => {
    const place = await Place.make();
    const link = formatLink({ logId, remotes: [`file://${path}`] });
    const { code, err } = await place.rlog(["read", link, "--no-state"]);
    expect(code).toBe(1);
    expect(err).toContain("[ERR_UNTRUSTED]");
    expect(err).toContain(`--trust 'file://${path}'`);
    const trusted = await place.rlog(["read", link, "--no-state", "--trust", `file://${path}`]);
    expect(trusted.err).not.toContain("[ERR_UNTRUSTED]");
  },
);

test("a link does not lead there through a symbolic link, either", async () => {
  const place = await Place.make();
  await symlink("/proc/self", place.path("harmless"));
  const link = formatLink({ logId, remotes: [place.uri("harmless")] });
  expect((await place.rlog(["read", link, "--no-state"])).err).toContain("[ERR_UNTRUSTED]");
});

test("a folder that is no remote delivers nothing, and a pipe in the place of one holds nobody up", async () => {
  const place = await Place.make();
  await mkdir(place.path("private"));
  execFileSync("mkfifo", [place.path("pipe"), place.path("private", "names")]);
  for (const uri of [place.uri("private"), place.uri("pipe"), "file:///etc"]) {
    const { code, out } = await place.rlog(["read", formatLink({ logId, remotes: [uri] }), "--no-state"]);
    expect(out).toBe("");
    expect(code).not.toBe(0);
  }
});

test("a log in a folder of this machine is read by its link alone", async () => {
  const place = await Place.make();
  const { remote } = await place.log();
  await place.ok(["append", "a", "--publish"]);
  const link = (await place.ok(["link"])).out.trim();
  expect(await place.ok(["read", link])).toMatchObject({ out: "a\n", err: "" });
  // A refused remote among others is told, and left out.
  await cp(remote, place.path("copy"), { recursive: true });
  const others = ["file:///proc/1", pathToFileURL(place.path("copy")).href];
  const [, id = ""] = /^rlog:([0-9a-f]{64})/.exec(link) ?? [];
  const read = await place.ok(["read", formatLink({ logId: id, remotes: others })]);
  expect(read.out).toBe("a\n");
  expect(read.err).toContain("The link names file:///proc/1.");
});
