// Writes docs/compatibility.md from the reports in docs/compatibility.
//   node tools/matrix.mjs                         writes the page
//   node tools/matrix.mjs --check                 fails if the page or a report is out of date
//   node tools/matrix.mjs --check --fresh <folder>  fails as well if a report of a test run says something else
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { differencesFromFresh, differencesFromSuite } from "./matrix/check.mjs";
import { renderMatrix } from "./matrix/render.mjs";
import { readReports } from "./matrix/reports.mjs";

const fromRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const { values } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    fresh: { type: "string" },
    reports: { type: "string", default: fromRoot("docs/compatibility") },
    page: { type: "string", default: fromRoot("docs/compatibility.md") },
  },
});

const stored = await readReports(values.reports);
const page = renderMatrix(stored);

if (values.check) {
  const current = await readFile(values.page, "utf8").catch(() => "");
  const differences = [
    ...differencesFromSuite(stored),
    ...(current === page ? [] : ["The page is not what the stored reports give: run `pnpm matrix`."]),
    ...(values.fresh === undefined ? [] : differencesFromFresh(stored, await readReports(values.fresh))),
  ];
  if (differences.length > 0) {
    const advice = "Run `pnpm conformance --all --reports docs/compatibility`, then `pnpm matrix`.";
    process.stderr.write(`The compatibility matrix is out of date.\n${differences.join("\n")}\n${advice}\n`);
    process.exitCode = 1;
  }
} else {
  await writeFile(values.page, page);
}
