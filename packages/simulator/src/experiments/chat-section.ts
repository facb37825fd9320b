// A chat of a hundred.

import { KINDS } from "../figures/outcome.ts";
import { summaryOf } from "../figures/summary.ts";
import { duration, factor, figure, percent } from "../figures/text.ts";
import type { Section, Size } from "./run.ts";
import { TIME_AXIS } from "./sessions-section.ts";
import { DIRECT, LOG, MAIL, runWay, type Way } from "./ways.ts";

const WAYS: readonly Way[] = [
  DIRECT,
  { ...DIRECT, name: "direct, interactive", mode: "interactive" } as Way,
  MAIL,
  LOG,
];

/** A group in which everybody writes to all. */
export async function chatSection(size: Size): Promise<Section> {
  const { quick, seed } = size;
  const devices = quick ? 8 : 100;
  const rows: string[][] = [];
  const bars: { name: string; parts: { of: string; value: number }[] }[] = [];
  const ranges: { name: string; values: { of: string; value: number }[] }[] = [];
  for (const way of WAYS) {
    const run = await runWay(
      {
        seed,
        trials: 1,
        devices,
        messages: 1,
        presence: { share: 0.1, sessionMilliseconds: 300_000, night: 0.1, together: 0.2 },
        most: 86_400_000,
        // Once in each session: a log for each member means that many requests a look.
        pollMilliseconds: 300_000,
      },
      way,
    );
    size.ran(`a chat of ${devices}, ${way.name}`, run);
    const { multiplier, withoutHeaders, kinds, latency, radio, arrived, writes, reads } = summaryOf(
      run.tallies,
    );
    rows.push([
      way.name,
      factor(multiplier),
      factor(withoutHeaders),
      duration(latency.p50),
      duration(latency.p95),
      duration(latency.p99),
      percent(arrived),
      duration(radio * (devices - 1)),
      way.by === "log" ? figure(writes) : "–",
      way.by === "log" ? figure(reads) : "–",
    ]);
    bars.push({ name: way.name, parts: KINDS.map((kind) => ({ of: kind, value: kinds[kind] })) });
    ranges.push({
      name: way.name,
      values: [
        { of: "p50", value: latency.p50 },
        { of: "p95", value: latency.p95 },
        { of: "p99", value: latency.p99 },
      ],
    });
  }
  return {
    id: "chat",
    title: `A chat of ${devices}`,
    what:
      `${devices} devices are online for 10 % of the time in sessions of 5 minutes, seldom at night, one session in five when others come too. Each writes one ` +
      "message of 256 bytes in its first session, for all the others; the run ends when all is acknowledged, or after a day. Logs are read once in each session.",
    tables: [
      {
        head: [
          "by",
          "bytes ÷ (payload × recipients)",
          "without headers",
          "p50",
          "p95",
          "p99",
          "arrived",
          "radio, per message",
          "writes per 1,000",
          "reads per 1,000",
        ],
        rows,
      },
    ],
    charts: [
      {
        kind: "bars",
        id: "chat-bytes",
        title: `Bytes for a byte of payload and recipient, a chat of ${devices}`,
        conclusion: `A message that is published once serves ${devices - 1} readers: what is left are their looks for news, most of them headers.`,
        x: { label: "bytes ÷ (payload × recipients)", ticks: [] },
        bars,
      },
      {
        kind: "ranges",
        id: "chat-latency",
        title: `Until a message arrives, a chat of ${devices}`,
        conclusion: "Without a helper, each pair has to meet by itself.",
        x: TIME_AXIS,
        ranges,
      },
    ],
  };
}
