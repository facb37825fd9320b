// The commands on a log whose older pages are stored together.

import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const ENTRIES = 600;
const texts = Array.from({ length: ENTRIES }, (_, i) => `entry ${i}`);
const lines = (entries: readonly string[]): string => `${entries.join("\n")}\n`;

/** The objects in a folder, the largest first. */
async function objectsIn(place: Place, folder: string): Promise<{ path: string; size: number }[]> {
  const files = await readdir(place.path(folder, "contents"), { recursive: true, withFileTypes: true });
  const objects = files
    .filter((file) => file.isFile())
    .map(async (file) => {
      const path = join(file.parentPath, file.name);
      return { path, size: (await stat(path)).size };
    });
  return (await Promise.all(objects)).sort((a, b) => b.size - a.size);
}

test.each([
  ["public", ["--public"]],
  ["private", []],
])("a %s log with bundles is verified, repaired, mirrored, and parted with", async (_, kind) => {
  const place = await Place.make();
  const begun = ["--leaf-size", "16", "--remote", `r=${place.uri("r")}`, ...kind];
  await place.ok(["init", "--bundles", "writer", ...begun]);
  await place.ok(["append", "--file", "-", "--publish"], lines(texts));
  const link = (await place.ok(["link"])).out.trim();
  const read = async (log = link): Promise<string> => (await place.ok(["read", log, "--no-state"])).out;
  const verify = async (log = link): Promise<string> =>
    (await place.ok(["verify", log, "--chain", "--no-state"])).out;

  expect(await read()).toBe(lines(texts));
  // Two bundles of 16 pages, and 5 pages by themselves: not 37.
  const verified = await verify();
  expect(verified).toContain("pages    37 of 16 entries");
  expect(verified).toContain("chain    7 pages along tail, the same entries");

  // A bundle is put back like any object.
  const [largest] = await objectsIn(place, "r");
  const bundle = await readFile(largest!.path);
  await rm(largest!.path);
  expect((await place.rlog(["verify", link, "--no-state"])).code).not.toBe(0);
  await place.ok(["repair"]);
  expect(await readFile(largest!.path)).toEqual(bundle);
  await verify();

  // A mirror has it as it is, without the key.
  const open = (await place.ok(["link", "--no-key"])).out.trim();
  await place.ok(["mirror", open, "--to", `copy=${place.uri("copy")}`]);
  const copies = (await objectsIn(place, "copy")).map(({ path }) => path.slice(place.path("copy").length));
  expect(copies).toContain(largest!.path.slice(place.path("r").length));
  expect(copies.length).toBeLessThan(16);
  await rm(place.path("r"), { recursive: true });
  const ofCopy = ["--remote", `copy=${place.uri("copy")}`, "--no-state"];
  expect((await place.ok(["read", link, ...ofCopy])).out).toBe(lines(texts));
  await place.ok(["repair"]);
  await verify();

  // What is removed from a bundle is gone from it, for whoever verifies.
  await place.ok(["remove", "7", "300-310", "--now"]);
  const left = texts.filter((_, i) => i !== 7 && (i < 300 || i > 310));
  expect(await read()).toBe(lines(left));
  expect(await verify()).toContain("the writer removed 12 contents");
  for (const { path } of await objectsIn(place, "r"))
    if (kind.length > 0) expect((await readFile(path)).includes("entry 305")).toBe(false);

  // Then each page by itself again, beside the bundles that are there.
  await place.ok(["settings", "--bundles", "off"]);
  const before = (await objectsIn(place, "r")).length;
  await place.ok(["append", "--file", "-", "--publish"], lines(texts));
  expect((await objectsIn(place, "r")).length - before).toBeGreaterThan(35);
  expect(await read()).toBe(lines([...left, ...texts]));
  await verify();
});
