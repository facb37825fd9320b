// Reads stored reports of the conformance suite.
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

/**
 * A report with the name that it is stored under.
 *
 * @typedef {import("@remote-log/conformance").ReportJson & { readonly file: string }} StoredReport
 */

/**
 * Reads every report of a folder, in the order of their names.
 *
 * @param {string} folder
 * @returns {Promise<StoredReport[]>}
 */
export async function readReports(folder) {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  return Promise.all(
    files.map(async (file) => ({
      ...JSON.parse(await readFile(join(folder, file), "utf8")),
      file: basename(file, ".json"),
    })),
  );
}
