// A reader's state that lost what was written to it is refused: an older one would let a rollback pass.

import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const damages: Readonly<Record<string, (state: string) => Promise<void>>> = {
  "log cut short": async (state) => truncate(await logOf(state), 20),
  "a byte of the log flipped": async (state) => {
    const bytes = await readFile(await logOf(state));
    bytes[30]! ^= 1;
    await writeFile(await logOf(state), bytes);
  },
  "log file deleted": async (state) => rm(await logOf(state)),
  "database deleted": async (state) => rm(state, { recursive: true }),
  "witness damaged": async (state) => truncate(`${state}.witness`, 0),
};

async function logOf(state: string): Promise<string> {
  return join(state, (await readdir(state)).find((name) => name.endsWith(".log"))!);
}

test.each(sample("lost-state", Object.entries(damages), 2))(
  "%s: ERR_STATE, until it is begun anew",
  async (_, damage) => {
    const place = await Place.make();
    await place.log();
    await place.ok(["append", "one", "--publish"]);
    const link = (await place.ok(["link"])).out.trim();
    await place.ok(["read", link]);
    await place.ok(["append", "two", "--publish"]);
    const read = ["read", link, "--state", place.path("state")];
    await place.ok(read);
    await place.ok(["append", "three", "--publish"]);
    await place.ok(read);
    const [log] = await readdir(place.path("state"));
    const folder = place.path("state", log!);
    await damage(join(folder, "state"));
    const refused = await place.rlog(read);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("[ERR_STATE]");
    await rm(folder, { recursive: true });
    expect((await place.ok(read)).out).toBe("one\ntwo\nthree\n");
  },
);

test("a state folder that can't be made names --state and --no-state, and with the latter the log is read", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "a", "--publish"]);
  await writeFile(place.path("file"), "");
  const words = ["read", id, "--remote", uri];
  const { code, err } = await place.rlog([...words, "--state", place.path("file", "state")]);
  expect(code).toBe(1);
  expect(err).toMatch(/its folder can't be made .*--state.*--no-state.*\[ERR_STATE\]/);
  expect((await place.ok([...words, "--no-state"])).out).toBe("a\n");
});

test("a copy of a state that is in use, and one from a backup, read what is newest or are refused", async () => {
  const place = await Place.make();
  await place.log();
  await place.ok(["append", "--publish"], "one\ntwo\n");
  const link = (await place.ok(["link"])).out.trim();
  const read = (state: string) => place.rlog(["read", link, "--state", place.path(state)]);
  const whole = { code: 0, out: "one\ntwo\nthree\n" };
  expect((await read("state")).code).toBe(0);
  await cp(place.path("state"), place.path("backup"), { recursive: true });
  const following = place.start(["follow", link, "--poll", "0.1", "--state", place.path("state")]);
  await following.shows("two\n");
  // The database opens and closes meanwhile, so that files go away while they are copied.
  await cp(place.path("state"), place.path("hot"), { recursive: true }).catch(() => undefined);
  await place.ok(["append", "three", "--publish"]);
  await following.shows("three\n");
  following.child.kill("SIGINT");
  await following.ended;
  const hot = await read("hot");
  if (hot.code === 0) expect(hot).toMatchObject(whole);
  else expect(hot).toMatchObject({ code: 1, out: "", err: expect.stringContaining("[ERR_STATE]") });
  expect(await read("backup")).toMatchObject(whole);
  // The database of an earlier day, under the witness of today, would let a rollback pass.
  const [log] = await readdir(place.path("state"));
  await rm(place.path("state", log!, "state"), { recursive: true });
  expect((await place.rlog(["latest", link, "1", "--state", place.path("fresh")])).code).toBe(0);
  await cp(place.path("fresh", log!, "state"), place.path("state", log!, "state"), { recursive: true });
  const mixed = await read("state");
  expect(mixed).toMatchObject({ code: 1, out: "", err: expect.stringContaining("[ERR_STATE]") });
});
