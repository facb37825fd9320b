import { cp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Place } from "./rlog.ts";

/** Changes one byte of every content that a remote holds. */
async function damage(remote: string): Promise<void> {
  const folder = join(remote, "contents");
  for (const name of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const path = join(name.parentPath, name.name);
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
  }
}

const lines = Array.from({ length: 40 }, (_, i) => `entry ${i}\n`).join("");

test.each(["read", "verify"])(
  "%s of a damaged storage ends with 3, and delivers nothing false",
  async (command) => {
    const place = await Place.make();
    const { id, remote, uri } = await place.log();
    await place.ok(["append", "--publish"], lines);
    await damage(remote);
    const { code, out, err } = await place.rlog([command, id, "--remote", uri]);
    expect(code).toBe(3);
    expect(err).toContain("[ERR_INTEGRITY]");
    expect(lines.startsWith(out)).toBe(true);
    expect(out).not.toContain("ok");
  },
);

test("a remote that was set back is noticed in a later run, unless no state is kept", async () => {
  const place = await Place.make({ apart: true });
  const { id, remote, uri } = await place.log();
  await place.ok(["append", "a", "--publish"]);
  await cp(remote, place.path("older"), { recursive: true });
  await place.ok(["append", "b", "--publish"]);
  await place.ok(["read", id, "--remote", uri]);
  await rm(remote, { recursive: true });
  await cp(place.path("older"), remote, { recursive: true });

  const again = await place.rlog(["read", id, "--remote", uri]);
  expect(again).toMatchObject({ code: 3, out: "" });
  expect(again.err).toContain("[ERR_ROLLBACK]");
  expect((await place.ok(["read", id, "--remote", uri, "--no-state"])).out).toBe("a\n");
});

test("a fork is refused, and its proof goes to a file that is checked with nothing else", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await cp(place.path(".rlog"), place.path("copy"), { recursive: true });
  const other = place.uri("other");
  const config = JSON.parse(await readFile(place.path("copy", "config.json"), "utf8")) as object;
  await writeFile(place.path("copy", "config.json"), JSON.stringify({ ...config, remotes: { other } }));
  await place.ok(["append", "one history", "--publish"]);
  await place.ok(["append", "another history", "and more", "--publish", "--dir", "copy"]);

  await place.ok(["read", id, "--remote", uri]);
  const { code, out, err } = await place.rlog(["read", id, "--remote", other]);
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toContain("[ERR_FORK]");
  const file = /proof of the fork is in (\S+);/.exec(err)![1]!;
  expect((await place.ok(["verify-fork", file])).out).toContain(`the key of log ${id} signed two histories`);
  // The log stays frozen.
  expect((await place.rlog(["latest", id, "--remote", uri])).code).toBe(3);

  const proof = JSON.parse(await readFile(file, "utf8")) as { smaller: string };
  const same = JSON.stringify({ ...proof, larger: proof.smaller, path: [] });
  await writeFile(place.path("no-fork.json"), same);
  const checked = await place.rlog(["verify-fork", "no-fork.json"]);
  expect(checked.code).toBe(3);
  expect(checked.err).toContain("[ERR_NO_FORK]");
  const forged = JSON.stringify({ ...proof, smaller: proof.smaller.replace("\n1\n", "\n2\n") });
  await writeFile(place.path("forged.json"), forged);
  expect((await place.rlog(["verify-fork", "forged.json"])).err).toContain("[ERR_INTEGRITY]");
});

test("a writer that was restored from a backup appends and publishes nothing until recover", async () => {
  const place = await Place.make();
  const { id, uri, remote } = await place.log();
  await place.ok(["append", "a", "--publish"]);
  await cp(place.path(".rlog"), place.path("backup"), { recursive: true });
  await place.ok(["append", "b", "--publish"]);
  // While the remote can't be asked, it appends, and says that it may be old.
  await rename(remote, place.path("away"));
  await writeFile(remote, "no folder");
  expect((await place.ok(["append", "c", "--dir", "backup"])).err).toContain("could not be asked");
  await rm(remote);
  await rename(place.path("away"), remote);
  for (const command of [["append", "d", "--publish"], ["publish"]]) {
    const refused = await place.rlog([...command, "--dir", "backup"]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("[ERR_RESTORED]");
  }
  await place.ok(["recover", "--dir", "backup"]);
  await place.ok(["publish", "--dir", "backup"]);
  expect((await place.ok(["read", id, "--remote", uri])).out).toBe("a\nb\nc\n");
});

test("a log that is not there ends with 4", async () => {
  const place = await Place.make();
  const { code, err } = await place.rlog(["read", "0".repeat(64), "--remote", place.uri()]);
  expect(code).toBe(4);
  expect(err).toMatch(/^rlog: .*\[ERR_NOT_FOUND\]\n$/);
});
