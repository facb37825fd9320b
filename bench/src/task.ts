/** What the ratio of a figure to that of its floor should be: at least, or at most, some number. */
export type Goal = { readonly least: number } | { readonly most: number };

/** Something that is measured once in every round. */
export interface Task {
  /** What it measures. */
  readonly name: string;
  /** Of the figure, such as `"entries/s"`. */
  readonly unit: string;
  /** Name of the task that does the least work of the same kind, beside which it is measured. */
  readonly floor?: string;
  /** What the ratio to the floor should be. */
  readonly goal?: Goal;
  /** Does the work once and returns the figure. */
  run(): Promise<number>;
}

/** A figure over all rounds. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** The task that was its floor, and the median over the rounds of figure divided by floor. */
  readonly floor?: string;
  readonly ratioToFloor?: number;
  readonly goal?: Goal;
  readonly met?: boolean;
}

/** The tasks in whose names a text occurs, and their floors. */
export function withFloors(tasks: readonly Task[], text: string): Task[] {
  const asked = tasks.filter(({ name }) => name.includes(text));
  const floors = new Set(asked.map(({ floor }) => floor));
  return tasks.filter((task) => asked.includes(task) || floors.has(task.name));
}

/** Runs all tasks in turn, several times, so that a slow moment of the machine hits all of them alike. */
export async function runRounds(tasks: readonly Task[], rounds: number): Promise<Figure[]> {
  const results = new Map(tasks.map(({ name }) => [name, [] as number[]]));
  for (const task of tasks) await task.run();
  for (let round = 0; round < rounds; round++) {
    for (const task of tasks) results.get(task.name)!.push(await task.run());
  }
  return tasks.map((task) => figureOf(task, results));
}

function figureOf(task: Task, results: ReadonlyMap<string, readonly number[]>): Figure {
  const { name, unit, floor, goal } = task;
  const values = results.get(name)!;
  // Within a round both met the same machine, so that this varies less than the two medians do.
  const floors = floor === undefined ? undefined : results.get(floor)!;
  const ratioToFloor = floors && medianOf(values.map((value, i) => value / floors[i]!));
  return {
    name,
    unit,
    median: medianOf(values),
    min: Math.min(...values),
    max: Math.max(...values),
    ...(floor !== undefined && { floor }),
    ...(ratioToFloor !== undefined && { ratioToFloor }),
    ...(goal !== undefined && ratioToFloor !== undefined && { goal, met: meets(ratioToFloor, goal) }),
  };
}

function meets(ratio: number, goal: Goal): boolean {
  return "least" in goal ? ratio >= goal.least : ratio <= goal.most;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Seconds that some work takes. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
