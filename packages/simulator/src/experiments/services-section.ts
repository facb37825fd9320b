// The same on S3, IPNS and Swarm, and what a thousand messages cost.

import { priceLists, SWARM as STAMPS } from "@remote-log/bench/prices";
import { type Summary, summaryOf } from "../figures/summary.ts";
import { duration, factor, figure } from "../figures/text.ts";
import { IPNS, S3, SWARM } from "../services/cost-models.ts";
import { PAYLOAD_BYTES } from "./coin.ts";
import { runLogSessions } from "./log-sessions.ts";
import type { Section, Size } from "./run.ts";
import { TIME_AXIS } from "./sessions-section.ts";

const MODELS = [S3, IPNS, SWARM];
const CHUNK_BYTES = 4096;
const DAYS = 30;

/** Two devices in sessions, with logs on each service. */
export async function servicesSection(size: Size): Promise<Section> {
  const { quick, seed } = size;
  const found: { name: string; summary: Summary }[] = [];
  for (const model of MODELS) {
    const run = await runLogSessions({
      seed,
      trials: quick ? 2 : 10,
      devices: 2,
      messages: quick ? 5 : 20,
      presence: { share: 0.1, sessionMilliseconds: 300_000 },
      model,
      payloadBytes: PAYLOAD_BYTES,
      most: 60 * 86_400_000,
    });
    size.ran(`logs on ${model.name}`, run);
    found.push({ name: model.name, summary: summaryOf(run.tallies) });
  }
  const [s3, r2, pinning] = priceLists;
  const price = ({ writes, reads, storedGb, readGb }: Summary, list: (typeof priceLists)[number]): number =>
    (writes * list.writes + reads * list.reads) / 1e6 + storedGb * list.kept + readGb * list.read;
  const prices = (name: string, summary: Summary): string => {
    if (name === "S3") return `$${figure(price(summary, s3!))} (R2: $${figure(price(summary, r2!))})`;
    if (name === "IPNS") return `$${figure(price(summary, pinning!))}`;
    const chunks = (summary.storedGb * 1e9) / CHUNK_BYTES;
    return `${figure((chunks * STAMPS.chunkPrice * STAMPS.blocksADay * DAYS) / STAMPS.plur)} BZZ`;
  };
  return {
    id: "services",
    title: "S3, IPNS, Swarm",
    what:
      "Two devices with a log each, online for 10 % of the time in sessions of 5 minutes, 20 messages of 256 bytes each, published one by one. Requests and " +
      "headers are those that real servers were sent; times on public networks are assumptions.",
    tables: [
      {
        head: [
          "on",
          "bytes ÷ payload",
          "without headers",
          "p50",
          "p95",
          "p99",
          "writes per 1,000",
          "reads per 1,000",
          "price per 1,000, kept for 30 days",
        ],
        rows: found.map(({ name, summary }) => [
          name,
          factor(summary.multiplier),
          factor(summary.withoutHeaders),
          duration(summary.latency.p50),
          duration(summary.latency.p95),
          duration(summary.latency.p99),
          figure(summary.writes),
          figure(summary.reads),
          prices(name, summary),
        ]),
      },
    ],
    charts: [
      {
        kind: "ranges",
        id: "services-latency",
        title: "Until a message arrives, by service",
        conclusion:
          "The reader's next session decides, and hardly the service: even a name that takes 20 s to publish is set before the reader comes.",
        x: TIME_AXIS,
        ranges: found.map(({ name, summary: { latency } }) => ({
          name,
          values: [
            { of: "p50", value: latency.p50 },
            { of: "p95", value: latency.p95 },
            { of: "p99", value: latency.p99 },
          ],
        })),
      },
    ],
  };
}
