import { readFile } from "node:fs/promises";
import { openReader, openWriter, type Reader } from "@remote-log/core";
import { ClassicLevel } from "classic-level";
import type { Job, Place } from "./apart.ts";
import { openPlace } from "./counted-place.ts";
import type { Look, Looked } from "./report.ts";
import { journalOf } from "./write.ts";

/** How often each thing is done; the first time does not count. */
const TIMES = 6;

/** Reads a little of a log, each time with a reader that has nothing; and opens its writer. */
export async function look({ place, folder, length, logId }: Job): Promise<Looked> {
  const newest100 = await lookAt(place, logId!, (reader) => reader.latest(100));
  const one = await lookAt(place, logId!, (reader) => reader.entry(Math.floor(length / 2)));
  const files = journalOf(folder);
  const seed = new Uint8Array(await readFile(files.seed));
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    const start = performance.now();
    const writer = await openWriter({ seed, journal: new ClassicLevel(files.journal), logId: logId! });
    times.push(performance.now() - start);
    if (writer.size !== length)
      throw new Error(`The writer opened with ${writer.size} of ${length} entries.`);
    await writer.close();
  }
  return { newest100, one, openMilliseconds: medianOf(times.slice(1)) };
}

async function lookAt(
  place: Place,
  logId: string,
  task: (reader: Reader) => Promise<unknown>,
): Promise<Look> {
  const times: number[] = [];
  let counted = { requests: 0, bytes: 0 };
  for (let i = 0; i < TIMES; i++) {
    const { remote, counts, close } = await openPlace(place, false);
    const reader = await openReader({ logId, remotes: [remote] });
    const start = performance.now();
    await task(reader);
    times.push(performance.now() - start);
    counted = { requests: counts.reads, bytes: counts.readBytes };
    await reader.close();
    await close();
  }
  return { milliseconds: medianOf(times.slice(1)), ...counted };
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
