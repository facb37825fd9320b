import { conformanceCases } from "./cases/index.ts";
import type { Declared } from "./declared.ts";
import type { ConformanceLimits } from "./fixture.ts";
import type { CaseResult } from "./run.ts";
import type { Runtime } from "./runtime.ts";
import { drawsByChance, replayAdvice } from "./seed.ts";

/** The adapter of a report. */
export interface ReportedAdapter {
  /** Its name. */
  readonly name: string;
  /** Its version, where the fixture gives one. */
  readonly version?: string;
  /** What it was run against, where the fixture says so. */
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
  readonly limits: Required<ConformanceLimits>;
  /** Whether every case of the suite ran or was skipped; otherwise the verdicts are about a part of it. */
  readonly complete: boolean;
  /** Whether every `MUST` that applies was kept; a known failure was not kept either. */
  readonly conformant: boolean;
  /** Whether the run is without surprises: what failed is known, and what is known failed. */
  readonly expected: boolean;
  /** One result a case, in the order of the suite. */
  readonly results: readonly CaseResult[];
}

/** Whether a result ends a run as failed: a failure that was not expected, of a `MUST` or a `SHOULD`. */
export function breaksRun({ level, status }: CaseResult): boolean {
  return status === "failed" && level !== "MAY";
}

/** Writes a result as text: one line, and a second one with the reason where there is one. */
export function formatResult({ status, id, level, title, durationMs, reason }: CaseResult): string {
  const line = `${status.padEnd(7)} ${id.padEnd(13)} ${level.padEnd(6)} ${title} (${Math.round(durationMs)} ms)`;
  return reason === "" ? line : `${line}\n        ${reason}`;
}

/** Writes the sums of a report and its verdict as one line. */
export function formatSums({ adapter, complete, conformant, results, seed }: ConformanceReport): string {
  const count = (wanted: CaseResult["status"]): number =>
    results.filter(({ status }) => status === wanted).length;
  const broken = results.filter(breaksRun).length;
  const sums = [`${count("passed")} passed`, `${broken} failed`];
  // A failure that breaks nothing must not make one look for it.
  if (count("failed") > broken) sums.push(`${count("failed") - broken} MAY not kept`);
  sums.push(`${count("known")} known`, `${count("skipped")} skipped`);
  const verdict = conformant ? "conformant" : "not conformant";
  const part = complete ? "" : ` in ${results.length} of ${conformanceCases.length} cases`;
  return `${adapter.name}: ${verdict}${part}; ${sums.join(", ")} (seed ${seed})`;
}

/**
 * Writes the failures that break the run, with the promises that were not kept, in the order in which they are best
 * looked at: what the storage and the names do first, and last the whole logs that are made of both. Empty where none does.
 */
export function formatFailures({ results }: ConformanceReport): string {
  return inOrder(results)
    .map(
      ({ id, level, title, reason }) =>
        `${id}: the adapter ${level} keep this promise, and does not:\n  ${title}\n  ${reason}\n`,
    )
    .join("\n");
}

/**
 * Says with which failure to begin, and how to draw the same again where a case that failed draws by chance. Empty where
 * nothing breaks the run.
 */
export function formatAdvice({ results, seed }: ConformanceReport): string {
  const failures = inOrder(results);
  if (failures.length === 0) return "";
  const [first] = failures;
  const begin =
    failures.length === 1
      ? `1 failure: ${first!.id}.`
      : `${failures.length} failures; begin with ${first!.id}.`;
  return failures.some(({ id }) => drawsByChance(id)) ? `${begin}\n${replayAdvice(seed)}` : begin;
}

/** The failures that break a run: storage, names, both, what is drawn by chance, logs. */
function inOrder(results: readonly CaseResult[]): readonly CaseResult[] {
  const groups = [/^CAS-(?!MODEL)/, /^NS-(?!MODEL)/, /^BOTH-/, /-MODEL-/, /^LOG-/];
  const placeOf = ({ id }: CaseResult): number => groups.findIndex((group) => group.test(id));
  return results.filter(breaksRun).toSorted((one, other) => placeOf(one) - placeOf(other));
}

/** Writes a report as text: one line a case, then the sums, and with which failure to begin. */
export function formatReport(report: ConformanceReport): string {
  const advice = formatAdvice(report);
  const rows = report.results.map(formatResult).join("\n");
  return `${rows}\n\n${formatSums(report)}\n${advice === "" ? "" : `${advice}\n`}`;
}
