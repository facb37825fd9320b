// Forks of logs whose key can be replaced, and what their proofs say.

import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";
import { begin, steal } from "./recovery-words.ts";

/** Two copies of a folder, each with a remote of its own; and how a reader of both ends, and what the proof says. */
async function twoSides(
  place: Place,
  id: string,
  change: (dir: readonly string[]) => Promise<unknown>,
): Promise<{ readonly err: string; readonly proved: string; readonly file: string }> {
  const sides = [await steal(place, "left"), await steal(place, "right")];
  for (const [i, dir] of sides.entries()) {
    const [{ label }] = JSON.parse(`[${(await place.ok(["remote", "list", "--json", ...dir])).out}]`) as [
      { label: string },
    ];
    await place.ok(["remote", "remove", label, ...dir]);
    await place.ok(["remote", "add", `./side-${i}`, ...dir]);
    await change(dir);
    await place.ok(["append", `${i}`, "--publish", ...dir]);
  }
  const read = ["read", id, "--remote", "./side-0", "--remote", "./side-1", "--state", "carol"];
  const { code, err } = await place.rlog(read);
  expect([code, err]).toEqual([3, expect.stringContaining("[ERR_FORK]")]);
  const file = place.path("carol", id, `fork-${id}.json`);
  return { err, file: await readFile(file, "utf8"), proved: (await place.ok(["verify-fork", file])).out };
}

test("two devices that replace the key at the same time fork the log, and the proof names the recovery key", async () => {
  const place = await Place.make();
  const { id, words } = await begin(place, "--public");
  await place.ok(["append", "a", "--publish"]);
  const { proved } = await twoSides(place, id, async (dir) => {
    await place.ok(["append", `by ${dir[1]}`, ...dir]);
    await place.ok(["rotate-key", "--recovery-file", "-", ...dir], words);
  });
  expect(proved).toContain("the recovery key of log");
});

test("the proof of a fork holds the successions that led to the key which signed both sides", async () => {
  const place = await Place.make();
  const { id, words } = await begin(place, "--public");
  await place.ok(["append", "a", "--publish"]);
  await place.ok(["rotate-key", "--recovery-file", "-"], words);
  const { file, proved } = await twoSides(place, id, async () => undefined);
  expect(proved).toMatch(/^proved: the key of log .* signed two histories/);
  const proof = JSON.parse(file) as { successions: unknown[] };
  expect(proof.successions).toHaveLength(1);
  for (const successions of [[], ["x"], [1], "x", Array.from({ length: 256 }, () => "x")]) {
    await writeFile(place.path("proof.json"), JSON.stringify({ ...proof, successions }));
    const run = await place.rlog(["verify-fork", "proof.json"]);
    expect([run.code, run.out], String(successions)).toEqual([3, ""]);
  }
});
