// Test set: node
import { conformanceCases, type ReportJson } from "@remote-log/conformance";
import { expect, test } from "vitest";
import { plannedCases, plannedIds, plannedReports } from "../conformance-plan.mjs";
import { problemsOfFiles, problemsOfReports } from "../test-sets/left-out.mjs";
import { longFiles, longFilesLeftOut } from "../test-sets/long-files.mjs";
import { filesBySet, setOf, sharesWorker, testFiles } from "../test-sets/sets.mjs";

const ids = conformanceCases.map(({ id }) => id);

/** A report in which everything that is planned has passed. */
function soundReport(name: string): ReportJson {
  const results = plannedIds(name, ids).map((id) => ({ id, status: "passed", reason: "" }));
  return { results } as unknown as ReportJson;
}

/** Reports of all adapters, of which one is changed. */
function reportsWith(name: string, change: (report: ReportJson) => ReportJson | undefined) {
  const all = plannedReports.map((one) => {
    const report = soundReport(one);
    return [one, one === name ? change(report) : report] as const;
  });
  return new Map(all.filter((pair): pair is readonly [string, ReportJson] => pair[1] !== undefined));
}

const rowsOf = (report: ReportJson, change: (rows: ReportJson["results"]) => unknown): ReportJson => ({
  ...report,
  results: change(report.results) as ReportJson["results"],
});

test("every test file of the repository is in one set", () => {
  const sets = filesBySet();
  const ran = testFiles().map((file) => ({ file, passed: 1 }));
  expect(problemsOfFiles(testFiles(), sets, ran)).toEqual([]);
  expect(sets.servers).toContain("packages/s3/test/conformance-minio.test.ts");
  expect(sets.mixed.length).toBeGreaterThan(0);
  expect(sets.browsers.every((file) => file.endsWith(".browser.test.ts"))).toBe(true);
});

test.for([
  ["a/x.test.ts", 'const { skip } = await serverOrSkip("minio");', "servers"],
  ["a/x.test.ts", "const bee = await beeOfFile();", "servers"],
  ["a/x.test.ts", "// Test set: mixed\nawait startKubo();", "mixed"],
  ["a/x.browser.test.ts", "await startKubo();", "browsers"],
  ["a/x.test.ts", "await startOwnS3();", "node"],
] as const)("%s with %j is in the set %s", ([path, text, set]) => {
  expect(setOf(path, text)).toBe(set);
});

test.for([
  ["packages/core/test/x.test.ts", 'test("adds", add);', true],
  ["examples/test/x.test.ts", 'test("adds", add);', false],
  ["packages/core/test/x.test.ts", "await serverOrSkip(name);", false],
  ["packages/core/test/x.test.ts", "// Test set: mixed\nawait serverOrSkip(name);", true],
  ["packages/core/test/x.test.ts", "vi.useFakeTimers();", false],
  ["packages/core/test/x.test.ts", "vi.useFakeTimers(); vi.useRealTimers();", true],
  ["packages/core/test/x.test.ts", "vi.useFakeTimers(); vi.getTimerCount(); vi.useRealTimers();", false],
  ["packages/core/test/x.test.ts", "process.memoryUsage().rss", false],
  ["packages/fs/test/x.test.ts", 'runConformance(fixture, asPlanned("fs"));', false],
] as const)("whether a file shares its worker: %s with %j, %s", ([path, text, shares]) => {
  expect(sharesWorker(path, text)).toBe(shares);
});

test("of each group of long files one is drawn, and every file of the groups by some seed", () => {
  const all = longFiles.flat();
  expect(all.filter((file) => !testFiles().includes(file))).toEqual([]);
  const { node, mixed } = filesBySet();
  expect(all.filter((file) => !node.includes(file) && !mixed.includes(file))).toEqual([]);
  const drawn = [0, 1, 2, 3, 4, 5].map((seed) => {
    const leftOut = longFilesLeftOut(seed);
    for (const group of longFiles) {
      expect(group.filter((file) => !leftOut.includes(file))).toHaveLength(1);
    }
    return all.filter((file) => !leftOut.includes(file));
  });
  expect(new Set(drawn.flat())).toEqual(new Set(all));
});

test("a set that does not exist is refused", () => {
  expect(() => setOf("a.test.ts", "// Test set: slow\n")).toThrow('there is no test set "slow"');
});

test.for([
  ["in no set", ["a.test.ts"], { node: [] }, [{ file: "a.test.ts", passed: 1 }], "belongs to no test set"],
  [
    "in two sets",
    ["a.test.ts"],
    { node: ["a.test.ts"], servers: ["a.test.ts"] },
    [{ file: "a.test.ts", passed: 1 }],
    "the test sets node and servers",
  ],
  ["that did not run", ["a.test.ts"], { node: ["a.test.ts"] }, [], "ran not at all"],
  [
    "that ran twice",
    ["a.test.ts"],
    { node: ["a.test.ts"] },
    [
      { file: "a.test.ts", passed: 1 },
      { file: "a.test.ts", passed: 1 },
    ],
    "ran 2 times",
  ],
  [
    "whose tests were all skipped",
    ["a.test.ts"],
    { node: ["a.test.ts"] },
    [{ file: "a.test.ts", passed: 0 }],
    "none of its tests passed",
  ],
  ["of another form", ["bench/a.spec.mjs"], { node: [] }, [], "bench/a.spec.mjs belongs to no test set"],
] as const)("a file %s is found", ([_what, repository, sets, ran, problem]) => {
  expect(problemsOfFiles(repository, sets, ran).join("\n")).toContain(problem);
});

test("reports that hold what is planned are complete", () => {
  expect(
    problemsOfReports(
      ids,
      reportsWith("none", (report) => report),
    ),
  ).toEqual([]);
});

test.for(plannedReports)("a missing report of %s is found", (name) => {
  const reports = reportsWith(name, () => undefined);
  expect(problemsOfReports(ids, reports)).toEqual([`${name}: the conformance suite left no report.`]);
});

test("a case that was not seen, failed, was skipped without a reason, or was not planned is found", () => {
  const problems = (change: (rows: ReportJson["results"]) => unknown) =>
    problemsOfReports(
      ids,
      reportsWith("fs", (report) => rowsOf(report, change)),
    );
  expect(problems((rows) => rows.filter(({ id }) => id !== "CAS-PUT-01"))).toEqual([
    "fs: CAS-PUT-01 was not seen.",
  ]);
  expect(problems((rows) => rows.with(0, { ...rows[0]!, status: "failed", reason: "no" }))).toEqual([
    `fs: ${ids[0]} failed.`,
  ]);
  expect(problems((rows) => rows.with(0, { ...rows[0]!, status: "skipped" }))).toEqual([
    `fs: ${ids[0]} is skipped without a reason.`,
  ]);
  expect(
    problems((rows) => rows.with(0, { ...rows[0]!, status: "skipped", reason: "needs delete" })),
  ).toEqual([]);
  expect(problems((rows) => [...rows, { ...rows[0]!, id: "LOG-LIAR-02" }])).toEqual([
    "fs: LOG-LIAR-02 is not planned for it.",
  ]);
});

test("every case is run on memory and on one service, and all but cases about whole logs everywhere", () => {
  for (const name of ["memory", "s3-own"]) expect(plannedIds(name, ids)).toEqual(ids);
  const aboutAdapters = ids.filter((id) => !id.startsWith("LOG-"));
  for (const name of plannedReports) {
    expect(plannedIds(name, ids)).toEqual(expect.arrayContaining(aboutAdapters));
    // Nothing in the plan is a word for no case at all.
    for (const start of plannedCases(name) ?? [])
      expect(
        ids.some((id) => id.startsWith(start)),
        start,
      ).toBe(true);
  }
});
