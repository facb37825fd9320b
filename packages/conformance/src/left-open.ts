// What a run left open, as the report has it.

/** Something that a run left open, and that would keep its process alive. */
export interface LeftOpen {
  /** What it is: `"timer"`, `"connection"`, `"server"`, `"pipe"`, `"process"`, `"file watcher"`, `"worker"`. */
  readonly what: string;
  /** The id of the case during which it was opened. */
  readonly openedBy: string;
  /** The lines of the stack that it was opened from, the innermost first. Empty in a stored report. */
  readonly stack: readonly string[];
}

/** Writes what was left open, with the lines that opened it. Equal ones are counted. Empty if there is nothing. */
export function formatLeftOpen(left: readonly LeftOpen[]): string {
  if (left.length === 0) return "";
  const groups = new Map<string, { count: number; first: LeftOpen; cases: Set<string> }>();
  for (const one of left) {
    const key = JSON.stringify([one.what, one.stack]);
    const group = groups.get(key) ?? { count: 0, first: one, cases: new Set<string>() };
    group.count++;
    group.cases.add(one.openedBy);
    groups.set(key, group);
  }
  const rows = [...groups.values()].flatMap(({ count, first, cases }) => [
    `  ${count} × ${first.what}, opened in ${[...cases].slice(0, 3).join(", ")}${cases.size > 3 ? " and others" : ""}`,
    ...first.stack.map((line) => `    ${line}`),
  ]);
  return [
    "The adapter, or its fixture, left something open:",
    ...rows,
    "What the adapter opens it ends by close or return; what the fixture opens, in its [Symbol.asyncDispose].",
  ].join("\n");
}
