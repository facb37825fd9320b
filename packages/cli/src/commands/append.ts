// `rlog append`: appends texts, or what a file or standard input holds.

import { MalformedError, type Writer } from "@remote-log/core";
import { anySignal } from "@remote-log/core/adapter";
import { CommandError, Interrupted, OutputClosed, usageError } from "../errors/command-error.ts";
import { LineTooLong, readLines, readWhole } from "../files/lines.ts";
import { openInput } from "../files/open-input.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { appendBatches } from "../writing/append-batches.ts";
import { checkPlace } from "../writing/folder-place.ts";
import { tellingChanges } from "../writing/own-changes.ts";
import { noRemote, publishAll, sent } from "../writing/publish-all.ts";
import { PublishAlong } from "../writing/publish-along.ts";
import { type WriterCommandOptions, withWriter } from "../writing/with-writer.ts";

/** Options of `rlog append`. */
export interface AppendOptions extends WriterCommandOptions {
  readonly file?: string;
  readonly whole?: boolean;
  readonly ack?: boolean;
  readonly publish?: boolean;
  /** How often to publish while the input is open, in milliseconds. */
  readonly every?: number;
}

/** The default of `--every`, in milliseconds. */
const PUBLISH_EVERY = 10_000;

/** Appends the texts, or what a file or standard input holds. */
export async function append(
  invocation: Invocation,
  texts: readonly string[],
  options: AppendOptions,
): Promise<void> {
  if (texts.length > 0 && options.file !== undefined)
    throw usageError("Give texts or --file, not both: their order would be a guess.");
  if (texts.length > 0 && options.whole === true)
    throw usageError("--whole goes with --file or standard input: each TEXT is one entry anyway.");
  if (options.every !== undefined && options.publish !== true)
    throw usageError("--every goes with --publish: it says how often to publish while the input is open.");
  await withWriter(invocation, options, async (writer, { config, counts, largestContent }) => {
    const { publish = false, dir } = options;
    if (publish && config.remotes.length === 0) throw noRemote();
    await checkPlace(invocation, dir, writer, config);
    const input: Input = { texts, options, longest: largestContent };
    await tellingChanges(invocation, writer, config, async () => {
      if (!publish) return appendAll(invocation, writer, input);
      const sentBefore = sent(counts);
      await appendAndPublish(invocation, writer, input);
      await publishAll(invocation, writer, { dir, counts, sentBefore });
    });
  });
}

/** What is appended, and how. */
interface Input {
  readonly texts: readonly string[];
  readonly options: AppendOptions;
  /** The largest entry, in bytes. */
  readonly longest: number;
}

// The input may never end. What is durable is published while it is open, and also if a signal ends it.
async function appendAndPublish(invocation: Invocation, writer: Writer, input: Input): Promise<void> {
  const cut = new AbortController();
  const { dir, every = PUBLISH_EVERY } = input.options;
  const along = new PublishAlong(invocation, writer, { dir, every, onFatal: (error) => cut.abort(error) });
  try {
    await appendAll(invocation, writer, input, cut.signal);
  } catch (error) {
    if (invocation.signal.reason instanceof Interrupted) {
      const left = await along.endSoon();
      if (left === 0) await invocation.note("All that was appended is published.");
      else
        await invocation.warn(
          `rlog: the last ${counted(left, "entry", "entries")} are not published yet: run rlog publish.`,
        );
    }
    throw error;
  } finally {
    await along.end();
  }
  cut.signal.throwIfAborted();
}

async function appendAll(
  invocation: Invocation,
  writer: Writer,
  { texts, options, longest }: Input,
  cut?: AbortSignal,
): Promise<void> {
  const before = writer.size;
  const ending = anySignal(invocation.signal, cut);
  try {
    await invocation.withProgress("append", async (bar) => {
      const batches = texts.length > 0 ? [texts.map(bytesOf)] : readBatches(options, longest, ending.signal);
      await appendBatches(invocation, writer, batches, { ack: options.ack === true, bar });
    });
  } catch (error) {
    if (error instanceof MalformedError) {
      throw new CommandError(
        "ERR_MALFORMED",
        `This log accepts only MVDS messages. ${error.message}`,
        1,
        error,
      );
    }
    if (!(invocation.signal.reason instanceof OutputClosed)) throw error;
    // Other commands end silently then. Here that would drop the rest of the input.
    throw new CommandError(
      "ERR_OUTPUT",
      "Nobody reads the acknowledgements any more. The rest of the input was not appended.",
    );
  } finally {
    ending.clear();
    await report(invocation, before, writer.size);
  }
}

async function* readBatches(
  { file = "-", whole }: AppendOptions,
  longest: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array[], void, undefined> {
  const source: NodeJS.ReadableStream = file === "-" ? process.stdin : openInput(file);
  const stop = (): void => {
    (source as typeof process.stdin).destroy(signal.reason as Error);
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const chunks = source as AsyncIterable<Uint8Array>;
  try {
    if (whole === true) yield [await readWhole(chunks, longest)];
    else yield* readLines(chunks, longest);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof LineTooLong)) throw error;
    throw new CommandError(
      "ERR_TOO_LARGE",
      `${error.message} The input holds a longer one. The entries before it were appended.`,
    );
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function report(invocation: Invocation, before: number, after: number): Promise<void> {
  const count = after - before;
  if (count === 0) await invocation.note("Nothing was appended.");
  else if (count === 1) await invocation.note(`Appended 1 entry, number ${before}.`);
  else await invocation.note(`Appended ${count} entries, numbers ${before} to ${after - 1}.`);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
