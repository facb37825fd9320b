// `rlog append`: appends texts, or what a file or standard input holds.

import { MalformedError } from "@remote-log/core";
import { CommandError, OutputClosed, usageError } from "../errors/command-error.ts";
import { openInput } from "../files/open-input.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { appendBatches } from "../writing/append-batches.ts";
import { checkPlace } from "../writing/folder-place.ts";
import { LineTooLong, readLines, readWhole } from "../writing/lines.ts";
import { publishAll } from "../writing/publish-all.ts";
import { type WriterCommandOptions, withWriter } from "../writing/with-writer.ts";

/** Options of `rlog append`. */
export interface AppendOptions extends WriterCommandOptions {
  readonly file?: string;
  readonly whole?: boolean;
  readonly ack?: boolean;
  readonly publish?: boolean;
}

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
  await withWriter(invocation, options, async (writer, config, longest) => {
    if (options.publish === true && config.remotes.length === 0)
      throw usageError("There is no remote to publish to: add one to config.json first.");
    await checkPlace(invocation, options.dir, writer, config);
    const before = writer.size;
    try {
      await invocation.withProgress("append", async (bar) => {
        const batches =
          texts.length > 0 ? [texts.map(bytesOf)] : readBatches(options, longest, invocation.signal);
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
      await report(invocation, before, writer.size);
    }
    if (options.publish === true) await publishAll(invocation, writer, options.dir);
  });
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
