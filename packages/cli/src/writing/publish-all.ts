// Publishes with an open writer, for `rlog publish` and `rlog append --publish`.

import type { Writer } from "@remote-log/core";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { saveLastPublish } from "./last-publish.ts";

/** How often the progress bar is updated, in milliseconds. */
const LOOK_EVERY = 100;

/** Publishes to every remote of an open writer, and saves how it went for `rlog status`. */
export async function publishAll(invocation: Invocation, writer: Writer, dir: string): Promise<void> {
  try {
    await invocation.withProgress("publish", async (bar) => {
      const look = setInterval(() => {
        const stored = writer.status().remotes.map(({ stored, uploaded = stored }) => uploaded);
        bar.update(Math.min(...stored), writer.size);
      }, LOOK_EVERY);
      try {
        await writer.publish({ signal: invocation.signal });
      } finally {
        clearInterval(look);
      }
    });
  } finally {
    await saveLastPublish(dir, writer.status());
  }
  await invocation.note(`Published ${counted(writer.size, "entry", "entries")} of log ${writer.logId}.`);
}
