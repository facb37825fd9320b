import { conformanceCases } from "./cases/index.ts";
import type { ConformanceFixture } from "./fixture.ts";
import { type CaseResult, checkKnown, runCase } from "./run.ts";

/** The results of a whole run. */
export interface ConformanceReport {
  /** Name of the adapter. */
  readonly adapter: string;
  /** Whether every `MUST` that applies was kept; a known failure was not kept either. */
  readonly conformant: boolean;
  /** Whether the run is without surprises: what failed is known, and what is known failed. */
  readonly expected: boolean;
  /** One result a case, in the order of the suite. */
  readonly results: readonly CaseResult[];
}

/**
 * Runs the whole suite without any test runner, one case after the other.
 *
 * @throws ConformanceFailure where the known failures of the fixture name a case that does not exist; whatever an
 * adapter does wrong is a result and no exception
 */
export async function checkConformance(fixture: ConformanceFixture): Promise<ConformanceReport> {
  checkKnown(fixture);
  const results: CaseResult[] = [];
  for (const one of conformanceCases) results.push(await runCase(fixture, one));
  return {
    adapter: fixture.name,
    conformant: !results.some(({ level, status }) => level === "MUST" && /failed|known/.test(status)),
    expected: !results.some(breaksRun),
    results,
  };
}

/** Whether a result ends a run as failed: a failure that was not expected, of a `MUST` or a `SHOULD`. */
export function breaksRun({ level, status }: CaseResult): boolean {
  return status === "failed" && level !== "MAY";
}

/** Writes a report as text: one line a case, then the sums. */
export function formatReport(report: ConformanceReport): string {
  const lines = report.results.map(({ status, id, level, title, durationMs, reason }) => {
    const line = `${status.padEnd(7)} ${id.padEnd(13)} ${level.padEnd(6)} ${title} (${Math.round(durationMs)} ms)`;
    return reason === "" ? line : `${line}\n        ${reason}`;
  });
  const sums = (["passed", "failed", "known", "skipped"] as const).map(
    (status) => `${report.results.filter((result) => result.status === status).length} ${status}`,
  );
  const verdict = report.conformant ? "conformant" : "not conformant";
  return `${lines.join("\n")}\n\n${report.adapter}: ${verdict}; ${sums.join(", ")}\n`;
}
