// Prints "N passed, N failed" from the report that vitest wrote. A file that could not be loaded counts as one
// failure, and so does a check besides the tests: a run that failed never ends with "0 failed".
// Usage: node tools/count-tests.mjs <report.json> <exit code of the checks>
import { readFileSync } from "node:fs";

const [path, exitCode] = process.argv.slice(2);
let passed = 0;
let failed = 0;
try {
  const report = JSON.parse(readFileSync(path, "utf8"));
  passed = report.numPassedTests;
  failed = report.numFailedTests;
  for (const file of report.testResults) {
    if (file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed")) failed++;
  }
} catch (error) {
  if (error.code !== "ENOENT") throw error;
  process.stdout.write("The tests did not run: a check before them failed.\n");
}
if (failed === 0 && exitCode !== "0") failed = 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
