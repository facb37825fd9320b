// Publishes with an open writer, for `rlog publish` and `rlog append --publish`; and repairs, for `rlog repair`.

import type { RepairOptions, Writer } from "@remote-log/core";
import { type CommandError, usageError } from "../errors/command-error.ts";
import type { Counts } from "../remotes/counting.ts";
import { bytesText, counted } from "../terminal/counted.ts";
import { describe } from "../terminal/describe-error.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { printable } from "../terminal/terminal-text.ts";
import { saveLastPublish } from "./last-publish.ts";
import { endRotation } from "./rotation-begun.ts";

/** How often the progress bar is updated, in milliseconds. */
const LOOK_EVERY = 100;

/** How long a publish waits for the remotes that need not have everything, in milliseconds. */
const OTHERS_MILLISECONDS = 30_000;

/** The error of a command that needs a remote, for a log that has none. */
export function noRemote(): CommandError {
  return usageError("The log has no remote: add one first, with rlog remote add.");
}

/** What a publish is told by and kept in. */
export interface PublishAllOptions {
  /** The writer's folder. */
  readonly dir: string;
  /** The requests to the writer's remotes. */
  readonly counts: Counts;
  /** What {@link sent} gave when the command began, if it published before this. Default: it has not. */
  readonly sentBefore?: number;
}

/** Publishes to every remote of an open writer, and saves how it went for `rlog status`. */
export async function publishAll(
  invocation: Invocation,
  writer: Writer,
  options: PublishAllOptions,
): Promise<void> {
  const { sentBefore: before = sent(options.counts) } = options;
  await showing(invocation, writer, { ...options, what: "publish" }, () =>
    writer.publish({ signal: invocation.signal, othersMilliseconds: OTHERS_MILLISECONDS }),
  );
  await warnOfOthers(invocation, writer);
  await endRotation(options.dir);
  await notePublished(invocation, writer, sent(options.counts) > before);
}

/** Repairs the remotes of an open writer, and saves how it went for `rlog status`. */
export async function repairAll(
  invocation: Invocation,
  writer: Writer,
  { dir, counts, ...options }: PublishAllOptions & Pick<RepairOptions, "remote" | "reads">,
): Promise<void> {
  const { signal } = invocation;
  const before = sent(counts);
  const { remotes } = await showing(invocation, writer, { dir, counts, what: "repair" }, () =>
    writer.repair({ ...options, signal }),
  );
  for (const { label, checked, putBack } of remotes) {
    const done =
      putBack === 0
        ? "nothing was missing"
        : `${putBack} ${putBack === 1 ? "was missing and is" : "were missing and are"} back`;
    await invocation.note(`${printable(label)}: looked for ${counted(checked, "object")}, ${done}.`);
  }
  if (options.remote === undefined) await notePublished(invocation, writer, sent(counts) > before);
}

// A publish can have succeeded without all remotes.
async function warnOfOthers(invocation: Invocation, writer: Writer): Promise<void> {
  const { size, remotes } = writer.status();
  const behind = remotes.filter(({ published, error }) => published < size || error !== undefined);
  for (const { label, published, error } of behind) {
    const why = error === undefined ? "it has not answered in time" : describe(error, false);
    await invocation.warn(
      `rlog: ${printable(label)} has ${published} of ${counted(size, "entry", "entries")}: ${why} ` +
        `${remotes.length - behind.length} of ${remotes.length} remotes have everything; the next rlog publish sends the rest.`,
    );
  }
}

async function showing<T>(
  invocation: Invocation,
  writer: Writer,
  { dir, counts, what }: PublishAllOptions & { readonly what: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await invocation.withProgress(what, async (bar) => {
      const look = setInterval(() => {
        const stored = writer.status().remotes.map(({ stored, uploaded = stored }) => uploaded);
        bar.update(Math.min(...stored), writer.size, trafficOf(counts));
      }, LOOK_EVERY);
      try {
        return await work();
      } finally {
        clearInterval(look);
      }
    });
  } finally {
    await saveLastPublish(dir, writer);
  }
}

async function notePublished(
  invocation: Invocation,
  { size, logId }: Writer,
  anythingSent: boolean,
): Promise<void> {
  const all = counted(size, "entry", "entries");
  if (anythingSent) await invocation.note(`Published ${all} of log ${logId}.`);
  else if (size === 0) await invocation.note(`Nothing to publish: log ${logId} has no entries yet.`);
  else await invocation.note(`Nothing to publish: readers have all of log ${logId} already, ${all}.`);
}

/** How many requests have changed something at the remotes. */
export function sent({ requests }: Counts): number {
  return requests.put + requests.update;
}

// Pages and contents are large: entries alone would stand still for a while.
function trafficOf({ requests, bytesWritten }: Counts): string {
  return `${counted(requests.put + requests.get + requests.has, "object")}, ${bytesText(bytesWritten)} sent`;
}
