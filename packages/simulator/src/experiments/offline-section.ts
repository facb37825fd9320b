// From half of the time offline to 99 %.

import { type Summary, summaryOf } from "../figures/summary.ts";
import { duration, factor } from "../figures/text.ts";
import { offlineAxis } from "./offline-axis.ts";
import type { Section, Size } from "./run.ts";
import { TIME_AXIS } from "./sessions-section.ts";
import { DIRECT, LOG, MAIL, runWay, type Way } from "./ways.ts";

const DAY = 86_400_000;
const SEEN: Way = { ...DIRECT, name: "direct, peers are seen", announces: true } as Way;
const WAYS: readonly Way[] = [DIRECT, SEEN, MAIL, LOG];

/** Two devices in sessions of 5 minutes that are online for less and less of the time. */
export async function offlineSection(size: Size): Promise<Section> {
  const { quick, seed } = size;
  const shares = quick ? [0.5, 0.1] : [0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
  const found: { way: Way; share: number; summary: Summary }[] = [];
  for (const way of WAYS) {
    for (const share of shares) {
      const run = await runWay(
        {
          seed,
          trials: quick ? 3 : 8,
          devices: 2,
          messages: 5,
          presence: { share, sessionMilliseconds: 300_000 },
          most: 200 * DAY,
        },
        way,
      );
      size.ran(`offline ${1 - share}, ${way.name}`, run);
      found.push({ way, share, summary: summaryOf(run.tallies) });
    }
  }
  const seriesOf = (
    value: (summary: Summary) => number,
  ): { name: string; points: { x: number; y: number }[] }[] =>
    WAYS.map((way) => ({
      name: way.name,
      points: found
        .filter((one) => one.way === way)
        .map(({ share, summary }) => ({ x: 1 / share, y: value(summary) })),
    }));
  const at = (way: Way, share: number): Summary =>
    found.find((one) => one.way === way && one.share === share)!.summary;
  const last = shares.at(-1)!;
  const off = Math.round(100 * (1 - last));
  return {
    id: "offline",
    title: "From half of the time offline to 99 %",
    what: "As above, with sessions of 5 minutes, batch mode and the exponential back-off, and devices that are online for less and less of the time.",
    tables: [
      {
        head: [
          "offline",
          "by",
          "bytes ÷ payload",
          "without headers",
          "p50",
          "p95",
          "p99",
          "radio, per message",
        ],
        rows: found.map(({ way, share, summary: { multiplier, withoutHeaders, latency, radio } }) => [
          `${Math.round(100 * (1 - share))} %`,
          way.name,
          factor(multiplier),
          factor(withoutHeaders),
          duration(latency.p50),
          duration(latency.p95),
          duration(latency.p99),
          duration(radio),
        ]),
      },
    ],
    charts: [
      {
        kind: "lines",
        id: "offline-latency",
        title: "Until half of the messages have arrived",
        conclusion: `At ${off} % offline, half of the messages are there after ${duration(at(LOG, last).latency.p50)} by a log, after ${duration(at(SEEN, last).latency.p50)} at best without a helper.`,
        x: offlineAxis(shares),
        y: { ...TIME_AXIS, label: "until half have arrived" },
        series: seriesOf(({ latency }) => latency.p50),
      },
      {
        kind: "lines",
        id: "offline-bytes",
        title: "Bytes for a byte of payload and recipient",
        conclusion: `At ${off} % offline: direct ${factor(at(DIRECT, last).multiplier)}, mail server ${factor(at(MAIL, last).multiplier)}, remote log ${factor(at(LOG, last).multiplier)}, of which headers are ${factor(at(LOG, last).kinds.header)}.`,
        x: offlineAxis(shares),
        y: { label: "bytes ÷ (payload × recipients)", ticks: [1, 3, 10, 30, 100, 300] },
        series: seriesOf(({ multiplier }) => multiplier),
      },
    ],
  };
}
