import { cp, readdir, rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

// Three remotes: one is whole, one lags behind, and one shows the newest head and has lost all that lies below it.

interface World {
  readonly place: Place;
  readonly id: string;
  readonly uri: (name: string) => string;
}

async function world({ ahead = 30 } = {}): Promise<World> {
  const place = await Place.make();
  await place.ok(["init", "--public", "--leaf-size", "2", "--remote", `newest=${place.uri("newest")}`]);
  const id = (JSON.parse((await place.ok(["status", "--json"])).out) as { logId: string }).logId;
  const append = async (count: number, name: string): Promise<void> => {
    const lines = Array.from({ length: count }, (_, i) => `${name} ${i}`).join("\n");
    await place.ok(["append", "--publish"], `${lines}\n`);
    await cp(place.path("newest"), place.path(name), { recursive: true });
  };
  await append(20, "older");
  await append(6, "whole");
  await append(ahead, "withheld");
  // The name stays, and what it leads to is gone.
  for (const folder of await readdir(place.path("withheld"))) {
    if (!folder.startsWith("name")) await rm(place.path("withheld", folder), { recursive: true });
  }
  return { place, id, uri: (name) => place.uri(name) };
}

const from = ({ uri }: World, ...names: string[]): string[] =>
  names.flatMap((name) => ["--remote", `${name}=${uri(name)}`]);

test("rlog read delivers what the honest remotes have, and tells on standard error of the state that is not used", async () => {
  const all = await world();
  const { place, id } = all;
  const remotes = from(all, "withheld", "whole", "older");
  const text = await place.ok(["read", id, ...remotes]);
  expect(text.out.trim().split("\n")).toHaveLength(26);
  expect(text.err).toContain("rlog: withheld shows 56 entries that the writer signed");
  const json = await place.ok(["read", id, "--json", ...remotes]);
  expect(json.out.trim().split("\n")).toHaveLength(26);
  expect(JSON.parse(json.err)).toEqual({ notice: "unverified", remote: "withheld", size: 56, newest: 26 });
  await rm(place.path("withheld"), { recursive: true });
  const later = await place.ok(["read", id, ...remotes]);
  expect(later.out).toBe(text.out);
  expect(later.err).toContain("withheld once showed 56 entries");
});

test("rlog doctor says of no state that it is behind unless that is proven", async () => {
  const all = await world();
  const { place, id } = all;
  const examined = async (...names: string[]): Promise<unknown[]> => {
    const { out } = await place.rlog(["doctor", id, "--json", ...from(all, ...names)]);
    return (JSON.parse(out) as { remotes: { label: string; state: string }[] }).remotes.map(
      ({ label, state }) => `${label}: ${state}`,
    );
  };
  expect(await examined("newest", "whole", "older")).toEqual([
    "newest: newest",
    "whole: behind",
    "older: behind",
  ]);
  expect(await examined("withheld", "whole", "older")).toEqual([
    "withheld: unverified",
    "whole: newest",
    "older: behind",
  ]);
  const { out } = await place.rlog(["doctor", id, ...from(all, "withheld", "whole")]);
  expect(out).toContain("shows a state that could not be compared with the newest, 56 entries");
  expect(out).toContain("[unverified]");
});

test("rlog latest and rlog read deliver what a mirror that lags has, and end with ERR_STALE", async () => {
  const all = await world({ ahead: 1 });
  const { place, id } = all;
  const remotes = from(all, "newest", "whole");
  expect((await place.ok(["latest", id, "1", ...remotes])).out).toBe("withheld 0\n");
  await rm(place.path("newest"), { recursive: true });
  const latest = await place.rlog(["latest", id, "2", ...remotes]);
  const read = await place.rlog(["read", id, ...remotes]);
  expect([latest.code, read.code]).toEqual([4, 4]);
  expect(latest.err).toContain("[ERR_STALE]");
  expect(latest.out).toBe("whole 4\nwhole 5\n");
  expect(read.out.trim().split("\n")).toHaveLength(26);
});
