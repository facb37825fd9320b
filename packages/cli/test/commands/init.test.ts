import { execFile } from "node:child_process";
import { appendFile, chmod, readFile, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const git = async (folder: string, ...words: string[]): Promise<string> =>
  (await promisify(execFile)("git", words, { cwd: folder })).stdout;

test("git takes nothing of a log's folder but the file that says so, whatever commands have left there", async () => {
  const place = await Place.make();
  await git(place.folder, "init", "--quiet");
  await place.log();
  await place.ok(["append", "a", "--publish"]);
  await git(place.folder, "add", "--all");
  const staged = (await git(place.folder, "diff", "--cached", "--name-only")).split("\n");
  expect(staged.filter((path) => path.startsWith(".rlog/"))).toEqual([".rlog/.gitignore"]);
});

test("a .gitignore of the user's own is left as it is, and told of if it does not name the seed", async () => {
  const place = await Place.make();
  await writeFile(place.path(".gitignore"), "node_modules\n");
  expect((await place.ok(["init", "--public", "--dir", "."])).err).toContain("add /seed to it");
  expect(await readFile(place.path(".gitignore"), "utf8")).toBe("node_modules\n");
});

const seed = "0123456789abcdef".repeat(4);

test("a log begins with the seed of a file or of standard input, and a seed that wrote before is noticed", async () => {
  const place = await Place.make();
  const file = place.path("my seed");
  await writeFile(file, `${seed}\n`, { mode: 0o600 });
  const words = ["init", "--public", "--remote", "./remote", "--seed-file"];
  const first = await place.ok([...words, file]);
  expect(first.err).not.toContain("chmod");
  expect((await readFile(place.path(".rlog", "seed"), "utf8")).trim()).toBe(seed);
  await place.ok(["append", "a", "b", "--publish"]);

  // The same seed again, in another folder: the same log, of which the remote has more.
  const second = await place.ok([...words, "-", "--dir", "again"], `  ${seed.toUpperCase()}\n\n`);
  expect(second.out).toBe(first.out);
  expect((await place.rlog(["append", "x", "--dir", "again"])).err).toContain("[ERR_RESTORED]");
  await place.ok(["recover", "--dir", "again"]);
  expect((await place.ok(["read", "--dir", "again"])).out).toBe("a\nb\n");
  await place.ok(["append", "c", "--dir", "again"]);

  await chmod(file, 0o644);
  const open = await place.ok(["init", "--public", "--dir", "open", "--seed-file", file]);
  expect(open.err).toContain("mode 644");
  expect((await place.ok(["append", "x", "--dir", "open"])).err).toContain(
    "was begun with a seed that was given, and has no remote to compare it with",
  );
});

test("what is no seed is refused without being shown, and nothing is begun", async () => {
  const place = await Place.make();
  const secret = "c0ffee".repeat(8);
  const file = place.path("no-seed");
  for (const [content, why] of [
    ["", "it is empty"],
    [secret, "it holds 48"],
    [`${secret}zz`, "it holds other characters"],
    [secret.repeat(100), "it holds more than 4096 bytes"],
  ] as const) {
    await writeFile(file, content, { mode: 0o600 });
    for (const [words, input] of [
      [["--seed-file", file], undefined],
      [["--seed-file", "-"], content],
    ] as const) {
      const { code, err } = await place.rlog(["init", ...words], input);
      expect(code).toBe(1);
      expect(err).toMatch(/64 hexadecimal digits.*Nothing was written\. \[ERR_SEED\]\n$/);
      expect(err).toContain(why);
      expect(err).not.toContain("c0ffee");
    }
  }
  await rm(file);
  expect((await place.rlog(["init", "--seed-file", file])).err).toContain("[ENOENT]");
  expect((await place.rlog(["init", "--seed-file", place.folder])).err).toContain("[ERR_SEED]");
  await appendFile(file, seed);
  await place.ok(["init", "--seed-file", file]);
});
