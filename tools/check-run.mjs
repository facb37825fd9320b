// Checks that a run of all tests has left nothing out.
//   node tools/check-run.mjs <report of vitest in JSON> <folder of conformance reports>
// It holds lists against each other and counts nothing: every test file of the repository has run once, with at least one
// test that passed, and belongs to one set; every case of the suite is in each report that the plan names it for.
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { conformanceCases } from "@remote-log/conformance";
import { plannedReports } from "./conformance-plan.mjs";
import { problemsOfFiles, problemsOfReports } from "./test-sets/left-out.mjs";
import { filesBySet, root } from "./test-sets/sets.mjs";

const [testReport, reportFolder] = process.argv.slice(2);

/** What git knows or would add, whatever its folder. */
function filesOfRepository() {
  const words = ["ls-files", "--cached", "--others", "--exclude-standard"];
  return execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim().split("\n");
}

/** The reports that a run left, by name; one that is missing is left out. */
async function readReports() {
  const reports = new Map();
  for (const name of plannedReports) {
    const text = await readFile(join(reportFolder, `${name}.json`), "utf8").catch(() => undefined);
    if (text !== undefined) reports.set(name, JSON.parse(text));
  }
  return reports;
}

if (testReport === undefined || reportFolder === undefined) {
  process.stderr.write("Usage: node tools/check-run.mjs <tests.json> <folder of reports>\n");
  process.exitCode = 2;
} else {
  const { testResults } = JSON.parse(await readFile(testReport, "utf8"));
  const ran = testResults.map(({ name, assertionResults }) => ({
    file: relative(root, name),
    passed: assertionResults.filter(({ status }) => status === "passed").length,
  }));
  // The ids that are fixed for good, and not those that the suite happens to export.
  const fixed = await readFile(join(root, "packages/conformance/test/case-ids.txt"), "utf8");
  const ids = fixed
    .trim()
    .split("\n")
    .map((line) => line.split(" ", 1)[0]);
  const problems = [
    ...problemsOfFiles(filesOfRepository(), filesBySet(), ran),
    ...problemsOfReports(ids, await readReports()),
  ];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
  else {
    process.stdout.write(
      `Nothing was left out: ${ran.length} test files, ${conformanceCases.length} cases on ${plannedReports.length} adapters as planned.\n`,
    );
  }
}
