// What an operator watches, in the text format of Prometheus.

import type { ServedLog } from "../served-log.ts";

type Sample = readonly [Readonly<Record<string, string | number>>, number];

/** The metrics of all logs. */
export function metricsOf(logs: readonly ServedLog[]): string {
  const each = (value: (log: ServedLog) => number): Sample[] =>
    logs.map((log) => [{ log: log.logId }, value(log)]);
  const many = (
    of: (log: ServedLog) => Iterable<readonly [string | number, number]>,
    label: string,
  ): Sample[] =>
    logs.flatMap((log) =>
      [...of(log)].map(([key, value]): Sample => [{ log: log.logId, [label]: key }, value]),
    );
  return [
    metric(
      "rlog_entries",
      "gauge",
      "Entries that are served.",
      each(({ served }) => served?.size ?? 0),
    ),
    metric(
      "rlog_missing_entries",
      "gauge",
      "Entries that no source could show at the last pass.",
      each(({ counts }) => counts.missing),
    ),
    metric(
      "rlog_bytes",
      "gauge",
      "Bytes that are kept.",
      each(({ bytes }) => bytes),
    ),
    metric(
      "rlog_bytes_limit",
      "gauge",
      "Bytes that may be kept.",
      each(({ limits }) => limits.bytes),
    ),
    metric(
      "rlog_mirrored_timestamp_seconds",
      "gauge",
      "When the last pass succeeded.",
      each(({ counts }) => counts.mirroredAt),
    ),
    metric(
      "rlog_passes_total",
      "counter",
      "Passes by how they ended.",
      many(({ counts }) => Object.entries(counts.passes), "result"),
    ),
    metric(
      "rlog_requests_total",
      "counter",
      "Requests by the status of the answer.",
      many(({ counts }) => counts.requests, "status"),
    ),
    metric(
      "rlog_chore_ok",
      "gauge",
      "Whether what is done besides succeeded the last time.",
      many(({ counts }) => [...counts.chores].map(([name, ok]) => [name, ok ? 1 : 0] as const), "chore"),
    ),
  ].join("");
}

function metric(name: string, type: "gauge" | "counter", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const shown = Object.entries(labels).map(
      ([key, text]) => `${key}="${String(text).replaceAll(/[\\"\n]/g, "_")}"`,
    );
    return `${name}{${shown.join(",")}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}
