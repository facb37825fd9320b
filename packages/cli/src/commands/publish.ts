import type { Writer } from "@remote-log/core";
import { usageError } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { saveLastPublish } from "../last-publish.ts";
import { counted } from "../plural.ts";
import { type WriterCommandOptions, withWriter } from "../with-writer.ts";

/** How often the bar looks how far the publish is, in milliseconds. */
const LOOK_EVERY = 100;

/** Publishes everything that was appended. */
export async function publish(invocation: Invocation, options: WriterCommandOptions): Promise<void> {
  const { dir } = options;
  await withWriter(invocation, options, async (writer, { remotes }) => {
    if (remotes.length === 0)
      throw usageError(`There is no remote to publish to: add one to ${dir}/config.json first.`);
    await publishAll(invocation, writer, dir);
  });
}

/** Publishes to every remote of an open writer, and keeps how it went for `rlog status`. */
export async function publishAll(invocation: Invocation, writer: Writer, dir: string): Promise<void> {
  try {
    await invocation.withProgress("publish", async (bar) => {
      const look = setInterval(() => {
        const stored = writer.status().remotes.map((remote) => remote.stored);
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
