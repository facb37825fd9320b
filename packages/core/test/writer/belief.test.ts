// When a remote is believed nothing of: every kind of sight, with and without what makes it a suspicion.

import { expect, test } from "vitest";
import { endsBelief, type Sight } from "../../src/writer/belief.ts";

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
  shown: "aa",
  remoteId: "aa",
  doubt: undefined,
  readYourWrites: true,
  ...more,
});
const republish = { kind: "republish", expected: null } as const;

test.each(["absent", "incomplete"] as const)("a name that is %s ends belief once it was lost", (what) => {
  expect(endsBelief(sight(what))).toBe(false);
  expect(endsBelief(sight(what, { decision: republish }))).toBe(true);
  // Nothing shows an id: that alone says nothing.
  expect(endsBelief(sight(what, { shown: null }))).toBe(false);
});

test("a head of ours ends belief if another remote shows it, or if it was set back", () => {
  expect(endsBelief(sight("own"))).toBe(false);
  expect(endsBelief(sight("own", { shown: "bb" }))).toBe(true);
  expect(endsBelief(sight("own", { shown: null }))).toBe(true);
  expect(endsBelief(sight("own", { shown: null, remoteId: undefined }))).toBe(false);
  expect(endsBelief(sight("own", { decision: republish }))).toBe(true);
  // A name that may lag shows older heads for a while.
  expect(endsBelief(sight("own", { decision: republish, readYourWrites: false }))).toBe(false);
  expect(endsBelief(sight("own", { shown: "bb", readYourWrites: false }))).toBe(true);
});

test.each(["unchanged", "stale", "published"] as const)("what is %s ends no belief", (what) => {
  expect(endsBelief(sight(what, { decision: republish, shown: "bb" }))).toBe(false);
});

test("one sight ends belief once: what was found since counts as long as the name shows the same", () => {
  for (const shown of ["bb", null]) {
    expect(endsBelief(sight("own", { shown, doubt: { shown } }))).toBe(false);
    expect(endsBelief(sight("own", { shown, doubt: { shown: "cc" } }))).toBe(true);
  }
});
