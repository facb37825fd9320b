// Runs test files inside the worker of vitest, as often as they are needed.

import { startTests } from "@vitest/runner";
import { TestRunner, vi } from "vitest";
import { cpuSince } from "./cpu.mjs";
import { mutation } from "./state.mjs";

/** Time limits are for hangs: this, or ten times what the slowest test took before. */
const SHORTEST_LIMIT = 10_000;
/** The same for a test without a mutant, in milliseconds. */
const LIMIT_WITHOUT_MUTANT = 180_000;

export class TestFiles {
  #outer;

  /** @param {TestRunner} outer - the runner that vitest made in this worker */
  constructor(outer) {
    this.#outer = outer;
  }

  /**
   * Runs all tests of a file without a mutant.
   *
   * @param {string} path
   */
  async cover(path) {
    const runner = this.#runner({ timeout: LIMIT_WITHOUT_MUTANT });
    this.#begin(-1, Number.POSITIVE_INFINITY);
    const always = new Uint8Array(mutation.size);
    mutation.reached = always;
    const tests = [];
    let before = process.cpuUsage();
    let asked = 0;
    runner.before = () => {
      before = process.cpuUsage();
      asked = mutation.calls;
      mutation.reached = new Uint8Array(mutation.size);
    };
    runner.after = (test) => {
      const duration = test.result?.duration ?? 0;
      const calls = mutation.calls - asked;
      tests.push({ id: test.id, ms: cpuSince(before), duration, calls, reached: mutation.reached });
      mutation.reached = always;
    };
    const began = process.cpuUsage();
    const [file] = await startTests([path], runner);
    mutation.reached = undefined;
    const ms = cpuSince(began);
    const calls = mutation.calls - tests.reduce((sum, test) => sum + test.calls, 0);
    // Modules are compiled when they are loaded for the first time: the second time says what loading takes.
    const again = process.cpuUsage();
    this.#freshModules();
    await startTests([path], this.#runner({ timeout: LIMIT_WITHOUT_MUTANT, only: new Set() }));
    return { ms, loading: cpuSince(again), calls, always, tests, failed: failureOf(file) };
  }

  /**
   * Runs some tests of a file with a mutant, until one fails.
   *
   * @param {string} path
   * @param {number} number
   * @param {{ ids: readonly string[], calls: number, slowest: number }} tests - and how often the code asked before
   * @returns {Promise<string | undefined>} which test failed
   */
  async kills(path, number, { ids, calls, slowest }) {
    const runner = this.#runner({ timeout: Math.max(SHORTEST_LIMIT, 10 * slowest), only: new Set(ids) });
    this.#begin(number, 10 * calls + 100_000);
    const [file] = await startTests([path], runner);
    mutation.active = -1;
    vi.useRealTimers();
    return failureOf(file);
  }

  /** Every mutant meets fresh modules: no cache of them knows another one. */
  #begin(number, limit) {
    this.#freshModules();
    vi.restoreAllMocks();
    mutation.active = number;
    mutation.calls = 0;
    mutation.limit = limit;
  }

  #freshModules() {
    // What one file has mocked, by `vi.mock`, is itself for the next one.
    this.#outer.moduleRunner.mocker?.reset();
    vi.resetModules();
  }

  #runner({ timeout, only }) {
    const { config, moduleRunner, _otel } = this.#outer;
    const runner = new InnerRunner({ ...config, testTimeout: timeout, hookTimeout: timeout }, only);
    runner.moduleRunner = moduleRunner;
    runner.__setTraces(_otel);
    return runner;
  }
}

/** Runs tests without reporting them to vitest. */
class InnerRunner extends TestRunner {
  before = (_test) => {};
  after = (_test) => {};
  #only;
  #failed = false;

  constructor(config, only) {
    super(config);
    this.#only = only;
  }

  onCollected([file]) {
    if (this.#only !== undefined) choose(file, this.#only);
  }

  async onBeforeRunSuite(suite) {
    if (this.#failed) suite.mode = "skip";
    await super.onBeforeRunSuite(suite);
  }

  onAfterRunSuite(suite) {
    if (suite.result?.state === "fail") this.#failed = true;
  }

  async onBeforeRunTask(test) {
    if (this.#failed) test.mode = "skip";
    if (test.mode === "run" || test.mode === "queued") this.before(test);
    await super.onBeforeRunTask(test);
  }

  onAfterRunTask(test) {
    super.onAfterRunTask(test);
    if (test.result?.state === "fail" && this.#only !== undefined) this.#failed = true;
    if (test.mode === "run" || test.mode === "queued") this.after(test);
  }

  onAfterRunFiles() {}
}

function choose(task, only) {
  if (task.type === "test") {
    if (!only.has(task.id)) task.mode = "skip";
    return task.mode !== "skip";
  }
  const chosen = task.tasks.map((child) => choose(child, only)).some(Boolean);
  if (!chosen && task.type === "suite" && task.filepath === undefined) task.mode = "skip";
  return chosen;
}

/** The name of what failed, or nothing. */
function failureOf(task) {
  const own = task.result?.state === "fail";
  for (const child of task.tasks ?? []) {
    const name = failureOf(child);
    if (name !== undefined) return name;
  }
  return own ? `${task.name}: ${task.result.errors?.[0]?.message ?? ""}`.slice(0, 300) : undefined;
}
