// A log that is published when some of its remotes have it.

import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

interface Shown {
  readonly size: number;
  readonly copies: { readonly wanted: number; readonly there: number };
  readonly remotes: readonly {
    readonly label: string;
    readonly published: number;
    readonly traffic: { readonly reads: number; readonly writes: number; readonly bytesWritten: number };
    readonly cost?: { readonly dollars: number; readonly service: string };
    readonly lastError?: { readonly code: string };
  }[];
}

const statusOf = async (place: Place): Promise<Shown> =>
  JSON.parse((await place.ok(["status", "--json"])).out) as Shown;

test("two of three remotes are enough: the third is named, and gets the rest when it is back", async () => {
  const place = await Place.make();
  const remotes = ["one=./one", "two=./two", "three=./three"].flatMap((remote) => ["--remote", remote]);
  await place.ok(["init", ...remotes, "--copies", "2"]);
  await place.ok(["append", "a", "--publish"]);
  expect(await statusOf(place)).toMatchObject({ size: 1, copies: { wanted: 2, there: 3 } });
  // A file where the folder was: the place can't be used.
  await rm(place.path("two"), { recursive: true });
  await writeFile(place.path("two"), "");
  await place.ok(["append", "b"]);
  const published = await place.ok(["publish"]);
  expect(published.err).toContain("two has");
  expect(published.err).toContain("2 of 3 remotes have everything");
  const status = await statusOf(place);
  expect(status).toMatchObject({ size: 2, copies: { wanted: 2, there: 2 } });
  expect(status.remotes[1]!.lastError!.code).toMatch(/^ERR_/);
  expect((await place.ok(["status"])).out).toContain("copies: 2 of 3 remotes have everything; 2 are enough");
  // With one more, it is not published.
  await rm(place.path("three"), { recursive: true });
  await writeFile(place.path("three"), "");
  await place.ok(["append", "c"]);
  expect((await place.rlog(["publish"])).code).not.toBe(0);
  for (const label of ["two", "three"]) {
    await rm(place.path(label));
    await mkdir(place.path(label));
    await chmod(place.path(label), 0o700);
    await place.ok(["repair", "--remote", label]);
  }
  await place.ok(["publish"]);
  expect(await statusOf(place)).toMatchObject({ size: 3, copies: { wanted: 2, there: 3 } });
});

test("as many copies as remotes, and no more", async () => {
  const place = await Place.make();
  expect(await place.rlog(["init", "--remote", "./one", "--copies", "2"])).toMatchObject({ code: 2 });
  await place.ok(["init", "--remote", "one=./one", "--remote", "two=./two"]);
  expect((await place.rlog(["settings", "--copies", "3"])).err).toContain("can't have 3 copies");
  for (const wrong of ["0", "-1", "1.5", "many", ""])
    expect((await place.rlog(["settings", "--copies", wrong])).code).toBe(2);
  expect((await place.ok(["settings", "--copies", "2"])).out).toContain(
    "copies    it is published when 2 of 2 remotes have everything",
  );
  expect((await place.rlog(["remote", "remove", "two"])).err).toContain("can't have 2 copies");
  expect(JSON.parse((await place.ok(["settings", "--json"])).out)).toMatchObject({ copies: 2 });
  await place.ok(["settings", "--copies", "all"]);
  await place.ok(["remote", "remove", "two"]);
  expect(JSON.parse((await place.ok(["settings", "--json"])).out)).toMatchObject({ copies: null });
});

test("what was asked of each remote adds up from one publish to the next", async () => {
  const place = await Place.make();
  await place.ok(["init", "--remote", "one=./one"]);
  await place.ok(["append", "a", "--publish"]);
  const first = (await statusOf(place)).remotes[0]!;
  expect(first.traffic.writes).toBeGreaterThanOrEqual(1);
  expect(first).not.toHaveProperty("cost");
  await place.ok(["append", "b", "--publish"]);
  const second = (await statusOf(place)).remotes[0]!;
  for (const kind of ["reads", "writes", "bytesWritten"] as const)
    expect(second.traffic[kind]).toBeGreaterThan(first.traffic[kind]);
  expect((await place.ok(["status"])).out).toMatch(
    /so far \d+ reads? and \d+ writes?, \d+ kB read and \d+ kB sent/,
  );
});
