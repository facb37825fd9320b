// What becomes of belief in a remote: every kind of sight, with and without what makes it a suspicion.

import { expect, test } from "vitest";
import type { StorageCapabilities } from "../../src/index.ts";
import { adoptionOf, judgeBelief, type Sight } from "../../src/writer/belief.ts";

const seen = {
  absent: { kind: "absent" },
  incomplete: { kind: "incomplete", holdsPublished: false },
  own: { kind: "own", revision: "r", size: 3 },
  unchanged: { kind: "unchanged" },
  stale: { kind: "stale" },
  published: { kind: "published", revision: "r", expired: false },
} as const;

const sight = (what: keyof typeof seen, more: Partial<Sight> = {}): Sight => ({
  seen: seen[what],
  decision: { kind: "wait", expected: null },
  wasPublished: true,
  shown: "aa",
  remoteId: "aa",
  doubt: undefined,
  readYourWrites: true,
  ...more,
});
const republish = { kind: "republish", expected: null } as const;

test.each(["absent", "incomplete"] as const)("a name that is %s ends belief once it was lost", (what) => {
  expect(judgeBelief(sight(what))).toBe("kept");
  expect(judgeBelief(sight(what, { decision: republish }))).toBe("ended");
  // Nothing shows an id: that alone says nothing.
  expect(judgeBelief(sight(what, { shown: null }))).toBe("kept");
});

test("a head of ours ends belief if another remote shows it, or if it was set back", () => {
  expect(judgeBelief(sight("own"))).toBe("kept");
  expect(judgeBelief(sight("own", { shown: "bb" }))).toBe("ended");
  expect(judgeBelief(sight("own", { shown: null }))).toBe("ended");
  expect(judgeBelief(sight("own", { shown: null, remoteId: undefined }))).toBe("kept");
  expect(judgeBelief(sight("own", { decision: republish }))).toBe("ended");
  // A name that may lag shows older heads for a while.
  expect(judgeBelief(sight("own", { decision: republish, readYourWrites: false }))).toBe("kept");
  expect(judgeBelief(sight("own", { shown: "bb", readYourWrites: false }))).toBe("ended");
});

test.each(["unchanged", "stale", "published"] as const)("what is %s ends no belief", (what) => {
  expect(judgeBelief(sight(what, { decision: republish, shown: "bb" }))).toBe("kept");
});

test("one sight ends belief once: what was found since counts as long as the name shows the same", () => {
  for (const shown of ["bb", null]) {
    expect(judgeBelief(sight("own", { shown, doubt: { shown } }))).toBe("kept");
    expect(judgeBelief(sight("own", { shown, doubt: { shown: "cc" } }))).toBe("ended");
  }
});

test("a place that was never published to, and shows our log, is adopted", () => {
  const unknown = { wasPublished: false, remoteId: undefined };
  expect(judgeBelief(sight("own", unknown))).toBe("adopted");
  expect(judgeBelief(sight("own", { ...unknown, doubt: { shown: "aa" } }))).toBe("kept");
  expect(judgeBelief(sight("absent", unknown))).toBe("kept");
  // If what is there may go with somebody else, it is sent again.
  const capabilities = { readYourWrites: true, absence: "global", hashTypes: [] } as const;
  const at = (presence: "kept" | "passing") =>
    ({ ...capabilities, presence }) as unknown as StorageCapabilities;
  expect(adoptionOf("aa", at("passing"))).toEqual({ shown: "aa", sends: true });
  expect(adoptionOf("aa", at("kept"))).toEqual({ shown: "aa" });
});
