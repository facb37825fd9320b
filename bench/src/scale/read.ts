import { openReader } from "@remote-log/core";
import type { Job } from "./apart.ts";
import { openPlace } from "./counted-place.ts";
import { Meter } from "./meter.ts";
import type { Read } from "./report.ts";

/** How often memory is looked at. */
const SAMPLES = 32;

/** Reads and verifies all of a log, with a reader that has nothing. */
export async function read({ place, length, payloadBytes, logId }: Job): Promise<Read> {
  const meter = new Meter();
  const { remote, counts, close } = await openPlace(place, false);
  const each = Math.ceil(length / SAMPLES);
  const reader = await openReader({ logId: logId!, remotes: [remote] });
  let next = 0;
  for await (const { sequence, content } of reader.from(0)) {
    if (sequence !== next || content.length !== payloadBytes)
      throw new Error(`Entry ${sequence} came, not ${next}.`);
    next++;
    if (next % each === 0) meter.sample();
  }
  await reader.close();
  await close();
  const { usage } = meter;
  if (next !== length) throw new Error(`${next} of ${length} entries were read.`);
  return { ...usage, requests: counts.reads, bytes: counts.readBytes };
}
