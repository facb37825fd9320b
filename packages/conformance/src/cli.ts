#!/usr/bin/env node
/// <reference types="node" />
import { existsSync } from "node:fs";
import { access, constants, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { check } from "./assert.ts";
import { conformanceCases } from "./cases/index.ts";
import { checkFixture } from "./check-fixture.ts";
import { terminalText } from "./clean-text.ts";
import type { ConformanceFixture } from "./fixture.ts";
import { type ConformanceReport, formatAdvice, formatFailures, formatResult, formatSums } from "./report.ts";
import { reportJson } from "./report-json.ts";
import { parseSeed, seedFromEnvironment } from "./seed.ts";
import { StrayErrors } from "./stray-errors.ts";
import { checkOnly, SuiteRun } from "./suite-run.ts";
import { suiteVersion } from "./version.ts";

/** How long what the adapter left open may keep the process alive, in milliseconds. */
const GRACE_MS = 2_000;

const HELP = `Usage: remote-log-conformance <module> [options]

Runs the conformance suite on an adapter. The module, given as a path, a URL or the name of a package, exports a
fixture, or a function that returns one, as its default or under the name "fixture".

Options:
  --report <file>   write the report as JSON
  --only <ids>      run the cases whose ids begin so: CAS-PUT, or CAS-PUT-03,NS-UPDATE; may be repeated
  --seed <number>   draw what is drawn by chance as an earlier run did; or set CONFORMANCE_SEED
  --list            show the cases, and run none
  --quiet           show failures and sums alone
  --version         show the version of the suite
  --help            show this

Exit codes: 0 where nothing unexpected happened, 1 where a case failed, 2 where the suite could not be run.
`;

/** The command was not used as it is meant to be, or the module is not what it should be. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Runs the command and gives its exit code. */
async function main(parameters: string[]): Promise<number> {
  const { values, positionals } = parse(parameters);
  if (values.help) return print(HELP);
  if (values.version) return print(`${suiteVersion}\n`);
  const only = values.only?.flatMap((ids) => ids.split(",").map((id) => id.trim()));
  if (only !== undefined) checkOnly(only);
  if (values.list) {
    const listed = conformanceCases.filter(({ id }) => only?.some((start) => id.startsWith(start)) ?? true);
    return print(
      listed.map(({ id, level, title }) => `${id.padEnd(13)} ${level.padEnd(6)} ${title}\n`).join(""),
    );
  }
  const [specifier, ...surplus] = positionals;
  if (specifier === undefined) throw new UsageError("There is no module to check. See --help.");
  if (surplus.length > 0) throw new UsageError(`One module at a time: ${surplus.join(" ")} is too much.`);
  const seed = values.seed === undefined ? seedFromEnvironment() : parseSeed(values.seed, "--seed");
  if (values.report !== undefined) await checkWritable(values.report);
  const fixture = await loadFixture(specifier);
  const strays = new StrayErrors((text) => process.stderr.write(`${terminalText(text)}\n`));
  try {
    process.on("uncaughtException", strays.take);
    const report = await runSuite(fixture, { quiet: values.quiet, only, seed, strays });
    if (values.report !== undefined) {
      await writeFile(values.report, `${JSON.stringify(reportJson(report), null, 2)}\n`);
    }
    return report.expected && strays.outside === 0 ? 0 : 1;
  } finally {
    process.off("uncaughtException", strays.take);
    await fixture[Symbol.asyncDispose]?.();
  }
}

/** Fails where a report can't be written there: better before a long run than after it. */
async function checkWritable(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new UsageError(`--report ${path} is a folder; name a file.`);
  try {
    await access(there === undefined ? dirname(resolve(path)) : path, constants.W_OK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new UsageError(
      `--report ${path} can't be written: its folder has to be there, and yours (${code}).`,
      { cause },
    );
  }
}

function parse(parameters: string[]) {
  try {
    return parseArgs({
      args: parameters,
      allowPositionals: true,
      options: {
        report: { type: "string" },
        only: { type: "string", multiple: true },
        seed: { type: "string" },
        list: { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
        version: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message} See --help.`, { cause: error });
  }
}

interface RunOptions {
  readonly quiet: boolean;
  readonly only: readonly string[] | undefined;
  readonly seed: number | undefined;
  readonly strays: StrayErrors;
}

async function runSuite(
  fixture: ConformanceFixture,
  { quiet, only, seed, strays }: RunOptions,
): Promise<ConformanceReport> {
  const interrupted = new AbortController();
  const onInterrupt = (): void => interrupted.abort(new UsageError("The run was interrupted."));
  process.once("SIGINT", onInterrupt).once("SIGTERM", onInterrupt);
  const run = new SuiteRun(
    fixture,
    {
      ...(only === undefined ? {} : { only }),
      onResult: (result) => {
        if (!quiet) print(`${terminalText(formatResult(result))}\n`);
      },
    },
    seed,
  );
  for (const one of run.cases) await run.run(strays.watching(one), interrupted.signal);
  const report = run.report();
  const [failures, advice] = [formatFailures(report), formatAdvice(report)];
  if (failures !== "") print(`\n${terminalText(failures)}`);
  print(`\n${terminalText(formatSums(report))}\n`);
  if (advice !== "") print(`${advice}\n`);
  return report;
}

/** Takes the fixture out of a module. */
async function loadFixture(specifier: string): Promise<ConformanceFixture> {
  const module = await load(specifier);
  const exported = module["default"] ?? module["fixture"];
  if (exported === undefined) {
    const found = Object.keys(module).join(", ") || "nothing";
    throw new UsageError(`${specifier} exports no fixture, by default or as "fixture"; it exports ${found}.`);
  }
  const made: unknown = typeof exported === "function" ? await (exported as () => unknown)() : exported;
  checkFixture(made, specifier);
  return made;
}

async function load(specifier: string): Promise<Record<string, unknown>> {
  try {
    return (await import(addressOfModule(specifier))) as Record<string, unknown>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_UNKNOWN_FILE_EXTENSION" && /\.[mc]?tsx?$/.test(specifier)) {
      throw new UsageError(
        `${specifier} is TypeScript, which Node.js ${process.versions.node} does not run. Compile it and name the ` +
          "JavaScript, use Node.js from 22.18, or run the suite in your tests with @remote-log/conformance/vitest.",
        { cause: error },
      );
    }
    throw new UsageError(`${specifier} can't be loaded: ${message}`, { cause: error });
  }
}

/** The URL of a module that is named by a path, a URL or the name of a package. */
function addressOfModule(specifier: string): string {
  if (/^(file|data|node):/.test(specifier)) return specifier;
  const path = resolve(specifier);
  if (/^\.{0,2}[/\\]/.test(specifier) || existsSync(path)) {
    check(existsSync(path), `there is no such file`);
    return pathToFileURL(path).href;
  }
  // Found from where the command runs, not from where the suite is installed.
  return pathToFileURL(createRequire(resolve("package.json")).resolve(specifier)).href;
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
setTimeout(() => {
  process.stderr.write("The adapter, or its fixture, left something open: a timer, a socket or a file.\n");
  process.exit();
}, GRACE_MS).unref();
