// The report of a run, and the texts that are made of it.

import { conformanceCases } from "./cases/index.ts";
import type { Declared } from "./declared.ts";
import type { Stopped } from "./early-stop.ts";
import { groupFailures } from "./failure-groups.ts";
import type { FilledLimits } from "./fixture.ts";
import type { LeftOpen } from "./left-open.ts";
import type { CaseResult } from "./run.ts";
import type { Runtime } from "./runtime.ts";
import { drawsByChance, replayAdvice } from "./seed.ts";
import { trimmedStack } from "./stack.ts";
import { breaksRun } from "./verdict.ts";

/** The adapter of a report. */
export interface ReportedAdapter {
  /** Its name. */
  readonly name: string;
  /** Its version, if the fixture gives one. */
  readonly version?: string;
  /** What it was run against, if the fixture says so. */
  readonly service?: string;
}

/** The results of a whole run. */
export interface ConformanceReport {
  /** Version of the suite. */
  readonly suite: string;
  /** What was checked. */
  readonly adapter: ReportedAdapter;
  /** What it declares of itself. */
  readonly declared: Declared;
  /** What the run took place in. */
  readonly runtime: Runtime;
  /** Seed of what was drawn by chance. */
  readonly seed: number;
  /** When it began, as an ISO date. */
  readonly started: string;
  /** The limits of the fixture, with their defaults. */
  readonly limits: FilledLimits;
  /** Whether every case of the suite ran or was skipped; otherwise the verdicts are about a part of it. */
  readonly complete: boolean;
  /** Why the run ended before its last case, if it did. */
  readonly stopped?: Stopped;
  /**
   * Whether every `MUST` that applies was kept (a known failure was not), and every `SHOULD` was kept or is named, with a
   * reason, among the known failures of the fixture.
   */
  readonly conformant: boolean;
  /** Whether the run is without surprises: what failed is known, what is known failed, and nothing was left open. */
  readonly expected: boolean;
  /** What the adapter or its fixture left open, if the run was by the command, which looks for it, and something was. */
  readonly leftOpen?: readonly LeftOpen[];
  /** One result a case, in the order of the suite. */
  readonly results: readonly CaseResult[];
}

/** Writes a result as text: one line, and a second one with the reason if there is one. */
export function formatResult({ status, id, level, title, durationMs, reason }: CaseResult): string {
  const line = `${status.padEnd(7)} ${id.padEnd(13)} ${level.padEnd(6)} ${title} (${Math.round(durationMs)} ms)`;
  return reason === "" ? line : `${line}\n        ${reason}`;
}

/** Writes the sums of a report and its verdict as one line. */
export function formatSums({ adapter, conformant, results, seed }: ConformanceReport): string {
  const count = (wanted: CaseResult["status"]): number =>
    results.filter(({ status }) => status === wanted).length;
  const broken = results.filter(breaksRun);
  const sums = [`${count("passed")} passed`, `${broken.length} failed`];
  // A failure that breaks nothing must not make one look for it.
  if (count("failed") > broken.length) sums.push(`${count("failed") - broken.length} MAY not kept`);
  sums.push(`${count("known")} known`, `${count("skipped")} skipped`);
  if (count("not-run") > 0) sums.push(`${count("not-run")} not run`);
  const ran = results.length - count("not-run");
  const part = ran === conformanceCases.length ? "" : ` in ${ran} of ${conformanceCases.length} cases`;
  const verdict = conformant ? "conformant" : "not conformant";
  const exceptions = conformant ? exceptionsIn(results) : "";
  return `${adapter.name}: ${verdict}${part}${exceptions}; ${sums.join(", ")} (seed ${seed})`;
}

/** Says which `SHOULD` an adapter does not keep, with a reason among the known failures of its fixture. */
function exceptionsIn(results: readonly CaseResult[]): string {
  const ids = results
    .filter(({ level, status }) => level === "SHOULD" && status === "known")
    .map(({ id }) => id);
  if (ids.length === 0) return "";
  return `, with ${ids.length} known exception${ids.length === 1 ? "" : "s"}: ${ids.join(", ")}`;
}

/**
 * Writes the failures that break the run, with the promises that were not kept and the lines of the adapter that they
 * came from. What failed for the same cause stands together. The order is the one in which they are best looked at: the
 * storage and the names first, and last the whole logs that are made of both. Empty if nothing breaks the run.
 */
export function formatFailures({ results }: ConformanceReport): string {
  return groupFailures(inOrder(results)).map(formatGroup).join("\n");
}

/** How many promises and how many different reasons of equal failures are written out. */
const MOST_TITLES = 5;
const MOST_REASONS = 3;

function formatGroup(group: readonly CaseResult[]): string {
  const [first] = group;
  const stack = trimmedStack(first?.error).map((line) => `    ${line}`);
  if (first === undefined || group.length === 1) {
    const promise = `${first?.id}: the adapter ${first?.level} keep this promise, and does not:`;
    return [promise, `  ${first?.title}`, `  ${first?.reason}`, ...stack, ""].join("\n");
  }
  const titles = group.map(({ id, level, title }) => `  ${id.padEnd(13)} ${level.padEnd(6)} ${title}`);
  const others = group.slice(MOST_TITLES).map(({ id }) => id);
  const reasons = [...new Set(group.map(({ reason }) => reason))];
  const more = reasons.length > MOST_REASONS ? [`  (and ${reasons.length - MOST_REASONS} like these)`] : [];
  return [
    `${group.length} promises that the adapter does not keep, for the same cause:`,
    ...titles.slice(0, MOST_TITLES),
    ...(others.length === 0 ? [] : [`  and ${others.join(", ")}`]),
    ...reasons.slice(0, MOST_REASONS).map((reason) => `  ${reason}`),
    ...more,
    ...stack,
    "",
  ].join("\n");
}

/**
 * Says why the run ended early, if it did, with which failure to begin, and how to draw the same again if a case that
 * failed draws by chance. Empty if nothing breaks the run.
 */
export function formatAdvice({ results, seed, stopped }: ConformanceReport): string {
  const failures = inOrder(results);
  const [first] = failures;
  const lines = stopped === undefined ? [] : [stopped.reason];
  if (failures.length === 1) lines.push(`1 failure: ${first!.id}.`);
  if (failures.length > 1) lines.push(`${failures.length} failures; begin with ${first!.id}.`);
  if (failures.some(({ id }) => drawsByChance(id))) lines.push(replayAdvice(seed));
  return lines.join("\n");
}

/** Writes the cases that took longest, with what opening and closing took of it. Empty if no case ran. */
export function formatSlowest({ results }: ConformanceReport, count = 5): string {
  const ms = (time: number): string => Math.round(time).toLocaleString("en-US");
  const slowest = results.toSorted((one, other) => other.durationMs - one.durationMs).slice(0, count);
  const rows = slowest
    .filter(({ status }) => status !== "not-run")
    .map(({ id, durationMs, openMs, closeMs }) => {
      const parts = `open ${ms(openMs)} ms, close ${ms(closeMs)} ms`;
      return `  ${ms(durationMs).padStart(7)} ms  ${id.padEnd(13)} (${parts})`;
    });
  return rows.length === 0 ? "" : ["The slowest cases:", ...rows, ""].join("\n");
}

/** The failures that break a run: storage, names, both, what is drawn by chance, logs. */
function inOrder(results: readonly CaseResult[]): readonly CaseResult[] {
  const groups = [/^CAS-(?!MODEL)/, /^NS-(?!MODEL)/, /^BOTH-/, /-MODEL-/, /^LOG-/];
  const placeOf = ({ id }: CaseResult): number => groups.findIndex((group) => group.test(id));
  return results.filter(breaksRun).toSorted((one, other) => placeOf(one) - placeOf(other));
}

/** Writes a report as text: one line a case that ran, then the sums, and with which failure to begin. */
export function formatReport(report: ConformanceReport): string {
  const advice = formatAdvice(report);
  const rows = report.results.filter(({ status }) => status !== "not-run").map(formatResult);
  return `${rows.join("\n")}\n\n${formatSums(report)}\n${advice === "" ? "" : `${advice}\n`}`;
}
