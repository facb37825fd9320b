import type { RunDescription } from "./describe-run.ts";
import { tableOf } from "./table.ts";
import type { Figure, Goal } from "./task.ts";

/** How many requests each task sent in its last run, by kind. */
export type RequestCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What a benchmark found. */
export interface Report {
  /** Which benchmark: `"speed"`. */
  readonly bench: string;
  readonly run: RunDescription;
  readonly rounds: number;
  readonly figures: readonly Figure[];
  readonly requests?: RequestCounts;
}

/** Prints a report: as JSON and nothing else, or as tables for people. */
export function printReport(report: Report, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : textOf(report));
}

function textOf({ run, rounds, figures, requests = {} }: Report): string {
  const rows = figures.map(({ name, unit, median, min, max, ratioToFloor, goal, met }) => [
    name,
    `${numberOf(median)} ${unit}`,
    `${numberOf(min)} to ${numberOf(max)}`,
    ratioToFloor === undefined ? "" : ratioToFloor.toFixed(2),
    goal === undefined ? "" : goalText(goal),
    met === undefined ? "" : met ? "yes" : "NO",
  ]);
  const sums = Object.entries(requests).map(([name, kinds]) => [
    name,
    Object.entries(kinds)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(", "),
  ]);
  const tables = [tableOf(["what", "median", "range", "× floor", "goal", "met"], rows)];
  if (sums.length > 0) tables.push(tableOf(["what", "requests"], sums));
  return (
    `Median of ${rounds} rounds; ${run.date}, Node ${run.node}, ${run.cores} cores, load before ${run.loadBefore.toFixed(2)}\n\n` +
    `${tables.join("\n\n")}\n`
  );
}

/** A goal in words: `"at least 0.65"`. */
export function goalText(goal: Goal): string {
  return "least" in goal ? `at least ${goal.least}` : `at most ${goal.most}`;
}

function numberOf(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
