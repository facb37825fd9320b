// Finds what in the stored reports is no longer true.
import { isDeepStrictEqual } from "node:util";
import { conformanceCases, suiteVersion } from "@remote-log/conformance";

/** @typedef {import("./reports.mjs").StoredReport} StoredReport */

const sentence = ({ id, level, title }) => `${id} ${level} ${title}`;

/**
 * Compares stored reports with the suite of today.
 *
 * @param {readonly StoredReport[]} stored
 * @returns {string[]} what differs
 */
export function differencesFromSuite(stored) {
  if (stored.length === 0) return ["There is no stored report."];
  const today = conformanceCases.map(sentence);
  return stored.flatMap(({ file, suite, results }) => {
    const rows = results.map(sentence);
    return [
      ...(suite === suiteVersion
        ? []
        : [`${file}: made by version ${suite} of the suite, which is at ${suiteVersion}`]),
      ...today.filter((row) => !rows.includes(row)).map((row) => `${file}: lacks ${row}`),
      ...rows
        .filter((row) => !today.includes(row))
        .map((row) => `${file}: has ${row}, which the suite does not have`),
    ];
  });
}

/**
 * Compares stored reports with those of a test run. How long it took, when and in what is no difference.
 *
 * @param {readonly StoredReport[]} stored
 * @param {readonly StoredReport[]} fresh
 * @returns {string[]} what differs
 */
export function differencesFromFresh(stored, fresh) {
  if (fresh.length === 0) return ["There is no fresh report to compare with."];
  return fresh.flatMap(({ file, declared, results }) => {
    const before = stored.find((report) => report.file === file);
    if (before === undefined) return [`${file}: there is no stored report of it`];
    const statuses = new Map(before.results.map(({ id, status }) => [id, status]));
    return [
      ...(isDeepStrictEqual(declared, before.declared)
        ? []
        : [`${file}: declares something else than the stored report`]),
      ...results
        .filter(({ id, status }) => statuses.get(id) !== status)
        .map(
          ({ id, status }) => `${file}: ${id} is ${status}, and ${statuses.get(id) ?? "nothing"} is stored`,
        ),
    ];
  });
}
