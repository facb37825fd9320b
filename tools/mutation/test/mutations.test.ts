import { readFileSync } from "node:fs";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";

interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly at: number;
  readonly line: string;
  readonly file: string;
}

const load = (name: string): Promise<unknown> => import(new URL(`../${name}`, import.meta.url).href);
const { describe, mutantsOf, readMutants, withMutants } = (await load("mutations.mjs")) as {
  describe: (mutant: Mutant) => string;
  mutantsOf: (file: string, text: string) => Mutant[];
  readMutants: (path: string) => Mutant[];
  withMutants: (text: string, mutants: readonly Mutant[], first: number) => string;
};
const { Equivalents, readEquivalents } = (await load("equivalents.mjs")) as {
  Equivalents: new (
    entries: readonly object[],
  ) => {
    reasonOf: (mutant: Mutant) => string | undefined;
    faults: (mutants: readonly Mutant[], verdictOf: (mutant: Mutant) => string | undefined) => string[];
  };
  readEquivalents: () => { file: string }[];
};
const { mirrorsOf } = (await load("rooms.mjs")) as {
  mirrorsOf: (source: string, tests: readonly string[]) => string[];
};
const { planted, plantedIn } = (await load("planted.mjs")) as {
  planted: { file: string; was: string }[];
  plantedIn: (file: string, text: string, bugs?: readonly object[]) => Mutant[];
};
const { allRooms } = (await load("rooms.mjs")) as { allRooms: () => { sources: string[] }[] };
const { sample } = (await load("sample.mjs")) as {
  sample: (items: readonly number[], count: number, seed: number) => number[];
};

const changes = (text: string): string[] => mutantsOf("a.ts", text).map(describe);

test.each([
  ["if (a < b) go();", ["a < b → a <= b", "a < b → true", "a < b → false", "go(); → nothing"]],
  ["x = a === b;", ["x = a === b; → nothing", "a === b → true", "a === b → false"]],
  [
    "return a < 1 && b && !c;",
    [
      "a < 1 && b && !c → b && !c",
      "a < 1 && b && !c → a < 1 && !c",
      "a < 1 && b && !c → a < 1 && b",
      "a < 1 → a <= 1",
      "1 → 1 + 1",
    ],
  ],
  ["if (a || b) go();", ["a || b → b", "a || b → a", "a || b → true", "go(); → nothing"]],
  ["f(a ?? b);", ["f(a ?? b); → nothing", "a ?? b → a", "a ?? b → b"]],
  ["f(a + 2 * b);", ["f(a + 2 * b); → nothing", "a + 2 * b → a - 2 * b", "2 * b → 2 / b", "2 → 2 + 1"]],
  ["while (i < 3) i++;", ["i < 3 → i <= 3", "i < 3 → false", "3 → 3 + 1", "i++; → nothing", "i++ → i--"]],
  ["const c = d.slice();", ["d.slice() → d"]],
  ["const c = /^a$/;", ["/^a$/ → /a$/", "/^a$/ → /^a/"]],
  ["const kind = 'word';", ["'word' → \"\""]],
  // What is not tried: types, modules, messages, and what is tried as another change already.
  ["const x: 'word' | 3 = y as 4;", []],
  ["import a from 'b'; export * from 'c';", []],
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a source
    "throw new Error(`At most ${limit - 1} of them.`);",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the same
    ["throw new Error(`At most ${limit - 1} of them.`); → nothing"],
  ],
  ["if (a) { throw new Error('No such thing.'); }", ["a → true", "a → false"]],
  ["switch (a) { case 'word': return; }", []],
  ["const { a, 'b-c': d } = { operation: 'word' };", []],
])("of %s these changes are tried: %j", (text, expected) => {
  expect(
    changes(`function f() { ${text.includes("import") ? "" : text} } ${text.includes("import") ? text : ""}`),
  ).toEqual(expected);
});

test("a mutant is in the text, behind a switch, and changes nothing else", async () => {
  const text = "export const smaller = (a, b) => a < b;\n";
  const mutants = mutantsOf("a.js", text);
  const changed = withMutants(text, mutants, 5);
  expect(changed.split("\n").length).toBe(text.split("\n").length);
  let active = -1;
  Object.assign(globalThis, { $mutation: { isActive: (number: number) => number === active } });
  const { smaller } = (await import(`data:text/javascript,${encodeURIComponent(changed)}`)) as {
    smaller: (a: number, b: number) => boolean;
  };
  const results = (number: number) => {
    active = number;
    return [smaller(1, 2), smaller(2, 2), smaller(3, 2)];
  };
  expect(results(-1)).toEqual([true, false, false]);
  expect(mutants.map((_, i) => results(5 + i))).toEqual([
    [true, true, false],
    [true, true, true],
    [false, false, false],
  ]);
});

test("every source of every room can be parsed with all of its mutants", () => {
  for (const file of allRooms().flatMap(({ sources }) => sources)) {
    const text = readFileSync(file, "utf8");
    expect(parseSync(file, withMutants(text, readMutants(file), 0)).errors, file).toEqual([]);
  }
});

test("an entry of the list of equivalents is an error if its mutant is gone, or is killed", () => {
  const mutants = mutantsOf("a.ts", "const a = b < c;");
  const [first] = mutants as [Mutant, ...Mutant[]];
  const entry = { file: "a.ts", line: "const a = b < c;", mutants: ["b < c → b <= c"], because: "…" };
  const list = new Equivalents([entry]);
  expect(mutants.map((mutant) => list.reasonOf(mutant))).toEqual(["…", undefined, undefined]);
  expect(list.faults(mutants, () => "survived")).toEqual([]);
  expect(list.faults(mutants, () => undefined)).toEqual([]);
  expect(list.faults(mutants, (mutant) => (mutant === first ? "killed" : "survived"))).toHaveLength(1);
  expect(
    new Equivalents([{ ...entry, line: "const d = b < c;" }]).faults(mutants, () => "survived"),
  ).toHaveLength(1);
  expect(() => new Equivalents([entry, entry])).toThrow("twice");
});

test("every mutant that is listed as equivalent is there", () => {
  const entries = readEquivalents();
  const mutants = [...new Set(entries.map(({ file }) => file))].flatMap(readMutants);
  expect(new Equivalents(entries).faults(mutants, () => "survived")).toEqual([]);
});

test("every planted bug can be planted", () => {
  expect(planted.length).toBeGreaterThan(0);
  for (const { file } of planted) expect(readMutants(file).some((mutant) => "test" in mutant)).toBe(true);
});

test("a planted bug whose source has changed is an error, and so is one that fits twice", () => {
  const bug = { file: "a.ts", was: "b  <  c", becomes: "true", test: "a.test.ts" };
  expect(plantedIn("a.ts", "f(b < c);", [bug])).toMatchObject([{ start: 2, end: 7, test: "a.test.ts" }]);
  expect(() => plantedIn("a.ts", "f(b > c);", [bug])).toThrow("0 times");
  expect(() => plantedIn("a.ts", "f(b < c, b < c);", [bug])).toThrow("2 times");
});

test("a sample is the same for the same seed, and never larger than there are items", () => {
  const items = Array.from({ length: 50 }, (_, i) => i);
  expect(sample(items, 10, 7)).toEqual(sample(items, 10, 7));
  expect(sample(items, 10, 7)).not.toEqual(sample(items, 10, 8));
  expect(new Set(sample(items, 10, 7)).size).toBe(10);
  expect(sample(items, 60, 7)).toEqual(items);
});

test("the tests that mirror a source have its name, and perhaps what they are about after it", () => {
  const tests = ["a/retry.test.ts", "b/retry-reports.test.ts", "a/retrying.test.ts", "a/entry.test.ts"];
  expect(mirrorsOf("src/async/retry.ts", tests)).toEqual(tests.slice(0, 2));
  expect(mirrorsOf("src/async/retry-reports.ts", tests)).toEqual(tests.slice(1, 2));
});
