// A private log on the command line: who can read it, where its key goes, and where it does not.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseLink } from "@remote-log/core";
import { decodeQR } from "qr/decode.js";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

async function published(place: Place): Promise<{ readonly link: string; readonly remote: string }> {
  const { remote } = await place.log({ visibility: "private" });
  await place.ok(["append", "--publish"], "a secret of many words\nand another one\n");
  const { out, err } = await place.ok(["link"]);
  expect(err).toContain("Whoever has this link can read the log");
  return { link: out.trim(), remote };
}

/** Everything in a folder, joined. */
async function contentsOf(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return (await Promise.all(files.map((file) => readFile(file, "latin1")))).join("\n") + names.join("\n");
}

test("the remote has nothing of what was appended, and whoever has the link reads it", async () => {
  const place = await Place.make();
  const { link, remote } = await published(place);
  const stored = await contentsOf(remote);
  expect(stored.length).toBeGreaterThan(300);
  for (const word of ["a secret", "of many words", "another", link.slice(-48)])
    expect(stored).not.toContain(word);
  expect((await place.ok(["read", link])).out).toBe("a secret of many words\nand another one\n");
  expect((await place.ok(["read"])).out).toBe("a secret of many words\nand another one\n");
});

test("without the key reading ends with what to do; verify, proof, doctor and mirror need none", async () => {
  const place = await Place.make();
  const { link } = await published(place);
  const open = (await place.ok(["link", "--no-key"])).out.trim();
  expect(open.split("#")[0]).toBe(link.split("#")[0]);
  expect(parseLink(open).key).toBeUndefined();
  for (const command of [["read"], ["latest"], ["follow"]]) {
    const run = await place.rlog([...command, open, "--no-state"]);
    expect(run).toMatchObject({ code: 1, out: "" });
    expect(run.err).toMatch(/Ask its writer for the link with the key.*\[ERR_NO_KEY\]/);
  }
  expect((await place.ok(["verify", open, "--chain"])).out).toContain(
    "sealed; not opened, for want of the key",
  );
  expect((await place.ok(["verify", link, "--chain"])).out).toContain(
    "sealed; all of it opened with the key",
  );
  await place.ok(["proof", open, "--entry", "1", "--out", "proofs"]);
  await place.ok(["doctor", open, "--whole"]);
  await place.ok(["doctor", "--whole"]);
  await place.ok(["mirror", open, "--to", "./mirror"]);
  const there = (await place.ok(["link", "--remote", "./mirror"])).out.trim();
  expect(parseLink(there).remotes).toEqual([place.uri("mirror")]);
  expect((await place.ok(["read", there])).out).toContain("a secret of many words");
});

test("a link comes from a file, a variable or standard input, too", async () => {
  const place = await Place.make();
  const { link } = await published(place);
  await writeFile(place.path("bob.link"), `${link}\n`);
  place.env = { BOBS_LINK: link };
  expect((await place.ok(["latest", "@bob.link"])).out).toBe("and another one\n");
  expect((await place.ok(["latest", "env:BOBS_LINK"])).out).toBe("and another one\n");
  expect((await place.ok(["latest", "-"], `  ${link}\n`)).out).toBe("and another one\n");
  for (const [given, name] of [
    ["env:NOBODYS_LINK", "NOBODYS_LINK"],
    ["-", "Standard input"],
  ] as const) {
    const run = await place.rlog(["read", given], "");
    expect(run).toMatchObject({ code: 1, out: "" });
    expect(run.err).toContain(`${name} holds no link: it is empty`);
  }
  await writeFile(place.path("long"), "x".repeat(70_000));
  expect((await place.rlog(["read", "@long"])).err).toContain("it holds more than 65536 bytes");
  expect((await place.rlog(["read", "@missing"])).err).toContain("ENOENT");
});

test.runIf(process.platform === "linux")(
  "others on the machine don't see the key of a command that runs",
  async () => {
    const place = await Place.make({ apart: true });
    const { link } = await published(place);
    const following = place.start(["follow", link]);
    await following.shows("another");
    const seen = await readFile(`/proc/${following.child.pid}/cmdline`, "latin1");
    expect(seen).not.toContain(link.slice(-40));
    expect(seen).toMatch(/^rlog/);
    following.child.kill("SIGINT");
    await following.ended;
  },
);

test("the QR code holds the link", async () => {
  const place = await Place.make();
  const { link } = await published(place);
  const { out } = await place.ok(["link", "--qr"]);
  const rows = out.trimEnd().split("\n").slice(0, -1);
  // A character is two modules, one above the other; what is drawn is light.
  const modules = rows.flatMap((row) =>
    ["▀", "▄"].map((half) => [...row].map((one) => one === "█" || one === half)),
  );
  const scale = 4;
  const [width, height] = [modules[0]!.length * scale, modules.length * scale];
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const light = modules[Math.floor(i / width / scale)]![Math.floor((i % width) / scale)];
    data.fill(light ? 255 : 0, 4 * i, 4 * i + 3);
    data[4 * i + 3] = 255;
  }
  expect(decodeQR({ width, height, data })).toBe(link);
});

test("padding can be left out of a private log, and of no public one", async () => {
  const place = await Place.make();
  await place.ok(["init", "--no-padding", "--remote", place.uri("plain")]);
  await place.ok(["append", "hello", "--publish"]);
  const link = (await place.ok(["link"])).out.trim();
  expect((await place.ok(["read", link])).out).toBe("hello\n");
  expect(JSON.parse(await readFile(place.path(".rlog", "config.json"), "utf8"))).toMatchObject({
    genesis: { visibility: "private", padding: "none" },
  });
  const refused = await place.rlog(["init", "--public", "--no-padding", "--dir", "other"]);
  expect(refused).toMatchObject({ code: 2, out: "" });
});

test("a public log is read by its id and a remote, and its link has no key", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "for everybody", "--publish"]);
  const { out, err } = await place.ok(["link"]);
  expect(parseLink(out.trim()).key).toBeUndefined();
  expect(err).not.toContain("Whoever has this link");
  expect((await place.ok(["read", id, "--remote", uri])).out).toBe("for everybody\n");
});

test("a private log is recovered with its seed and its link alone", async () => {
  const place = await Place.make();
  const { link } = await published(place);
  const { cp, mkdir } = await import("node:fs/promises");
  await mkdir(place.path("again"));
  await cp(place.path(".rlog", "seed"), place.path("again", "seed"));
  await place.ok(["recover", link, "--dir", "again"]);
  await place.ok(["append", "after", "--publish", "--dir", "again"]);
  expect((await place.ok(["read", link])).out).toBe("a secret of many words\nand another one\nafter\n");
});

test("24 words on paper bring a log back on another device", async () => {
  const place = await Place.make();
  const { link } = await published(place);
  const { out, err } = await place.ok(["words"]);
  expect(out).toMatch(/^(([a-z]+ ){5}[a-z]+\n){4}$/);
  expect(err).toContain("Whoever has these words can read and write the log");
  const recovered = await place.ok(
    ["recover", link, "--dir", "phone", "--seed-file", "-"],
    out.toUpperCase(),
  );
  expect(recovered.err).toContain("Recovered 2 entries");
  await place.ok(["append", "from the phone", "--publish", "--dir", "phone"]);
  expect((await place.ok(["latest", link])).out).toBe("from the phone\n");
  expect(await readFile(place.path("phone", ".gitignore"), "utf8")).toContain("/seed");

  const wrong = await place.rlog(
    ["recover", link, "--dir", "other", "--seed-file", "-"],
    out.replace(/^\w+/, "remotelog"),
  );
  expect(wrong).toMatchObject({ code: 1, out: "" });
  expect(wrong.err).toMatch(/word 1 is not in the English list.*Nothing was written\. \[ERR_SEED\]/);
  const again = await place.rlog(["recover", link, "--dir", "phone", "--seed-file", "-"], out);
  expect(again.err).toContain("[ERR_EXISTS]");
  expect((await place.rlog(["recover", "--seed-file", "-"], out)).code).toBe(2);
});

test("a log begun with words has the seed that they stand for", async () => {
  const place = await Place.make();
  await place.ok(["init"]);
  const words = (await place.ok(["words"])).out;
  await writeFile(place.path("words"), words, { mode: 0o600 });
  await place.ok(["init", "--dir", "second", "--seed-file", "words"]);
  const seeds = await Promise.all(
    [".rlog", "second"].map((dir) => readFile(place.path(dir, "seed"), "utf8")),
  );
  expect(seeds[0]).toBe(seeds[1]);
});
