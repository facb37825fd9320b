// What the size of pages costs whom: writers, readers that follow, and readers that come new. No size is best for all of them.

import { parseArgs } from "node:util";
import { generateSeed, openReader, openWriter } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { payloadOf } from "./costs/counted-log.ts";
import { countReads, countWrites, type Reads, type Writes } from "./costs/counted-remote.ts";
import { describeRun } from "./describe-run.ts";
import { tableOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    entries: { type: "string", default: "8192" },
    leaf: { type: "string", default: "2,4,8,16,32,64" },
    publish: { type: "string", default: "1,4,16,100,256" },
    payload: { type: "string", default: "64,256,1000" },
  },
});

/** A point of the table. Bytes are per byte of payload. */
interface Point {
  readonly leafSize: number;
  readonly publishSize: number;
  readonly payloadBytes: number;
  /** By the writer, heads included. */
  readonly bytesWritten: number;
  /** By a reader that follows each publish. */
  readonly bytesFollowed: number;
  /** Objects put into the CAS, per entry; heads are none. */
  readonly writesPerAppend: number;
  /** Requests of a reader that comes new and reads all, per 1,000 entries. */
  readonly coldReads: number;
}

const points: Point[] = [];
for (const payloadBytes of numbers(values.payload)) {
  for (const publishSize of numbers(values.publish)) {
    for (const leafSize of numbers(values.leaf)) {
      points.push(await measure({ leafSize, publishSize, payloadBytes }, Number(values.entries)));
    }
  }
}
const run = describeRun();
process.stdout.write(
  values.json ? `${JSON.stringify({ run, points }, undefined, 2)}\n` : `${text(points)}\n`,
);

async function measure(
  at: Pick<Point, "leafSize" | "publishSize" | "payloadBytes">,
  entries: number,
): Promise<Point> {
  const { leafSize, publishSize, payloadBytes } = at;
  const writes: Writes = { puts: 0, putBytes: 0, updates: 0, updateBytes: 0 };
  const followed: Reads = { requests: 0, bytes: 0, dependent: 0 };
  const cold: Reads = { requests: 0, bytes: 0, dependent: 0 };
  const remote = memoryRemote();
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel({ keyEncoding: "view", valueEncoding: "view" }),
    remotes: [countWrites(remote, writes, () => undefined)],
    publish: "manual",
    settings: { visibility: "public", leafSize },
  });
  const { logId } = writer;
  const follower = await openReader({ logId, remotes: [countReads(remote, followed)] });
  while (writer.size < entries) {
    const from = writer.size;
    const count = Math.min(publishSize, entries - from);
    await writer.appendAll(Array.from({ length: count }, (_, i) => payloadOf(from + i, payloadBytes)));
    await writer.publish();
    for await (const { sequence } of follower.from(from)) void sequence;
  }
  const newcomer = await openReader({ logId, remotes: [countReads(remote, cold)] });
  for await (const { sequence } of newcomer.from(0)) void sequence;
  await Promise.all([follower.close(), newcomer.close(), writer.close()]);
  const payload = entries * payloadBytes;
  return {
    ...at,
    bytesWritten: (writes.putBytes + writes.updateBytes) / payload,
    bytesFollowed: followed.bytes / payload,
    writesPerAppend: writes.puts / entries,
    coldReads: (1000 * cold.requests) / entries,
  };
}

function text(measured: readonly Point[]): string {
  return tableOf(
    ["payload", "publish", "leaf", "bytes written", "bytes followed", "CAS writes", "cold reads per 1,000"],
    measured.map((point) => [
      String(point.payloadBytes),
      String(point.publishSize),
      String(point.leafSize),
      point.bytesWritten.toFixed(2),
      point.bytesFollowed.toFixed(2),
      point.writesPerAppend.toFixed(3),
      point.coldReads.toFixed(1),
    ]),
  );
}

function numbers(list: string): number[] {
  return list.split(",").map(Number);
}
