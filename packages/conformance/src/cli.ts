#!/usr/bin/env node
/// <reference types="node" />
// The command remote-log-conformance: runs the suite on the fixture of a module, without any test runner.

import { writeFile } from "node:fs/promises";
import { conformanceCases } from "./cases/index.ts";
import { terminalText } from "./clean-text.ts";
import { loadFixture } from "./command/load-fixture.ts";
import { type CommandOptions, HELP, readOptions, UsageError } from "./command/options.ts";
import type { ConformanceFixture } from "./fixture.ts";
import { formatLeftOpen } from "./left-open.ts";
import { OpenHandles } from "./open-handles.ts";
import {
  type ConformanceReport,
  formatAdvice,
  formatFailures,
  formatResult,
  formatSlowest,
  formatSums,
} from "./report.ts";
import { reportJson } from "./report-json.ts";
import type { CaseResult } from "./run.ts";
import { StrayErrors } from "./stray-errors.ts";
import { SuiteRun } from "./suite-run.ts";
import { suiteVersion } from "./version.ts";

/** How long what was opened outside of the cases may keep the process alive while none of it ends, in milliseconds. */
const GRACE_MS = 5_000;
/** How often that is looked at, in milliseconds. */
const LOOK_MS = 500;

/** Runs the command and gives its exit code. */
async function main(parameters: string[]): Promise<number> {
  const options = await readOptions(parameters);
  const { task, suite } = options;
  if (task === "help") return print(HELP);
  if (task === "version") return print(`${suiteVersion}\n`);
  if (task === "list") {
    const isListed = (id: string): boolean => suite.only?.some((start) => id.startsWith(start)) ?? true;
    const listed = conformanceCases.filter(({ id }) => isListed(id));
    return print(
      listed.map(({ id, level, title }) => `${id.padEnd(13)} ${level.padEnd(6)} ${title}\n`).join(""),
    );
  }
  return check(await loadFixture(options.specifier), options);
}

/** Runs the suite on a fixture, ends the fixture, and looks at what is left. Gives the exit code. */
async function check(fixture: ConformanceFixture, options: CommandOptions): Promise<number> {
  const strays = new StrayErrors((text) => process.stderr.write(`${terminalText(text)}\n`));
  let report: ConformanceReport;
  const handles = OpenHandles.start();
  try {
    process.on("uncaughtException", strays.take);
    report = await runSuite(fixture, { ...options, strays, handles });
    await save(report, options);
  } finally {
    process.off("uncaughtException", strays.take);
    await fixture[Symbol.asyncDispose]?.();
  }
  const leftOpen = (await handles?.end()) ?? [];
  if (leftOpen.length > 0) {
    report = { ...report, leftOpen, expected: false };
    await save(report, options);
    process.stderr.write(`${terminalText(formatLeftOpen(leftOpen))}\n`);
  }
  return report.expected && strays.outside === 0 ? 0 : 1;
}

async function save(report: ConformanceReport, { report: file }: CommandOptions): Promise<void> {
  if (file !== undefined) await writeFile(file, `${JSON.stringify(reportJson(report), null, 2)}\n`);
}

interface RunOptions extends CommandOptions {
  readonly strays: StrayErrors;
  readonly handles: OpenHandles | undefined;
}

async function runSuite(
  fixture: ConformanceFixture,
  { quiet, slow, suite, seed, strays, handles }: RunOptions,
): Promise<ConformanceReport> {
  const interrupted = new AbortController();
  const onInterrupt = (): void => interrupted.abort(new UsageError("The run was interrupted."));
  process.once("SIGINT", onInterrupt).once("SIGTERM", onInterrupt);
  const onResult = (result: CaseResult): void => {
    if (!quiet && result.status !== "not-run") print(`${terminalText(formatResult(result))}\n`);
  };
  const run = new SuiteRun(fixture, { ...suite, onResult }, seed);
  for (const one of run.cases) {
    const runs = (): Promise<unknown> => run.run(strays.watching(one), interrupted.signal);
    await (handles === undefined ? runs() : handles.during(one.id, runs));
  }
  const report = run.report();
  const [failures, advice] = [formatFailures(report), formatAdvice(report)];
  if (failures !== "") print(`\n${terminalText(failures)}`);
  if (slow) print(`\n${formatSlowest(report)}`);
  print(`\n${terminalText(formatSums(report))}\n`);
  if (advice !== "") print(`${terminalText(advice)}\n`);
  return report;
}

/** Ends a process that something keeps alive which no case opened, once nothing more of it ends. */
function endProcess(): void {
  let before = "";
  let since = performance.now();
  const look = (): void => {
    // Standard output and its like are listed too, and keep nothing alive.
    const listed = process.getActiveResourcesInfo?.().filter((one) => !/^(Pipe|TTY)Wrap$/.test(one));
    const left = listed?.sort().join(", ") ?? "";
    if (left !== before) since = performance.now();
    before = left;
    if (performance.now() - since < GRACE_MS) return;
    const what = left === "" ? "a timer, a socket or a file" : left;
    process.stderr.write(`The adapter, or its fixture, left something open outside of the cases: ${what}.\n`);
    process.exit(process.exitCode === 2 ? 2 : 1);
  };
  setInterval(look, LOOK_MS).unref();
}

function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

// Whoever reads the output may stop reading, as `head` does.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => process.exit(code === "EPIPE" ? 1 : 2));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${terminalText(error instanceof Error ? error.message : String(error))}\n`);
  process.exitCode = 2;
}
endProcess();
