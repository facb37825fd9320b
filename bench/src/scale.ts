// What a log costs at lengths from 1,000 to 10,000,000 entries: time, memory, objects and bytes, in a folder and on MinIO.

import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createBucket, startMinio } from "@remote-log/servers";
import { describeRun } from "./describe-run.ts";
import { measureApart, type Place } from "./scale/apart.ts";
import { scalePictureOf } from "./scale/picture.ts";
import type { ScaleReport, ScaleRow } from "./scale/report.ts";
import { scaleTextOf } from "./scale/text.ts";

const PAYLOAD_BYTES = 256;
const BATCH = 100;
const PUBLISH = 10_000;
const BUCKET = "bench";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    lengths: { type: "string", default: "1000,10000,100000,1000000,10000000" },
    on: { type: "string", default: "fs,minio" },
    folder: { type: "string", default: tmpdir() },
    report: { type: "string", default: fileURLToPath(new URL("../scale.json", import.meta.url)) },
    picture: { type: "string", default: fileURLToPath(new URL("../scale.svg", import.meta.url)) },
    drawn: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
  },
});

const earlier = values.fresh ? undefined : await earlierReport();
let report: ScaleReport = earlier ?? {
  bench: "scale",
  run: describeRun(),
  payloadBytes: PAYLOAD_BYTES,
  batch: BATCH,
  publish: PUBLISH,
  rows: [],
};
if (!values.drawn) {
  for (const length of values.lengths.split(",").map(Number)) {
    for (const on of values.on.split(",")) {
      if (report.rows.some((row) => row.on === on && row.length === length)) continue;
      process.stderr.write(`${length} entries on ${on} …\n`);
      await keep(await measure(on, length));
    }
  }
}
await writeFile(values.picture, scalePictureOf(report));
process.stdout.write(values.json ? `${JSON.stringify(report, undefined, 2)}\n` : scaleTextOf(report));

/** Measures one length in one kind of place, which is removed afterwards. */
async function measure(on: string, length: number): Promise<ScaleRow> {
  const folder = await mkdtemp(join(values.folder, "remote-log-scale-"));
  try {
    if (on === "fs") return await measureIn({ kind: "fs", root: join(folder, "remote") }, on, length, folder);
    if (on !== "minio") throw new RangeError(`--on takes fs and minio, not ${on}.`);
    const server = await startMinio();
    try {
      await createBucket(server, BUCKET);
      const { endpoint, region, credentials } = server;
      return await measureIn(
        { kind: "s3", endpoint, region, credentials, bucket: BUCKET },
        on,
        length,
        folder,
      );
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureIn(place: Place, on: string, length: number, folder: string): Promise<ScaleRow> {
  const job = { place, folder, length, payloadBytes: PAYLOAD_BYTES, batch: BATCH, publish: PUBLISH };
  const written = await measureApart({ ...job, step: "write" });
  const { logId } = written;
  const read = await measureApart({ ...job, step: "read", logId });
  const looked = await measureApart({ ...job, step: "look", logId });
  const { loadBefore } = describeRun();
  return { on, length, at: new Date().toISOString(), loadAfter: loadBefore, written, read, looked };
}

/** Adds a row to the report, and to its file. */
async function keep(row: ScaleRow): Promise<void> {
  const rows = [...report.rows, row].sort((a, b) => a.on.localeCompare(b.on) || a.length - b.length);
  report = { ...report, rows };
  await writeFile(`${values.report}.tmp`, `${JSON.stringify(report, undefined, 2)}\n`);
  await rename(`${values.report}.tmp`, values.report);
}

async function earlierReport(): Promise<ScaleReport | undefined> {
  try {
    return JSON.parse(await readFile(values.report, "utf8")) as ScaleReport;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
