// Which cases of the conformance suite the tests run on which adapter. `tools/check-run.mjs` holds CI's reports against it.

/**
 * The reports in which every case runs. Cases about whole logs (LOG, lies included) judge the core more than an adapter: all of them
 * on the reference in memory, and on one service, over a network.
 */
const EVERYTHING = ["memory", "s3-own"];

/** The reports in which the cases about storage, names and both run, with {@link LOG_PART}. */
const PART = [
  "fs",
  "ipfs-embedded",
  "ipfs-gateway",
  "ipfs-ipfs-http-client",
  "ipfs-kubo-rpc-client",
  "ipfs-url",
  "s3-light-minio",
  "s3-light-own",
  "s3-light-versitygw",
  "s3-minio",
  "s3-versitygw",
  "swarm-bee",
  "swarm-bee-js",
];

/** What of LOG is run everywhere: what depends most on how an adapter stores, reads back and fails. Ids, or their beginnings. */
const LOG_PART = [
  "LOG-PUBLISH",
  "LOG-RESUME-02",
  "LOG-CATCHUP-01",
  "LOG-CATCHUP-04",
  "LOG-REMOTES-03",
  "LOG-COPY-01",
  "LOG-COPY-02",
  "LOG-CRASH",
  "LOG-DEVICE-01",
  "LOG-DEVICE-03",
  "LOG-LIAR-01",
  "LOG-LIAR-07",
  "LOG-LIAR-10",
  "LOG-LIAR-13",
  "LOG-LIAR-26",
  "LOG-LIAR-29",
  "LOG-LIAR-34",
];

/** Names of all reports that a run of all tests leaves: of the adapter, and of the server if it has several. */
export const plannedReports = [...EVERYTHING, ...PART].sort();

/**
 * The ids, or beginnings of ids, of the cases that are run for a report; `undefined` for all of them.
 *
 * @param {string} name
 * @returns {readonly string[] | undefined}
 */
export function plannedCases(name) {
  return PART.includes(name) ? ["CAS-", "NS-", "BOTH-", ...LOG_PART] : undefined;
}

/**
 * The ids of all cases that a report has to hold.
 *
 * @param {string} name
 * @param {readonly string[]} ids - of the whole suite
 * @returns {string[]}
 */
export function plannedIds(name, ids) {
  const starts = plannedCases(name);
  return ids.filter((id) => starts === undefined || starts.some((start) => id.startsWith(start)));
}
