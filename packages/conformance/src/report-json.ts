// A report as plain data, without what must not leave the machine: credentials, folders, stacks.

import { isRemoteLogError } from "@remote-log/core";
import { show } from "./assert.ts";
import { cleanText } from "./clean-text.ts";
import type { ConformanceReport } from "./report.ts";
import type { CaseResult } from "./run.ts";

/** What a case threw, as data. */
export interface ReportedError {
  /** The name of its class. */
  readonly name: string;
  /** Its code, if it has one. */
  readonly code?: string;
  /** What it says. */
  readonly message: string;
}

/** One case in a report that is stored. */
export interface ReportedCase
  extends Pick<CaseResult, "id" | "level" | "title" | "status" | "reason" | "timedOut"> {
  /** How long it took, in whole milliseconds. */
  readonly durationMs: number;
  /** How much of that the fixture's `create` took, in whole milliseconds. */
  readonly openMs: number;
  /** How much of that closing took, in whole milliseconds. */
  readonly closeMs: number;
  /** What it threw, if it failed. */
  readonly error?: ReportedError;
}

/** A report that is stored: plain data, which `JSON.stringify` writes as it is. */
export interface ReportJson extends Omit<ConformanceReport, "results"> {
  /** One row a case, in the order of the suite. */
  readonly results: readonly ReportedCase[];
}

/**
 * Turns a report into plain data, to store it or to send it elsewhere. Errors become name, code and message, without
 * stack; credentials and folders that a message mentions in their usual forms are left out.
 */
export function reportJson(report: ConformanceReport): ReportJson {
  const { leftOpen, results } = report;
  return {
    ...report,
    ...(leftOpen === undefined ? {} : { leftOpen: leftOpen.map((one) => ({ ...one, stack: [] })) }),
    results: results.map(rowOf),
  };
}

function rowOf(result: CaseResult): ReportedCase {
  const { id, level, title, status, reason, durationMs, openMs, closeMs, error, timedOut } = result;
  return {
    id,
    level,
    title,
    status,
    reason: cleanText(reason),
    durationMs: Math.round(durationMs),
    openMs: Math.round(openMs),
    closeMs: Math.round(closeMs),
    ...(timedOut === undefined ? {} : { timedOut }),
    ...(error === undefined ? {} : { error: errorOf(error) }),
  };
}

function errorOf(error: unknown): ReportedError {
  if (!(error instanceof Error)) return { name: typeof error, message: cleanText(show(error)) };
  const code = isRemoteLogError(error) ? error.code : (error as { code?: unknown }).code;
  return {
    name: cleanText(error.name),
    ...(typeof code === "string" ? { code: cleanText(code) } : {}),
    message: cleanText(error.message),
  };
}
