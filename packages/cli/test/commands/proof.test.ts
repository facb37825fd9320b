// Test set: mixed
import { execFile } from "node:child_process";
import { cp, readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { goOrSkip } from "@remote-log/servers";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const checker = fileURLToPath(new URL("../../../../tools/proof-check", import.meta.url));
const run = promisify(execFile);

const { skip } = await goOrSkip();

test.skipIf(skip)(
  "an independent program accepts the files that proof writes, and no others",
  async () => {
    const place = await Place.make();
    const { id, uri } = await place.log();
    await place.ok(["append", "--publish"], Array.from({ length: 21 }, (_, i) => `early ${i}\n`).join(""));
    await place.ok(["proof", id, "--remote", uri, "--entry", "20", "--out", "early"]);
    await place.ok(["append", "--publish"], Array.from({ length: 50 }, (_, i) => `late ${i}\n`).join(""));
    const { out } = await place.ok([
      "proof",
      id,
      "--remote",
      uri,
      "--entry",
      "33",
      "--since",
      "21",
      "--out",
      "late",
    ]);
    expect(out.trim().split("\n")).toEqual([
      "late/checkpoint",
      "late/key.vkey",
      "late/entry-33.tlog-proof",
      "late/entry-33.leaf",
      "late/21-71.consistency",
    ]);
    expect((await stat(place.path("late", "entry-33.leaf"))).size).toBe(64);

    const key = (await readFile(place.path("late", "key.vkey"), "utf8")).trim();
    const check = async (...words: string[]): Promise<string> => {
      const { stdout } = await run("go", ["run", ".", "-key", key, ...words], { cwd: checker });
      return stdout;
    };
    const late = (name: string): string => place.path("late", name);
    const early = place.path("early", "checkpoint");
    expect(await check("checkpoint", late("checkpoint"))).toMatch(/^ok/);
    expect(await check("inclusion", late("entry-33.tlog-proof"), late("entry-33.leaf"))).toMatch(/^ok/);
    expect(await check("consistency", early, late("checkpoint"), late("21-71.consistency"))).toMatch(/^ok/);
    await cp(place.path("early", "entry-20.leaf"), place.path("wrong.leaf"));
    await expect(check("inclusion", late("entry-33.tlog-proof"), place.path("wrong.leaf"))).rejects.toThrow(
      "Command failed",
    );
  },
  600_000,
);
