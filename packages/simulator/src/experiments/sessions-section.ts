// Sessions of 5 minutes and of 30 seconds, online for a tenth of the time, five messages each.

import { KINDS } from "../figures/outcome.ts";
import { summaryOf } from "../figures/summary.ts";
import { duration, factor, figure, percent } from "../figures/text.ts";
import type { Chart, Section, Size } from "./run.ts";
import { DIRECT, LOG, MAIL, runWay, type Way } from "./ways.ts";

const LINEAR = { by: "direct", backOff: "epoch + 2 · count" } as const;
const EXPONENTIAL = { by: "direct", backOff: "exponential" } as const;

const WAYS: readonly Way[] = [
  { name: "direct, batch, constant", by: "direct", mode: "batch", backOff: "constant" },
  { name: "direct, batch, epoch + 2 · count", mode: "batch", ...LINEAR },
  { name: "direct, interactive, epoch + 2 · count", mode: "interactive", ...LINEAR },
  { name: "direct, batch, exponential", mode: "batch", ...EXPONENTIAL },
  { name: "direct, interactive, exponential", mode: "interactive", ...EXPONENTIAL },
  { name: "direct, batch, exponential, peers are seen", mode: "batch", ...EXPONENTIAL, announces: true },
  {
    name: "direct, interactive, exponential, peers are seen",
    mode: "interactive",
    ...EXPONENTIAL,
    announces: true,
  },
  { name: "direct, batch, exponential, epochs pass offline", mode: "batch", ...EXPONENTIAL, offline: "runs" },
  { ...MAIL, name: "mail server, batch, exponential" },
  { ...MAIL, name: "mail server, interactive, exponential", mode: "interactive" } as Way,
  { ...LOG, name: "remote log on S3" },
];

const SESSIONS = [
  { name: "5 min", milliseconds: 300_000 },
  { name: "30 s", milliseconds: 30_000 },
] as const;

const DAY = 86_400_000;

/** Two devices in sessions, by all ways. */
export async function sessionsSection(size: Size): Promise<Section> {
  const { quick, seed } = size;
  const ways = quick ? [DIRECT, MAIL, LOG] : WAYS;
  const rows: string[][] = [];
  const charts: Chart[] = [];
  for (const { name, milliseconds } of SESSIONS) {
    const bars: { name: string; parts: { of: string; value: number }[] }[] = [];
    const ranges: { name: string; values: { of: string; value: number }[] }[] = [];
    for (const way of ways) {
      const run = await runWay(
        {
          seed,
          trials: quick ? 4 : way.name.endsWith("constant") ? 3 : 10,
          devices: 2,
          messages: 5,
          presence: { share: 0.1, sessionMilliseconds: milliseconds },
          most: 30 * DAY,
        },
        way,
      );
      size.ran(`sessions of ${name}, ${way.name}`, run);
      const { records, multiplier, withoutHeaders, kinds, latency, radio, arrived } = summaryOf(run.tallies);
      const transmissions = records.offers + records.requests + records.messages + records.acks;
      rows.push([
        name,
        way.name,
        way.by === "log" ? "–" : figure(transmissions),
        factor(multiplier),
        factor(withoutHeaders),
        duration(latency.p50),
        duration(latency.p90),
        duration(latency.p99),
        duration(radio),
        percent(arrived),
      ]);
      ranges.push({
        name: way.name,
        values: [
          { of: "p50", value: latency.p50 },
          { of: "p90", value: latency.p90 },
          { of: "p99", value: latency.p99 },
        ],
      });
      if (!way.name.includes("constant"))
        bars.push({ name: way.name, parts: KINDS.map((kind) => ({ of: kind, value: kinds[kind] })) });
    }
    const id = name.replace(" ", "");
    charts.push(
      {
        kind: "bars",
        id: `sessions-bytes-${id}`,
        title: `Bytes for a byte of payload and recipient, sessions of ${name}`,
        conclusion: conclusionOfBytes(bars),
        x: { label: "bytes ÷ (payload × recipients)", ticks: [] },
        bars,
      },
      {
        kind: "ranges",
        id: `sessions-latency-${id}`,
        title: `Until a message arrives, sessions of ${name}`,
        conclusion: conclusionOfLatency(ranges),
        x: TIME_AXIS,
        ranges,
      },
    );
  }
  return {
    id: "sessions",
    title: "Sessions, as people are online",
    what:
      "Two devices are online for 10 % of the time, in sessions of 5 minutes or 30 seconds whose distances are drawn by chance, each for itself. Each " +
      "writes five messages of 256 bytes, one in each of its first sessions. While a device is offline it sleeps, and its epochs with it.",
    tables: [
      {
        head: [
          "sessions",
          "by",
          "transmissions",
          "bytes ÷ payload",
          "without headers",
          "p50",
          "p90",
          "p99",
          "radio, per message",
          "arrived",
        ],
        rows,
      },
    ],
    charts,
  };
}

/** An axis for seconds up to days. */
export const TIME_AXIS: {
  readonly label: string;
  readonly ticks: readonly number[];
  readonly tickText: readonly string[];
} = {
  label: "from writing until it is there",
  ticks: [1, 10, 30, 60, 180, 600, 1800, 3600, 10_800, 36_000, 86_400, 259_200, 864_000, 2_592_000],
  tickText: [
    "1 s",
    "10 s",
    "30 s",
    "1 min",
    "3 min",
    "10 min",
    "30 min",
    "1 h",
    "3 h",
    "10 h",
    "1 day",
    "3 days",
    "10 days",
    "30 days",
  ],
};

type Bars = readonly { readonly name: string; readonly parts: readonly { readonly value: number }[] }[];

function conclusionOfBytes(bars: Bars): string {
  const sums = bars.map(({ name, parts }) => ({
    name,
    sum: parts.reduce((sum, { value }) => sum + value, 0),
  }));
  sums.sort((a, b) => a.sum - b.sum);
  const [least, most] = [sums[0]!, sums.at(-1)!];
  return `Least: ${least.name}, ${factor(least.sum)}. Most: ${most.name}, ${factor(most.sum)}. Back-off and session decide, not 1/p².`;
}

function conclusionOfLatency(
  ranges: readonly { readonly name: string; readonly values: readonly { readonly value: number }[] }[],
): string {
  const median = (begin: string): number =>
    ranges
      .filter(({ name }) => name.startsWith(begin))
      .reduce((least, { values }) => Math.min(least, values[0]!.value), Number.POSITIVE_INFINITY);
  return (
    `Half of the messages are there after ${duration(median("remote log"))} by a remote log, ${duration(median("mail server"))} by a mail server, and ` +
    `${duration(median("direct"))} at best if both have to be online at once.`
  );
}
