// `rlog serve`: its settings, what it serves, and how it ends.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { until } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const service = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../service/${name}`, import.meta.url)), "utf8");

test("it mirrors the logs of its file, readers read them by its URLs, and SIGTERM ends it with 0", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "--publish"], "a\nb\n");
  const config = {
    folder: place.path("copies"),
    cosign: place.path("mirror.key"),
    logs: [{ link: id, remotes: [uri] }],
  };
  await writeFile(place.path("serve.json"), JSON.stringify(config));
  const running = place.start([
    "serve",
    "--config",
    "serve.json",
    "--listen",
    "127.0.0.1:0",
    "--poll",
    "0.1",
  ]);
  await running.shows(`${id} mirrored (2 entries)`);
  const [, url] = /^(http:\S+\/logs\/\S+)$/m.exec(running.printed())!;
  expect((await place.ok(["read", id, "--remote", url!])).out).toBe("a\nb\n");
  await place.ok(["append", "c", "--publish"]);
  await running.shows(`${id} mirrored (3 entries)`);
  expect((await place.ok(["read", id, "--remote", url!])).out).toBe("a\nb\nc\n");
  const metrics = async (): Promise<string> => (await fetch(new URL("/metrics", url))).text();
  await until(async () => (await metrics()).includes(`chore="check `));
  expect(await metrics()).toContain(`rlog_entries{log="${id}"} 3\n`);
  running.child.kill("SIGTERM");
  const { code, err } = await running.ended;
  expect(code).toBe(0);
  expect(err).toMatch(/^The key of this mirror was made: /);
});

test("what can't be served is refused before anything is opened", async () => {
  const place = await Place.make();
  const refused = async (words: readonly string[], code: number, why: string): Promise<void> => {
    const run = await place.rlog(["serve", ...words]);
    expect({ code: run.code, out: run.out }).toEqual({ code, out: "" });
    expect(run.err).toContain(why);
  };
  const id = "0".repeat(64);
  await refused([], 2, "There is no log to serve");
  await refused([id], 2, "--folder");
  await refused([id, "--folder", "x", "--cosign", "k", "--witness", "k"], 2, "two keys");
  for (const listen of ["8080", "host:", "host:70000", "[::1", "a:b:1"])
    await refused([id, "--folder", "x", "--listen", listen], 2, "no place to listen at");
  await refused([id, "--max-bytes", "0"], 2, "1 or more");
  for (const [config, why] of [
    ["{", "no JSON"],
    ["[]", "it is no object"],
    ['{"log":[]}', '"log", which has no meaning'],
    ['{"folder":1}', "folder is no text"],
    ['{"poll":0}', "poll is no number"],
    ['{"trust":"x"}', "trust is no list"],
    ['{"maxBytes":0.5}', "maxBytes is no whole number"],
    ['{"logs":{}}', "logs is no list"],
    ['{"logs":[1]}', "a log is no object"],
    ['{"logs":[{}]}', "a log has no link"],
    ['{"logs":[{"link":"x","remotes":[1]}]}', "no list of texts"],
    ['{"logs":[{"link":"x","maxEntries":-1}]}', "maxEntries is no whole number"],
    ['{"logs":[{"link":"x","maxEntrys":1}]}', '"maxEntrys"'],
  ] as const) {
    await writeFile(place.path("serve.json"), config);
    await refused(["--config", "serve.json"], 1, why);
  }
  await refused(["--config", "missing.json"], 1, "[ENOENT]");
});

test("the unit of systemd and the container start what exists", async () => {
  const place = await Place.make();
  const help = (await place.ok(["serve", "--help"])).out;
  const [, unit] = /^ExecStart=\/usr\/bin\/env rlog (.+)$/m.exec(await service("rlog-serve.service"))!;
  const containerfile = await service("Containerfile");
  const container = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(containerfile)![1]!) as string[];
  for (const [name, ...words] of [["rlog", ...unit!.split(" ")], container]) {
    expect(name).toBe("rlog");
    expect(words[0]).toBe("serve");
    const options = words.filter((word) => word.startsWith("--"));
    expect(options.length).toBeGreaterThan(1);
    for (const option of options) expect(help).toContain(`${option} <`);
  }
  const { bin, files, name } = JSON.parse(
    await readFile(fileURLToPath(new URL("../../package.json", import.meta.url)), "utf8"),
  ) as { bin: object; files: string[]; name: string };
  expect(Object.keys(bin)).toEqual(["rlog"]);
  expect(files).toContain("service");
  expect(containerfile).toContain(`${name}@`);
  const port = /^EXPOSE (\d+)$/m.exec(containerfile)![1]!;
  expect(container.at(-1)).toBe(`0.0.0.0:${port}`);
  expect(containerfile).toContain(`http://127.0.0.1:${port}/healthz`);
});
