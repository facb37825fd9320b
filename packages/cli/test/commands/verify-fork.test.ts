// The proof that a key said two things of one log, made by two devices of one seed, and checked with nothing but its file.

import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

/** Two devices of one seed that appended the same, and then removed different entries. Returns the log id, and a remote of each. */
async function twoDevices(
  place: Place,
): Promise<{ readonly id: string; readonly uris: readonly [string, string] }> {
  await writeFile(place.path("seed"), "5d".repeat(32), { mode: 0o600 });
  const uris = [place.uri("one"), place.uri("two")] as const;
  const ids: string[] = [];
  for (const [i, uri] of uris.entries()) {
    const own = ["--dir", place.path(`device-${i}`)];
    const { out } = await place.ok([
      "init",
      "--public",
      "--seed-file",
      "seed",
      "--remote",
      `here=${uri}`,
      ...own,
    ]);
    ids.push(out.trim());
    await place.ok(["append", "a", "b", "c", "d", "--publish", ...own]);
  }
  await place.ok(["remove", "1", "--dir", place.path("device-0")]);
  // One that says more: the sizes differ, and the proof has a path.
  await place.ok(["remove", "2", "--dir", place.path("device-1")]);
  await place.ok(["remove", "3", "--dir", place.path("device-1")]);
  expect(ids[0]).toBe(ids[1]);
  return { id: ids[0]!, uris };
}

test("two devices of one seed that say different things of the log are proven to, by its manifest", async () => {
  const place = await Place.make();
  const { id, uris } = await twoDevices(place);
  expect((await place.ok(["latest", id, "--remote", uris[0]])).out).toBe("d\n");
  const { code, out, err } = await place.rlog(["read", id, "--remote", uris[1]]);
  expect({ code, out }, err).toEqual({ code: 3, out: "" });
  expect(err).toContain("[ERR_FORK]");

  const file = /proof of the fork is in (\S+);/.exec(err)![1]!;
  expect((await place.ok(["verify-fork", file])).out).toBe(
    `proved: the key of log ${id} signed two histories that contradict each other, of 1 and 2 versions of its manifest\n`,
  );
  // The log stays frozen, also for a reader that sees one side.
  expect((await place.rlog(["latest", id, "--remote", uris[0]])).code).toBe(3);

  const proof = JSON.parse(await readFile(file, "utf8")) as {
    readonly smaller: string;
    readonly larger: string;
    readonly path: readonly string[];
  };
  const refusals = {
    "[ERR_NO_FORK]": { larger: proof.smaller, path: [] },
    "[ERR_INTEGRITY]": { smaller: proof.smaller.replaceAll("/manifest", "") },
  };
  for (const [code, change] of Object.entries(refusals)) {
    await writeFile(place.path("changed.json"), JSON.stringify({ ...proof, ...change }));
    const run = await place.rlog(["verify-fork", "changed.json"]);
    expect({ code: run.code, err: run.err }).toEqual({ code: 3, err: expect.stringContaining(code) });
  }
  await writeFile(place.path("changed.json"), JSON.stringify({ ...proof, path: [] }));
  expect((await place.rlog(["verify-fork", "changed.json"])).err).toContain("[ERR_NO_FORK]");
});
