import { UnreachableError } from "@remote-log/core";
import { memoryNames } from "@remote-log/memory";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type History,
  Recorder,
  type ResolveOperation,
  type UpdateOperation,
} from "../src/history/history.ts";
import { whyNotLinearizable } from "../src/history/linearizable.ts";
import { whyNotRegular } from "../src/history/regular.ts";

// In these histories an update that sets "a" has the revision "ra", if it has one.

function updated(
  content: string,
  expected: string | null,
  [invoked, responded]: [number, number],
): UpdateOperation {
  const outcome = { status: "updated", revision: `r${content}` } as const;
  return { kind: "update", content, expected, invoked, responded, outcome };
}

function refused(content: string, expected: string | null, span: [number, number]): UpdateOperation {
  return { ...updated(content, expected, span), outcome: { status: "refused" } };
}

function unknown(content: string, expected: string | null, invoked: number): UpdateOperation {
  return {
    ...updated(content, expected, [invoked, Number.POSITIVE_INFINITY]),
    outcome: { status: "unknown" },
  };
}

function found(content: string, [invoked, responded]: [number, number]): ResolveOperation {
  return {
    kind: "resolve",
    invoked,
    responded,
    outcome: { status: "found", content, revision: `r${content}` },
  };
}

function absent([invoked, responded]: [number, number]): ResolveOperation {
  return { kind: "resolve", invoked, responded, outcome: { status: "absent" } };
}

describe("a history is linearizable", () => {
  test.for<[string, History]>([
    ["that is empty", []],
    [
      "of updates one after the other",
      [updated("a", null, [0, 1]), updated("b", "ra", [2, 3]), found("b", [4, 5])],
    ],
    ["if one of two creations at once wins", [updated("a", null, [0, 3]), refused("b", null, [1, 2])]],
    [
      "if a read during an update sees the old state, another the new one",
      [updated("a", null, [0, 1]), updated("b", "ra", [2, 9]), found("a", [3, 4]), found("b", [5, 6])],
    ],
    ["if an update is seen before it is acknowledged", [updated("a", null, [0, 5]), found("a", [1, 2])]],
    [
      "if an unknown update was carried out",
      [unknown("a", null, 0), found("a", [1, 2]), updated("b", "ra", [3, 4])],
    ],
    [
      "if an unknown update was not carried out",
      [unknown("a", null, 0), updated("b", null, [1, 2]), found("b", [3, 4])],
    ],
    [
      "if an unknown update was carried out late",
      [updated("a", null, [0, 1]), unknown("b", "ra", 2), found("a", [3, 4]), found("b", [5, 6])],
    ],
    [
      "if only an unknown update, whose revision nobody saw, explains a refusal",
      [updated("a", null, [0, 1]), unknown("b", "ra", 2), refused("c", "ra", [3, 4])],
    ],
    [
      "if of two unknown updates the second in order of call explains what follows",
      [
        updated("a", null, [0, 1]),
        unknown("b", "ra", 2),
        unknown("c", "ra", 3),
        found("c", [4, 5]),
        refused("d", "ra", [6, 7]),
      ],
    ],
  ])("%s", ([, history]) => {
    expect(whyNotLinearizable(history)).toBe(undefined);
  });
});

describe("a history is not linearizable", () => {
  test.for<[string, History]>([
    [
      "if two updates expect the same and both succeed",
      [updated("a", null, [0, 3]), updated("b", null, [1, 2])],
    ],
    ["if an acknowledged update is lost", [updated("a", null, [0, 1]), absent([2, 3])]],
    [
      "if a read goes back in time",
      [updated("a", null, [0, 1]), updated("b", "ra", [2, 9]), found("b", [3, 4]), found("a", [5, 6])],
    ],
    ["if an update is seen before it was called", [found("a", [0, 1]), updated("a", null, [2, 3])]],
    ["if what was refused is seen", [refused("a", null, [0, 1]), found("a", [2, 3])]],
    [
      "if an update is refused with nothing in its way",
      [updated("a", null, [0, 1]), refused("b", "ra", [2, 3])],
    ],
    [
      "if an update follows a revision that it can't have",
      [updated("a", null, [0, 1]), updated("b", "rz", [2, 3])],
    ],
    [
      "if an unknown update both was carried out and was not",
      [unknown("a", null, 0), found("a", [1, 2]), absent([3, 4])],
    ],
    [
      "if a content has two revisions",
      [
        updated("a", null, [0, 1]),
        { ...found("a", [2, 3]), outcome: { status: "found", content: "a", revision: "x" } },
      ],
    ],
  ])("%s", ([, history]) => {
    expect(whyNotLinearizable(history)).toEqual(expect.any(String));
  });

  test("and the reason names the state and what can't follow", () => {
    const history = [updated("a", null, [0, 1]), updated("b", null, [2, 3])];
    expect(whyNotLinearizable(history)).toBe(
      'after 1 of 2 operations the name holds revision "ra", and none of these can follow: ' +
        'update that expects null and was updated "rb" (2–3)',
    );
  });
});

/** The same question, answered by trying every order of every choice of unknown updates. Slow, and plain. */
function isLinearizable(history: History): boolean {
  const revisions = new Map<string, string>();
  for (const { kind, outcome, ...rest } of history) {
    if (!("revision" in outcome)) continue;
    const content =
      kind === "update" ? (rest as UpdateOperation).content : (outcome as { content: string }).content;
    if ((revisions.get(content) ?? outcome.revision) !== outcome.revision) return false;
    revisions.set(content, outcome.revision);
  }
  const goesOn = (held: string | undefined, left: History): boolean => {
    if (left.every(({ outcome }) => outcome.status === "unknown")) return true;
    return left.some((one) => {
      if (left.some((other) => other.responded < one.invoked)) return false;
      const rest = left.filter((other) => other !== one);
      const revision = held === undefined ? null : (revisions.get(held) ?? `nobody knows that of ${held}`);
      if (one.kind === "resolve") {
        const said = one.outcome.status === "found" ? one.outcome.content : undefined;
        return said === held && goesOn(held, rest);
      }
      if (one.outcome.status === "refused") return one.expected !== revision && goesOn(held, rest);
      return one.expected === revision && goesOn(one.content, rest);
    });
  };
  return goesOn(undefined, history);
}

/** Histories that happened, on a real name: callers whose calls overlap, and answers of which some are lost. */
const happened = fc
  .array(
    fc.record({
      expected: fc.nat(4),
      reads: fc.boolean(),
      lost: fc.boolean(),
      before: fc.nat(5),
      after: fc.nat(5),
    }),
    {
      maxLength: 7,
    },
  )
  .map((steps) => {
    const contents: string[] = [];
    // An answer that was lost told nobody the revision: nobody can expect it, before a read shows it.
    const told = new Set<string>();
    let held: string | undefined;
    return steps.map(({ expected, reads, lost, before, after }, i): History[number] => {
      const span = { invoked: 10 * i - 6 * before + i / 100, responded: 10 * i + 6 * after + 5 + i / 100 };
      if (reads) {
        if (held === undefined) return { ...absent([0, 0]), ...span };
        told.add(held);
        return { ...found(held, [0, 0]), ...span };
      }
      const content = String.fromCharCode(97 + i);
      const base = contents.filter((one) => told.has(one)).at(-1 - expected);
      const expects = base === undefined ? null : `r${base}`;
      const works = held === base;
      if (works) {
        held = content;
        contents.push(content);
        if (!lost) told.add(content);
      }
      if (lost) return unknown(content, expects, span.invoked);
      return { ...(works ? updated : refused)(content, expects, [0, 0]), ...span };
    });
  });

/** Histories as they come, most of which can't have happened. */
const arbitrary = fc
  .array(
    fc.record({
      kind: fc.constantFrom("updated", "refused", "unknown", "found", "absent"),
      about: fc.nat(5),
      expected: fc.option(fc.nat(5)),
      invoked: fc.nat(12),
      length: fc.nat(12),
    }),
    { maxLength: 6 },
  )
  .map((steps) =>
    steps.map(({ kind, about, expected, invoked, length }, i): History[number] => {
      const span: [number, number] = [2 * invoked + i / 100, 2 * (invoked + length) + 1 + i / 100];
      const [content, expects] = [`${i}`, expected === null ? null : `r${expected}`];
      if (kind === "updated") return updated(content, expects, span);
      if (kind === "refused") return refused(content, expects, span);
      if (kind === "unknown") return unknown(content, expects, span[0]);
      return kind === "found" ? found(`${about}`, span) : absent(span);
    }),
  );

test("what happened is linearizable, and every verdict is that of trying all orders", () => {
  const verdicts = { yes: 0, no: 0 };
  fc.assert(
    fc.property(fc.oneof(happened, arbitrary), (history) => {
      const expected = isLinearizable(history);
      verdicts[expected ? "yes" : "no"]++;
      expect(whyNotLinearizable(history) === undefined).toBe(expected);
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(verdicts.yes, verdicts.no)).toBeGreaterThan(300);
  fc.assert(
    fc.property(happened, (history) => {
      expect(whyNotLinearizable(history)).toBe(undefined);
    }),
    { numRuns: 1000 },
  );
});

test("a thousand operations with 50 updates of unknown outcome are checked without trying all orders", () => {
  const history: History[number][] = [];
  for (let i = 0; i < 500; i++) {
    const expected = i === 0 ? null : `r${i - 1}`;
    history.push(
      updated(`${i}`, expected, [10 * i, 10 * i + 8]),
      refused(`x${i}`, "none", [10 * i + 1, 10 * i + 9]),
    );
    if (i % 10 === 0) history.push(unknown(`u${i}`, expected, 10 * i + 2));
  }
  expect(whyNotLinearizable(history)).toBe(undefined);
  history.push(found("7", [9000, 9001]));
  expect(whyNotLinearizable(history)).toContain("resolve that said found");
});

describe("of single reads", () => {
  const writes = [updated("a", null, [0, 1]), updated("b", "ra", [2, 9]), refused("c", null, [3, 4])];
  test.for<[string, ResolveOperation, string | undefined, string | undefined]>([
    ["the old content during an update is fine", found("a", [5, 6]), undefined, undefined],
    ["the new content during an update is fine", found("b", [5, 6]), undefined, undefined],
    [
      "the old content after the update is acknowledged is late",
      found("a", [10, 11]),
      "older than one acknowledged",
      undefined,
    ],
    ["absent after an update was acknowledged is late", absent([2, 3]), "absent after", undefined],
    [
      "a content before its update was called is never right",
      found("b", [0, 1]),
      "nobody had set",
      "nobody had set",
    ],
    ["a content that nobody sent is never right", found("z", [5, 6]), "nobody had set", "nobody had set"],
    ["a content that was refused is never right", found("c", [5, 6]), "refused", "refused"],
    [
      "another revision is never right",
      { ...found("a", [2, 3]), outcome: { status: "found", content: "a", revision: "x" } },
      "another revision",
      "another revision",
    ],
  ])("%s", ([, read, whenRead, whenLate]) => {
    for (const [readsWrites, why] of [
      [true, whenRead],
      [false, whenLate],
    ] as const) {
      const expected = why === undefined ? undefined : expect.stringContaining(why);
      expect(whyNotRegular([...writes, read], readsWrites)).toEqual(expected);
    }
  });
});

test("of two updates that ran at once either may stand, whichever was called first", () => {
  const history = [updated("a", null, [0, 5]), updated("b", null, [2, 3])];
  expect(whyNotRegular([...history, found("a", [6, 7])], true)).toBe(undefined);
  expect(whyNotRegular([...history, found("b", [6, 7])], true)).toBe(undefined);
});

test("the recorder writes down what was told, with the order of calls and ends", async () => {
  const names = memoryNames();
  const recorder = new Recorder("name");
  expect(await recorder.resolve(names)).toBe(null);
  const revision = await recorder.update(names, Uint8Array.of(1, 255), null);
  await Promise.all([recorder.update(names, Uint8Array.of(2), null), recorder.resolve(names)]);
  const lost = async (): Promise<never> => {
    throw new UnreachableError("The connection was cut.", { operation: "names.update" });
  };
  await recorder.update({ ...names, update: lost }, Uint8Array.of(3), "x");
  expect(recorder.history).toEqual([
    { kind: "resolve", invoked: 0, responded: 1, outcome: { status: "absent" } },
    {
      kind: "update",
      content: "01ff",
      expected: null,
      invoked: 2,
      responded: 3,
      outcome: { status: "updated", revision },
    },
    {
      kind: "update",
      content: "02",
      expected: null,
      invoked: 4,
      responded: 6,
      outcome: { status: "refused" },
    },
    { kind: "resolve", invoked: 5, responded: 7, outcome: { status: "found", content: "01ff", revision } },
    {
      kind: "update",
      content: "03",
      expected: "x",
      invoked: 8,
      responded: Number.POSITIVE_INFINITY,
      outcome: { status: "unknown" },
    },
  ]);
  const broken = async (): Promise<never> => {
    throw new TypeError("It is broken.");
  };
  await expect(recorder.update({ ...names, update: broken }, Uint8Array.of(4), null)).rejects.toThrow(
    TypeError,
  );
});
