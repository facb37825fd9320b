// The claims of 2019, by their own experiment.

import { type Summary, summaryOf } from "../figures/summary.ts";
import { duration, factor, figure } from "../figures/text.ts";
import { type BackOffName, type CoinOptions, runCoin } from "./coin.ts";
import { offlineAxis } from "./offline-axis.ts";
import type { Section, Series, Size } from "./run.ts";

const FORMULAS = {
  "1/p² + 1/p (batch)": (p: number) => 1 / p ** 2 + 1 / p,
  "2/p + 2/p + 1/p² + 1/p (interactive)": (p: number) => 5 / p + 1 / p ** 2,
  "1/p³ (2019, interactive)": (p: number) => 1 / p ** 3,
};

/** Two devices, a coin for each packet. */
export async function coinSection(size: Size): Promise<Section> {
  const { quick, seed } = size;
  let runs = 0;
  const run = async (options: Omit<CoinOptions, "seed">): Promise<Summary> => {
    // A seed for each: the same coins would err in the same direction.
    const result = await runCoin({ seed: 1000 * seed + runs++, ...options });
    size.ran(`coin, ${options.mode}, ${options.backOff}, p = ${options.share}`, result);
    return summaryOf(result.tallies);
  };
  const backOffs: BackOffName[] = quick ? ["constant"] : ["constant", "epoch + 2 · count", "exponential"];
  const rows: string[][] = [];
  for (const mode of ["batch", "interactive"] as const) {
    for (const backOff of backOffs) {
      const { records, multiplier, latency } = await run({
        mode,
        backOff,
        share: 0.1,
        messages: quick ? 40 : backOff === "constant" ? 1000 : 300,
      });
      const { offers, requests, messages, acks } = records;
      rows.push([
        mode,
        backOff,
        ...[offers, requests, messages, acks, offers + requests + messages + acks].map(figure),
        factor(multiplier),
        ...[latency.p50, latency.mean, latency.p95, latency.p99].map(duration),
      ]);
    }
  }
  const shares = quick ? [0.5, 0.2, 0.1] : [0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02];
  const series: Series[] = [];
  for (const mode of ["batch", "interactive"] as const) {
    const points: { x: number; y: number }[] = [];
    for (const share of shares) {
      // Messages that are on their way together share their coins: these are not.
      const apartMilliseconds = 2000 / share ** 2;
      const messages = quick ? 10 : Math.min(300, Math.round(80_000 * share ** 2));
      const { records } = await run({ mode, backOff: "constant", share, messages, apartMilliseconds });
      points.push({ x: 1 / share, y: records.offers + records.requests + records.messages + records.acks });
    }
    series.push({ name: `${mode}, measured`, points });
  }
  for (const [name, formula] of Object.entries(FORMULAS)) {
    series.push({ name, formula: true, points: shares.map((p) => ({ x: 1 / p, y: formula(p) })) });
  }
  return {
    id: "coin",
    title: "A coin for each packet, as in 2019",
    what:
      "Two devices send each other messages of 256 bytes, five seconds apart; an epoch is a second. Each packet arrives with a probability " +
      "of 10 %, by a coin of its own; nobody is ever offline. Records are counted for each message.",
    tables: [
      {
        head: [
          "mode",
          "back-off",
          "offers",
          "requests",
          "messages",
          "acks",
          "all records",
          "bytes ÷ payload",
          "p50",
          "mean",
          "p95",
          "p99",
        ],
        rows,
      },
    ],
    charts: [
      {
        kind: "lines",
        id: "coin-records",
        title: "Records sent for a message, a coin for each packet",
        conclusion:
          "Both modes grow as 1/p², since a record that got through is remembered: the stages add. 1/p³ is wrong.",
        x: { ...offlineAxis(shares), label: "packets that are lost" },
        y: { label: "records for each message", ticks: [10, 100, 1000, 10_000, 100_000] },
        series,
      },
    ],
  };
}
