import { conformanceCases } from "./cases/index.ts";
import type { Declared } from "./declared.ts";
import type { ConformanceLimits } from "./fixture.ts";
import type { CaseResult } from "./run.ts";
import type { Runtime } from "./runtime.ts";

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
  const sums = (["passed", "failed", "known", "skipped"] as const).map(
    (status) => `${results.filter((result) => result.status === status).length} ${status}`,
  );
  const verdict = conformant ? "conformant" : "not conformant";
  const part = complete ? "" : ` in ${results.length} of ${conformanceCases.length} cases`;
  return `${adapter.name}: ${verdict}${part}; ${sums.join(", ")} (seed ${seed})`;
}

/** Writes a report as text: one line a case, then the sums. */
export function formatReport(report: ConformanceReport): string {
  return `${report.results.map(formatResult).join("\n")}\n\n${formatSums(report)}\n`;
}
