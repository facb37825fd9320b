import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateSeed, openWriter } from "@remote-log/core";
import { ClassicLevel } from "classic-level";
import { payloads } from "../payloads.ts";
import { BUNDLED } from "../shapes.ts";
import type { Job } from "./apart.ts";
import { openPlace } from "./counted-place.ts";
import { Meter } from "./meter.ts";
import type { Written } from "./report.ts";

/** Payloads made at once. */
const MADE = 1000;
/** How often memory is looked at, about; there is some object for each 128 entries. */
const SAMPLES = 32;

/** Where a step leaves its journal, and the seed that opens it. */
export function journalOf(folder: string): { readonly journal: string; readonly seed: string } {
  return { journal: join(folder, "journal"), seed: join(folder, "seed") };
}

/** Writes a log: batches that are durable in the journal, several of them published together. */
export async function write({ place, folder, length, payloadBytes, batch, publish }: Job): Promise<Written> {
  const meter = new Meter();
  const each = Math.max(8, Math.ceil(length / 128 / SAMPLES));
  const { remote, counts, close } = await openPlace(place, true, () => {
    if (counts.puts % each === 0) meter.sample();
  });
  const files = journalOf(folder);
  const seed = generateSeed();
  const journal = new ClassicLevel<Uint8Array, Uint8Array>(files.journal);
  const writer = await openWriter({ ...BUNDLED, seed, journal, remotes: [remote], publish: "manual" });
  const { logId } = writer;
  for (let from = 0; from < length; from += MADE) {
    const made = meter.aside(() => payloads(Math.min(MADE, length - from), payloadBytes));
    for (let at = 0; at < made.length; at += batch) await writer.appendAll(made.slice(at, at + batch));
    if (writer.size % publish === 0 || writer.size === length) await writer.publish();
  }
  await writer.close();
  await close();
  const { usage } = meter;
  await writeFile(files.seed, seed);
  return {
    ...usage,
    logId,
    objects: counts.puts,
    bytes: counts.putBytes + counts.updateBytes,
    updates: counts.updates,
    journalBytes: await bytesIn(files.journal),
  };
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
  return bytes;
}
