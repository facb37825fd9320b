/// <reference types="node" />
// The words of the command: its help, and what was asked of it.

import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseSeed, seedFromEnvironment } from "../seed.ts";
import { checkOnly, checkTimeout, type SuiteOptions } from "../suite-run.ts";

export const HELP = `Usage: remote-log-conformance <module> [options]

Runs the conformance suite on an adapter. The module, given as a path, a URL or the name of a package, exports a
fixture, or a function that returns one, as its default or under the name "fixture".

Options:
  --report <file>      write the report as JSON
  --only <ids>         run the cases whose ids begin so: CAS-PUT, or CAS-PUT-03,NS-UPDATE; may be repeated
  --bail               end the run after the first failure
  --timeout <ms>       how long one case may take; default: limits.timeoutMs of the fixture, or else 60000
  --max-timeouts <n>   how many cases may time out waiting for the same thing before the run ends; default: 3; 0: any
                       number
  --seed <number>      draw what is drawn by chance as an earlier run did; or set CONFORMANCE_SEED
  --slow               show the five slowest cases at the end
  --list               show the cases, and run none
  --quiet              show failures and sums alone
  --version            show the version of the suite
  --help               show this

Exit codes: 0 if nothing unexpected happened; 1 if a case failed, or something was left open; 2 if the suite could not
be run.
`;

/** The command was not used as it is meant to be, or the module is not what it should be. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What the command was asked to do. */
export interface CommandOptions {
  readonly task: "help" | "version" | "list" | "run";
  /** The module that exports the fixture. */
  readonly specifier: string;
  /** Where to write the report. */
  readonly report: string | undefined;
  readonly seed: number | undefined;
  readonly quiet: boolean;
  readonly slow: boolean;
  readonly suite: SuiteOptions;
}

/**
 * Reads the parameters of the command.
 *
 * @throws UsageError, or ConformanceFailure, if they make no sense
 */
export async function readOptions(parameters: string[]): Promise<CommandOptions> {
  const { values, positionals } = parse(parameters);
  const only = values.only?.flatMap((ids) => ids.split(",").map((id) => id.trim()));
  const task = (["help", "version", "list"] as const).find((one) => values[one]) ?? "run";
  const [specifier = "", ...surplus] = positionals;
  if (task === "run" || task === "list") if (only !== undefined) checkOnly(only);
  if (task === "run") {
    if (specifier === "") throw new UsageError("There is no module to check. See --help.");
    if (surplus.length > 0) throw new UsageError(`One module at a time: ${surplus.join(" ")} is too much.`);
    if (values.report !== undefined) await checkWritable(values.report);
  }
  const timeoutMs = numberOf(values.timeout, "--timeout");
  if (timeoutMs !== undefined) checkTimeout(timeoutMs, "--timeout");
  const maxTimeouts = numberOf(values["max-timeouts"], "--max-timeouts");
  return {
    task,
    specifier,
    report: values.report,
    seed: values.seed === undefined ? seedFromEnvironment() : parseSeed(values.seed, "--seed"),
    quiet: values.quiet,
    slow: values.slow,
    suite: {
      bail: values.bail,
      ...(only === undefined ? {} : { only }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(maxTimeouts === undefined ? {} : { maxTimeouts: maxTimeouts === 0 ? Infinity : maxTimeouts }),
    },
  };
}

function parse(parameters: string[]) {
  try {
    return parseArgs({
      args: parameters,
      allowPositionals: true,
      options: {
        report: { type: "string" },
        only: { type: "string", multiple: true },
        bail: { type: "boolean", default: false },
        timeout: { type: "string" },
        "max-timeouts": { type: "string" },
        seed: { type: "string" },
        slow: { type: "boolean", default: false },
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

function numberOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`${option} is ${JSON.stringify(text)}, not a whole number.`);
}

/** Fails if a report can't be written there: better before a long run than after it. */
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
