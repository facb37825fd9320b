// Real processes that share one state folder, and storage that shows each of them another history.

import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { Place, type Running } from "../rlog.ts";

/** A log of one entry that a key continued in two ways, and the two folders in which it did so. */
async function forkedLog(
  place: Place,
): Promise<{ readonly id: string; readonly branches: readonly string[] }> {
  const { id, remote } = await place.log();
  await place.ok(["append", "common", "--publish"]);
  // A second device with a copy of the journal, and a copy of the remote.
  const other = place.path("other");
  await cp(remote, other, { recursive: true });
  await cp(place.path(".rlog"), place.path("device"), { recursive: true });
  const file = place.path("device", "config.json");
  const config = JSON.parse(await readFile(file, "utf8")) as { remotes: Record<string, string> };
  const [label] = Object.keys(config.remotes);
  await writeFile(file, JSON.stringify({ ...config, remotes: { [label!]: place.uri("other") } }));
  const entries = (word: string): string => Array.from({ length: 39 }, (_, i) => `${word} ${i}\n`).join("");
  for (const name of ["one", "two"]) await cp(remote, place.path(name), { recursive: true });
  await place.ok(["append", "--publish"], entries("this"));
  await place.ok(["append", "--publish", "--dir", "device"], entries("that"));
  return { id, branches: [remote, other] };
}

/** Makes a folder that a process reads show what another one holds: contents first, as a writer does. */
async function show(from: string, to: string): Promise<void> {
  await cp(`${from}/contents`, `${to}/contents`, { recursive: true });
  await cp(`${from}/names`, `${to}/names`, { recursive: true });
}

test("of two processes with one state, one delivers its history, and both stop with the proof of the fork", async () => {
  const place = await Place.make();
  const { id, branches } = await forkedLog(place);
  const names = ["one", "two"] as const;
  const words = (name: string) => ["follow", id, "--remote", `here=${place.uri(name)}`, "--poll", "0.1"];
  const [one, two] = names.map((name) => place.start(words(name))) as [Running, Running];
  for (const process of [one, two]) await process.shows("common\n");
  await Promise.all(names.map((name, i) => show(branches[i]!, place.path(name))));
  const runs = await Promise.all([one.ended, two.ended]);
  for (const { code, err } of runs) {
    expect({ code, fork: err.includes("[ERR_FORK]") }, err).toEqual({ code: 3, fork: true });
    const file = /proof of the fork is in (\S+);/.exec(err)![1]!;
    expect((await place.ok(["verify-fork", file])).out).toContain(
      `the key of log ${id} signed two histories`,
    );
  }
  const delivered = runs.map(({ out }) => out.split("\n").length - 2);
  expect(Math.min(...delivered), "entries beyond the common one").toBe(0);
  // Whoever reads with this state later is told as well.
  const later = await place.rlog(["read", id, "--remote", place.uri("one")]);
  expect({ code: later.code, out: later.out }).toEqual({ code: 3, out: "" });
  await rm(place.path("state-home"), { recursive: true });
  expect((await place.ok(["read", id, "--remote", place.uri("one")])).out).toContain("this 38\n");
});
