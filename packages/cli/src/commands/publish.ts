import type { Writer } from "@remote-log/core";
import { usageError } from "../failure.ts";
import { saveLastPublish } from "../last-publish.ts";
import { counted } from "../plural.ts";
import type { Session } from "../session.ts";
import { type WriterCommandOptions, withWriter } from "../with-writer.ts";

/** How often the bar looks how far the publish is, in milliseconds. */
const LOOK_EVERY = 100;

/** Publishes everything that was appended. */
export async function publish(session: Session, options: WriterCommandOptions): Promise<void> {
  const { dir } = options;
  await withWriter(session, options, async (writer, { remotes }) => {
    if (remotes.length === 0)
      throw usageError(`There is no remote to publish to: add one to ${dir}/config.json first.`);
    await publishAll(session, writer, dir);
  });
}

/** Publishes to every remote of an open writer, and keeps how it went for `rlog status`. */
export async function publishAll(session: Session, writer: Writer, dir: string): Promise<void> {
  try {
    await session.withProgress("publish", async (bar) => {
      const look = setInterval(() => {
        const stored = writer.status().remotes.map((remote) => remote.stored);
        bar.update(Math.min(...stored), writer.size);
      }, LOOK_EVERY);
      try {
        await writer.publish({ signal: session.signal });
      } finally {
        clearInterval(look);
      }
    });
  } finally {
    await saveLastPublish(dir, writer.status());
  }
  await session.note(`Published ${counted(writer.size, "entry", "entries")} of log ${writer.logId}.`);
}
