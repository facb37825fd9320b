// One message a publish, or many.

import { KINDS } from "../figures/outcome.ts";
import { type Summary, summaryOf } from "../figures/summary.ts";
import { factor, figure } from "../figures/text.ts";
import { BARE } from "../services/cost-models.ts";
import { runPublish } from "./publish.ts";
import type { Section, Size } from "./run.ts";

/** A kind of log. */
interface Log {
  readonly payload: number;
  readonly visibility: "private" | "public";
}

const LOGS: readonly Log[] = [
  { payload: 256, visibility: "private" },
  { payload: 256, visibility: "public" },
  { payload: 64, visibility: "private" },
  { payload: 64, visibility: "public" },
  { payload: 1000, visibility: "private" },
  { payload: 1000, visibility: "public" },
];

const TOGETHER = [1, 4, 16, 100];

/** A log and one reader, by how many messages are published together. */
export async function publishSection(size: Size): Promise<Section> {
  const { quick, seed } = size;
  const logs: readonly Log[] = quick ? LOGS.slice(0, 2) : LOGS;
  const found: { log: Log; together: number; summary: Summary }[] = [];
  for (const log of logs) {
    const { payload, visibility } = log;
    for (const together of TOGETHER) {
      const run = await runPublish({
        seed,
        model: BARE,
        payloadBytes: payload,
        together,
        before: quick ? 256 : 1024,
        messages: quick ? 100 : 800,
        visibility,
      });
      size.ran(`publish ${together} of ${payload} bytes, ${visibility}`, run);
      found.push({ log, together, summary: summaryOf(run.tallies) });
    }
  }
  const at = (together: number): Summary =>
    found.find((one) => one.log === LOGS[0] && one.together === together)!.summary;
  return {
    id: "publish",
    title: "One message a publish, or many",
    what:
      "A log and one reader who reads after each publish, in the middle of the log's life. Bytes of objects and heads, without the headers of " +
      "HTTP: written, read back by the writer, and read by the reader. A private log pads each message to a multiple of 256 bytes, so that one of 256 takes 512.",
    tables: [
      {
        head: [
          "log",
          "payload",
          "together",
          "bytes ÷ payload",
          ...["page", "head", "read back", "read"],
          "writes per 1,000",
          "reads per 1,000",
        ],
        rows: found.map(
          ({ log: { payload, visibility }, together, summary: { multiplier, kinds, writes, reads } }) => [
            visibility,
            `${payload} B`,
            `${together}`,
            factor(multiplier),
            ...(["page", "head", "read back", "read"] as const).map((kind) => figure(kinds[kind])),
            figure(writes),
            figure(reads),
          ],
        ),
      },
    ],
    charts: [
      {
        kind: "lines",
        id: "publish-bytes",
        title: "Bytes for a byte of payload, by the size of a publish",
        conclusion: `With 256 bytes, private: ${factor(at(1).multiplier)} for each message alone, ${factor(at(100).multiplier)} a hundred at a time.`,
        x: { label: "messages a publish", ticks: TOGETHER },
        y: { label: "bytes ÷ payload", ticks: [1, 2, 3, 5, 10, 20, 50, 100] },
        series: logs.map((log) => ({
          name: `${log.visibility}, ${log.payload} B`,
          points: found
            .filter((one) => one.log === log)
            .map(({ together, summary }) => ({ x: together, y: summary.multiplier })),
        })),
      },
      {
        kind: "bars",
        id: "publish-kinds",
        title: "What they are for: messages of 256 bytes, a private log",
        conclusion: `Of a message alone, ${figure((100 * at(1).kinds["read back"]) / at(1).multiplier)} % is what the writer reads back to check, and ${figure((100 * at(1).kinds.head) / at(1).multiplier)} % the head.`,
        x: { label: "bytes ÷ payload", ticks: [] },
        bars: TOGETHER.map((together) => ({
          name: together === 1 ? "1 at a time" : `${together} at a time`,
          parts: KINDS.map((kind) => ({ of: kind, value: at(together).kinds[kind] })),
        })),
      },
    ],
  };
}
