// The table of a hostile server: every operation of an adapter against every answer, in one process whose memory is watched.

import { until } from "../until.ts";
import { type HostileAnswer, hostileAnswers } from "./answers.ts";
import { type HostileOutcome, startHostileClient } from "./hostile-client.ts";
import { type HonestAnswer, startHostileServer } from "./hostile-server.ts";

/** Options of {@link runHostileTable}. */
export interface HostileTableOptions {
  /**
   * The module of the client: it exports `operations`, and may export `end`, which closes what they share. An operation whose
   * name ends with "in time" has a time of its own, and may end with `ERR_TIMEOUT` in place of anything else.
   */
  readonly module: string;
  /** Path of the Node that runs the client. Default: the one that runs the test. */
  readonly node?: string;
  readonly answers: readonly HostileAnswer[];
  /** The requests that get an honest answer, so that those after them are tried, too. Default: none. */
  readonly honest?: HonestAnswer;
  /** The operations that are tried. Default: all of the module. */
  readonly operations?: readonly string[];
  /** Values that operations may give though the answer is hostile, by operation. Default: none may give any. */
  readonly values?: Readonly<Record<string, RegExp>>;
  /** Codes of errors that are right for an operation in place of that of the answer. */
  readonly codes?: Readonly<Record<string, RegExp>>;
  /** The most requests of an operation, on an average. Default: 12. */
  readonly mostRequests?: number;
  /** When the caller of an operation gives up whose answer never ends, in milliseconds. Default: 1,000. */
  readonly patienceMilliseconds?: number;
  /**
   * When what has not ended is taken for something that never does, in milliseconds: an operation, a connection after the last
   * operation, the process of the client. Default: 180,000.
   */
  readonly hungMilliseconds?: number;
}

/** What came of a table. */
export interface HostileReport {
  readonly cells: number;
  /** What is wrong, a sentence each. */
  readonly complaints: readonly string[];
  /** By how much the memory grew at most, in bytes. */
  readonly growth: number;
  /** By how much it was larger at the end, after a collection of garbage, in bytes. */
  readonly kept: number;
}

/** Operations at the same time. */
const AT_ONCE = 6;

/** When the caller of an operation gives up that has to end by itself, in milliseconds. This is for hangs alone. */
const BY_ITSELF_MILLISECONDS = 120_000;

/** The most requests of an operation, on an average: nothing follows redirects, and clients try again a few times. */
const MOST_REQUESTS = 12;

/** Runs a table. */
export async function runHostileTable(options: HostileTableOptions): Promise<HostileReport> {
  const { module, node, answers, honest } = options;
  const { patienceMilliseconds = 1_000, hungMilliseconds = 180_000 } = options;
  const { mostRequests = MOST_REQUESTS } = options;
  await using server = await startHostileServer(hostileAnswers, honest);
  const client = await startHostileClient(module, hungMilliseconds, node);
  const complaints: string[] = [];
  try {
    const operations = options.operations ?? client.operations;
    // So that what every operation needs is there already.
    for (const operation of operations)
      await client.run(operation, server.urlOf("closed"), BY_ITSELF_MILLISECONDS);
    const before = await client.memory();
    let most = 0;
    for (const answer of answers) {
      const patience = answer.ends === "by-itself" ? BY_ITSELF_MILLISECONDS : patienceMilliseconds;
      const earlier = server.requestsFor(answer.name);
      await eachOf(operations, async (operation) => {
        const outcome = await client.run(operation, server.urlOf(answer.name), patience);
        const why = wrongWith(outcome, operation, answer, options);
        if (why !== undefined) complaints.push(`${operation} of ${answer.name}: ${why}`);
      });
      const requests = server.requestsFor(answer.name) - earlier;
      if (requests === 0) complaints.push(`${answer.name}: no operation sent a request`);
      if (requests > mostRequests * operations.length) {
        complaints.push(`${answer.name}: ${requests} requests for ${operations.length} operations`);
      }
      ({ most } = await largest(client, most));
    }
    const open = { what: "the end of every connection", stallMilliseconds: hungMilliseconds };
    const excused = new Set(hostileAnswers.filter(({ staysOpen }) => staysOpen).map(({ name }) => name));
    const stillOpen = () => [...new Set(server.open())].filter((name) => !excused.has(name));
    await until(() => stillOpen().length === 0, open).catch(() => {
      complaints.push(`still open: ${stillOpen().join(", ")}`);
    });
    const { now } = await client.memory();
    if (!(await client.end())) complaints.push("something keeps the process of the client alive");
    const cells = answers.length * operations.length;
    return { cells, complaints, growth: most - before.now, kept: now - before.now };
  } finally {
    client.kill();
  }
}

async function largest(
  client: Awaited<ReturnType<typeof startHostileClient>>,
  before: number,
): Promise<{ readonly most: number }> {
  const { most } = await client.memory();
  return { most: Math.max(before, most) };
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** What is wrong with an outcome; `undefined` if nothing is. */
function wrongWith(
  outcome: HostileOutcome,
  operation: string,
  { ends, code, isWhole }: HostileAnswer,
  { values = {}, codes = {} }: HostileTableOptions,
): string | undefined {
  if (outcome.status === "hung") return "it never ended";
  if (outcome.status === "aborted")
    return ends === "by-itself" ? "it ended with its caller alone" : undefined;
  if (outcome.status === "value") {
    return isWhole === true || values[operation]?.test(outcome.value) === true
      ? undefined
      : `it gave ${outcome.value}`;
  }
  const shown = `${outcome.code} (${outcome.name}: ${outcome.message})`;
  if (!/^ERR_[A-Z_]+$/.test(outcome.code ?? "") || !/Error$/.test(outcome.name ?? "")) return shown;
  if (code === undefined || outcome.code === code) return undefined;
  if (outcome.code === "ERR_TIMEOUT" && operation.endsWith(" in time")) return undefined;
  return codes[operation]?.test(outcome.code ?? "") === true ? undefined : `${shown} and not ${code}`;
}
