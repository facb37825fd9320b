import type { Reporter, TestModule } from "vitest/node";

/** What a file of tests cost. */
interface FileCost {
  readonly file: string;
  readonly seconds: number;
  readonly importSeconds: number;
  readonly tests: number;
  readonly slowest: string;
}

/** A reporter for vitest: prints the slowest files in the end, and the seed of the samples. */
export class SlowestFiles implements Reporter {
  readonly #count: number;

  /** @param count - how many files to print; 0 for none */
  constructor(count: number) {
    this.#count = count;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const costs = modules.map(costOf).sort((a, b) => b.seconds - a.seconds);
    if (this.#count > 0) process.stdout.write(`${tableOf(costs.slice(0, this.#count), costs)}\n`);
    const seed = process.env["TEST_SEED"];
    const drawn =
      process.env["TEST_WHOLE"] === "1"
        ? `Everything was tried (TEST_WHOLE=1), with TEST_SEED=${seed}.`
        : `Large sets of cases were sampled: TEST_SEED=${seed} draws the same again, TEST_WHOLE=1 tries everything.`;
    process.stdout.write(`${drawn}\n`);
  }
}

function costOf(module: TestModule): FileCost {
  const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } =
    module.diagnostic();
  const tests = [...module.children.allTests()];
  const times = tests.map((test) => [test.diagnostic()?.duration ?? 0, test.name] as const);
  const [longest, name] = times.reduce((a, b) => (b[0] > a[0] ? b : a), [0, ""] as const);
  return {
    file: module.relativeModuleId,
    seconds: (environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration) / 1000,
    importSeconds: collectDuration / 1000,
    tests: tests.length,
    slowest: name === "" ? "" : `${(longest / 1000).toFixed(1)} s: ${name}`,
  };
}

function tableOf(slowest: readonly FileCost[], all: readonly FileCost[]): string {
  const sum = (costs: readonly FileCost[]): number =>
    costs.reduce((total, { seconds }) => total + seconds, 0);
  const lines = slowest.map(
    ({ file, seconds, importSeconds, tests, slowest: test }) =>
      `${seconds.toFixed(1).padStart(7)} s ${importSeconds.toFixed(1).padStart(6)} s ${`${tests}`.padStart(6)}  ${file}  (${test.slice(0, 60)})`,
  );
  const share = Math.round((100 * sum(slowest)) / Math.max(sum(all), Number.EPSILON));
  return [
    "",
    `The ${slowest.length} slowest of ${all.length} files, ${share} % of the time of all workers (${sum(all).toFixed(0)} s):`,
    "    whole   import  tests  file  (its slowest test)",
    ...lines,
  ].join("\n");
}
