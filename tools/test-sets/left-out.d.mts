import type { ReportJson } from "@remote-log/conformance";

export declare function problemsOfFiles(
  repository: readonly string[],
  sets: Readonly<Record<string, readonly string[]>>,
  ran: readonly { readonly file: string; readonly passed: number }[],
): string[];
export declare function problemsOfReports(
  ids: readonly string[],
  reports: ReadonlyMap<string, ReportJson>,
): string[];
