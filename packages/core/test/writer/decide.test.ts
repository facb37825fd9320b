// Every decision of the writer: all combinations of what a name shows, what the journal says, what the name system promises,
// and how the look came about. Each is matched by exactly one row of the table, and each row matches some.

import { expect, test } from "vitest";
import {
  type Circumstances,
  type Decision,
  decide,
  decideReadBack,
  type Promises,
  type ReadBack,
  type Recorded,
  type Seen,
} from "../../src/writer/decide.ts";

interface Case {
  readonly seen: Seen;
  readonly recorded: Recorded;
  readonly promises: Promises;
  readonly circumstances: Circumstances;
}

/** What a case comes to, in the words of the table; a row that leaves one out does not care. */
interface Columns {
  readonly seen: Seen["kind"];
  /** Whether an update is on its way. */
  readonly intent: boolean;
  readonly firstLook: boolean;
  /** The place that was published to is not there, and nobody asked for another. */
  readonly gone: boolean;
  /** Less shows than was published, and it would have to show by now. */
  readonly lost: boolean;
  /** Compare-and-set is atomic, or our own count was refused: the next update builds on what shows. */
  readonly buildsOnShown: boolean;
  /** Only an acknowledgement tells that others see what shows. */
  readonly needsAcknowledgement: boolean;
  readonly holdsPublished: boolean;
  readonly expired: boolean;
  /** More shows than was published. */
  readonly newer: boolean;
  /** No less shows than is on its way. */
  readonly coversIntent: boolean;
  readonly extendsSigned: boolean;
}

type Outcome =
  | "arrived"
  | `${"confirmed" | "proceed" | "wait" | "republish"} from ${"ours" | "shown" | "nothing"}`
  | "refuse: restored"
  | "refuse: conflict"
  | "refuse: no-head"
  | "refuse: unreadable"
  | "refuse: gone";

type Row = readonly [when: Partial<Columns>, then: Outcome];

const table: readonly Row[] = [
  [{ seen: "unchanged" }, "proceed from ours"],

  [{ seen: "absent", gone: true }, "refuse: gone"],
  [{ seen: "absent", gone: false, lost: true, buildsOnShown: true }, "republish from nothing"],
  [{ seen: "absent", gone: false, lost: true, buildsOnShown: false }, "republish from ours"],
  [{ seen: "absent", gone: false, lost: false, buildsOnShown: true }, "wait from nothing"],
  [{ seen: "absent", gone: false, lost: false, buildsOnShown: false }, "wait from ours"],

  [{ seen: "stale", firstLook: true }, "refuse: unreadable"],
  [{ seen: "stale", firstLook: false, lost: true }, "republish from ours"],
  [{ seen: "stale", firstLook: false, lost: false }, "wait from ours"],

  [{ seen: "incomplete", intent: false, holdsPublished: false }, "refuse: unreadable"],
  [{ seen: "incomplete", intent: false, holdsPublished: true, lost: true }, "republish from ours"],
  [{ seen: "incomplete", intent: false, holdsPublished: true, lost: false }, "wait from ours"],
  [{ seen: "incomplete", intent: true, lost: true }, "republish from ours"],
  [{ seen: "incomplete", intent: true, lost: false }, "wait from ours"],

  [{ seen: "intended", needsAcknowledgement: true }, "proceed from ours"],
  [{ seen: "intended", needsAcknowledgement: false }, "arrived"],

  [{ seen: "published", expired: false, buildsOnShown: true }, "confirmed from shown"],
  [{ seen: "published", expired: false, buildsOnShown: false }, "confirmed from ours"],
  [{ seen: "published", expired: true, lost: true, buildsOnShown: true }, "republish from shown"],
  [{ seen: "published", expired: true, lost: true, buildsOnShown: false }, "republish from ours"],
  [{ seen: "published", expired: true, lost: false, buildsOnShown: true }, "wait from shown"],
  [{ seen: "published", expired: true, lost: false, buildsOnShown: false }, "wait from ours"],

  [{ seen: "own", newer: true, coversIntent: true }, "arrived"],
  // Of an empty log, nothing tells whether it is still there.
  [{ seen: "own", newer: true, coversIntent: false, lost: true }, "republish from shown"],
  [{ seen: "own", newer: true, coversIntent: false, lost: false }, "wait from shown"],
  [{ seen: "own", newer: false, lost: true, buildsOnShown: true }, "republish from shown"],
  [{ seen: "own", newer: false, lost: true, buildsOnShown: false }, "republish from ours"],
  [{ seen: "own", newer: false, lost: false, buildsOnShown: true }, "wait from shown"],
  [{ seen: "own", newer: false, lost: false, buildsOnShown: false }, "wait from ours"],

  [{ seen: "foreign", firstLook: true, extendsSigned: true }, "refuse: restored"],
  [{ seen: "foreign", firstLook: true, extendsSigned: false }, "refuse: conflict"],
  [{ seen: "foreign", firstLook: false }, "refuse: conflict"],

  [{ seen: "no-head" }, "refuse: no-head"],
];

const readBackTable: readonly Row[] = [
  [{ seen: "unchanged" }, "proceed from ours"],
  [{ seen: "absent", lost: true }, "republish from ours"],
  [{ seen: "absent", lost: false }, "wait from ours"],
  [{ seen: "published" }, "confirmed from ours"],
  [{ seen: "own", lost: true }, "republish from ours"],
  [{ seen: "own", lost: false }, "wait from ours"],
  [{ seen: "foreign" }, "refuse: conflict"],
  [{ seen: "no-head" }, "refuse: no-head"],
];

test("a log of one entry is lost like any other, and no place is made anew unasked", () => {
  const recorded = { published: { size: 1, revision: OURS }, intent: undefined };
  const promises = { compareAndSet: "none", showsUnacknowledged: false } as const;
  const circumstances = { firstLook: false, refused: false, overdue: true };
  for (const seen of [
    { kind: "absent" },
    { kind: "stale" },
    { kind: "incomplete", holdsPublished: true },
    { kind: "published", revision: OURS, expired: true },
  ] as const)
    expect(decide(seen, recorded, promises, circumstances)).toMatchObject({ kind: "republish" });
  expect(decideReadBack({ kind: "absent" }, recorded, circumstances)).toMatchObject({ kind: "republish" });
  expect(decide({ kind: "absent", placeMissing: true }, recorded, promises, circumstances)).toEqual({
    kind: "refuse",
    because: "gone",
  });
});

test.each([
  ["one more than was published", [3], undefined, [3, 1], "arrived"],
  ["one more than the one that was", [3, 1], undefined, [3, 2], "arrived"],
  ["as many", [3, 1], undefined, [3, 1], "wait"],
  ["one less", [3, 2], undefined, [3, 1], "republish"],
  ["none", [3, 1], undefined, [3], "republish"],
  ["none, with more entries", [3, 1], undefined, [5], "republish"],
  ["one more, with fewer entries", [3, 1], undefined, [2, 2], "republish"],
  ["fewer than are on their way", undefined, [3, 2], [3, 1], "wait"],
  ["as many as are on their way", undefined, [3, 2], [3, 2], "arrived"],
] as const)("versions of the manifest count as entries do: %s", (_, published, intent, shown, kind) => {
  const extent = ([size, manifest]: readonly [number, number?]) => ({ size, ...(manifest && { manifest }) });
  const recorded = {
    published: published && { ...extent(published), revision: OURS },
    intent: intent && extent(intent),
  };
  const promises = { compareAndSet: "atomic", showsUnacknowledged: false } as const;
  const circumstances = { firstLook: false, refused: false, overdue: true };
  const decision = decide(
    { kind: "own", revision: SHOWN, ...extent(shown) },
    recorded,
    promises,
    circumstances,
  );
  const rest = kind === "arrived" ? { ...extent(shown), revision: SHOWN } : { expected: SHOWN };
  expect(decision).toEqual({ kind, ...rest });
});

const either = [false, true];
const SHOWN = "shown";
const OURS = "ours";

// Sizes: an empty log and one of 3 entries are published; 3 or 5 are on their way; from 0 to 6 show.
const publishedRecords: readonly Recorded["published"][] = [
  undefined,
  { size: 0, revision: OURS },
  { size: 3, revision: OURS },
];
const intents: readonly Recorded["intent"][] = [undefined, { size: 3 }, { size: 5 }];

function seenWith({ published, intent }: Recorded): Seen[] {
  return [
    { kind: "absent" },
    { kind: "absent", placeMissing: true },
    { kind: "unchanged" },
    { kind: "stale" },
    ...either
      .filter((holdsPublished) => !holdsPublished || published !== undefined)
      .map((holdsPublished): Seen => ({ kind: "incomplete", holdsPublished })),
    ...(intent === undefined ? [] : [{ kind: "intended", revision: SHOWN } as const]),
    ...either
      .filter(() => published !== undefined)
      .map((expired): Seen => ({ kind: "published", revision: SHOWN, expired })),
    ...[0, 1, 2, 3, 4, 5, 6].map((size): Seen => ({ kind: "own", revision: SHOWN, size })),
    ...either.map((extendsSigned): Seen => ({ kind: "foreign", extendsSigned })),
    { kind: "no-head" },
  ];
}

function* allCases(): Generator<Case> {
  for (const published of publishedRecords) {
    for (const intent of intents) {
      const recorded = { published, intent };
      for (const seen of seenWith(recorded)) {
        for (const compareAndSet of ["atomic", "none"] as const) {
          for (const showsUnacknowledged of either) {
            for (const firstLook of either) {
              for (const refused of either) {
                for (const overdue of either) {
                  const promises = { compareAndSet, showsUnacknowledged };
                  const makings = seen.kind === "absent" ? either : [false];
                  for (const makesAnew of makings) {
                    const circumstances = { firstLook, refused, overdue, makesAnew };
                    yield { seen, recorded, promises, circumstances };
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

function columnsOf({ seen, recorded: { published, intent }, promises, circumstances }: Case): Columns {
  const shown = seen.kind === "own" ? seen.size : 0;
  const { firstLook, refused, overdue, makesAnew = false } = circumstances;
  return {
    seen: seen.kind,
    intent: intent !== undefined,
    firstLook,
    gone: seen.kind === "absent" && seen.placeMissing === true && published !== undefined && !makesAnew,
    lost: overdue && published !== undefined && (published.size === 0 || shown < published.size),
    buildsOnShown: promises.compareAndSet === "atomic" || refused,
    needsAcknowledgement: promises.showsUnacknowledged && !refused,
    holdsPublished: seen.kind === "incomplete" && seen.holdsPublished,
    expired: seen.kind === "published" && seen.expired,
    newer: published === undefined || shown > published.size,
    coversIntent: intent === undefined || shown >= intent.size,
    extendsSigned: seen.kind === "foreign" && seen.extendsSigned,
  };
}

function matches(when: Partial<Columns>, columns: Columns): boolean {
  return Object.entries(when).every(([column, value]) => columns[column as keyof Columns] === value);
}

function decisionOf(outcome: Outcome, { seen, recorded }: Case): Decision {
  if (outcome === "arrived") {
    const size = seen.kind === "own" ? seen.size : recorded.intent!.size;
    return { kind: "arrived", size, revision: SHOWN };
  }
  const [kind, rest] = outcome.split(/: | from /) as [string, string];
  if (kind === "refuse") return { kind, because: rest } as Decision;
  const ours = recorded.published?.revision ?? null;
  const expected = rest === "ours" ? ours : rest === "shown" ? SHOWN : null;
  return { kind, expected } as Decision;
}

function expectTable(
  rows: readonly Row[],
  cases: Iterable<Case>,
  decideCase: (one: Case) => Decision,
): number {
  const used = new Set<Row>();
  const decided: { one: Case; decision: Decision }[] = [];
  const expected: { one: Case; decision: Decision }[] = [];
  for (const one of cases) {
    const matching = rows.filter(([when]) => matches(when, columnsOf(one)));
    if (matching.length !== 1) throw new Error(`${matching.length} rows for ${JSON.stringify(one)}`);
    const [row] = matching;
    used.add(row!);
    decided.push({ one, decision: decideCase(one) });
    expected.push({ one, decision: decisionOf(row![1], one) });
  }
  expect(decided).toEqual(expected);
  expect(rows.filter((row) => !used.has(row))).toEqual([]);
  return decided.length;
}

test("every look at a name comes to the decision that the table names", () => {
  const count = expectTable(table, allCases(), ({ seen, recorded, promises, circumstances }) =>
    decide(seen, recorded, promises, circumstances),
  );
  expect(count).toBe(5664);
});

test("every reading back comes to the decision that the table names", () => {
  const cases = [...allCases()].filter(
    ({ seen, recorded }) =>
      recorded.intent === undefined && !["stale", "incomplete", "intended"].includes(seen.kind),
  );
  const count = expectTable(readBackTable, cases, ({ seen, recorded, circumstances }) =>
    decideReadBack(seen as ReadBack, recorded, circumstances),
  );
  expect(count).toBe(1568);
});
