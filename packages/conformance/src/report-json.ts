import { isRemoteLogError } from "@remote-log/core";
import { show } from "./assert.ts";
import { cleanText } from "./clean-text.ts";
import type { ConformanceReport } from "./report.ts";
import type { CaseResult } from "./run.ts";

/** What a case threw, as data. */
export interface ReportedError {
  /** The name of its class. */
  readonly name: string;
  /** Its code, where it has one. */
  readonly code?: string;
  /** What it says. */
  readonly message: string;
}

/** One case in a report that is stored. */
export interface ReportedCase extends Pick<CaseResult, "id" | "level" | "title" | "status" | "reason"> {
  /** How long it took, in whole milliseconds. */
  readonly durationMs: number;
  /** What it threw, where it failed. */
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
  return { ...report, results: report.results.map(rowOf) };
}

function rowOf({ id, level, title, status, reason, durationMs, error }: CaseResult): ReportedCase {
  return {
    id,
    level,
    title,
    status,
    reason: cleanText(reason),
    durationMs: Math.round(durationMs),
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
