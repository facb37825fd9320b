// Finds what a run of all tests has left out.
import { plannedIds, plannedReports } from "../conformance-plan.mjs";

/** What looks like a test file, and is to be one that runs. */
const TEST_FILE = /\.(?:test|spec)\.[cm]?[jt]sx?$/;

/**
 * Compares the test files of the repository with the sets and with those that ran.
 *
 * @param {readonly string[]} repository - every file of the repository, by its path from the root
 * @param {Readonly<Record<string, readonly string[]>>} sets
 * @param {readonly { readonly file: string, readonly passed: number }[]} ran - each file that ran
 * @returns {string[]} a sentence for each problem
 */
export function problemsOfFiles(repository, sets, ran) {
  const files = repository.filter((file) => TEST_FILE.test(file));
  const problems = files.flatMap((file) => {
    const inSets = Object.keys(sets).filter((set) => sets[set].includes(file));
    const runs = ran.filter((one) => one.file === file);
    return [
      ...(inSets.length === 1
        ? []
        : [
            `${file} belongs to ${inSets.length === 0 ? "no test set" : `the test sets ${inSets.join(" and ")}`}.`,
          ]),
      ...(runs.length === 1
        ? []
        : [`${file} ran ${runs.length === 0 ? "not at all" : `${runs.length} times`}.`]),
      ...(runs.length === 1 && runs[0].passed === 0 ? [`${file} ran, but none of its tests passed.`] : []),
    ];
  });
  const strangers = ran.filter(({ file }) => !files.includes(file));
  return [...problems, ...strangers.map(({ file }) => `${file} ran, and is no test file of the repository.`)];
}

/**
 * Compares the reports of the conformance suite with the plan: a missing report, a case that is missing or that nobody
 * planned, a failure, and a case that was skipped without a reason.
 *
 * @param {readonly string[]} ids - of all cases of the suite
 * @param {ReadonlyMap<string, import("@remote-log/conformance").ReportJson>} reports - by name
 * @returns {string[]} a sentence for each problem
 */
export function problemsOfReports(ids, reports) {
  return plannedReports.flatMap((name) => {
    const report = reports.get(name);
    if (report === undefined) return [`${name}: the conformance suite left no report.`];
    const planned = plannedIds(name, ids);
    const results = new Map(report.results.map((result) => [result.id, result]));
    return [
      ...planned.filter((id) => !results.has(id)).map((id) => `${name}: ${id} was not seen.`),
      ...[...results.values()].flatMap(({ id, status, reason }) => [
        ...(planned.includes(id) ? [] : [`${name}: ${id} is not planned for it.`]),
        ...(status === "failed" ? [`${name}: ${id} failed.`] : []),
        ...(status !== "passed" && reason.trim() === ""
          ? [`${name}: ${id} is ${status} without a reason.`]
          : []),
      ]),
    ];
  });
}
