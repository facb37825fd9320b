// Publishes with an open writer, for `rlog publish` and `rlog append --publish`; and repairs, for `rlog repair`.

import type { RepairOptions, Writer } from "@remote-log/core";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { printable } from "../terminal/terminal-text.ts";
import { saveLastPublish } from "./last-publish.ts";

/** How often the progress bar is updated, in milliseconds. */
const LOOK_EVERY = 100;

/** Publishes to every remote of an open writer, and saves how it went for `rlog status`. */
export async function publishAll(invocation: Invocation, writer: Writer, dir: string): Promise<void> {
  await showing(invocation, writer, { dir, what: "publish" }, () =>
    writer.publish({ signal: invocation.signal }),
  );
  await notePublished(invocation, writer);
}

/** Repairs the remotes of an open writer, and saves how it went for `rlog status`. */
export async function repairAll(
  invocation: Invocation,
  writer: Writer,
  { dir, ...options }: { readonly dir: string } & Pick<RepairOptions, "remote" | "reads">,
): Promise<void> {
  const { signal } = invocation;
  const { remotes } = await showing(invocation, writer, { dir, what: "repair" }, () =>
    writer.repair({ ...options, signal }),
  );
  for (const { label, checked, putBack } of remotes) {
    const done = putBack === 0 ? "nothing was missing" : `${putBack} were missing and are back`;
    await invocation.note(`${printable(label)}: looked for ${counted(checked, "object")}, ${done}.`);
  }
  if (options.remote === undefined) await notePublished(invocation, writer);
}

async function showing<T>(
  invocation: Invocation,
  writer: Writer,
  { dir, what }: { readonly dir: string; readonly what: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await invocation.withProgress(what, async (bar) => {
      const look = setInterval(() => {
        const stored = writer.status().remotes.map(({ stored, uploaded = stored }) => uploaded);
        bar.update(Math.min(...stored), writer.size);
      }, LOOK_EVERY);
      try {
        return await work();
      } finally {
        clearInterval(look);
      }
    });
  } finally {
    await saveLastPublish(dir, writer.status());
  }
}

async function notePublished(invocation: Invocation, { size, logId }: Writer): Promise<void> {
  await invocation.note(`Published ${counted(size, "entry", "entries")} of log ${logId}.`);
}
