import { createReadStream } from "node:fs";
import { MalformedError, type Receipt, type Writer } from "@remote-log/core";
import { CommandError, OutputClosed, usageError } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { LineTooLong, readLines, readWhole } from "../lines.ts";
import type { ProgressBar } from "../progress-bar.ts";
import { type WriterCommandOptions, withWriter } from "../with-writer.ts";
import { publishAll } from "./publish.ts";

/** Options of `rlog append`. */
export interface AppendOptions extends WriterCommandOptions {
  readonly file?: string;
  readonly whole?: boolean;
  readonly ack?: boolean;
  readonly publish?: boolean;
}

/** Batches that may be on their way to the disk at once. */
const BATCHES_IN_FLIGHT = 4;

/** Appends the texts, or what a file or standard input holds. */
export async function append(
  invocation: Invocation,
  texts: readonly string[],
  options: AppendOptions,
): Promise<void> {
  if (texts.length > 0 && options.file !== undefined)
    throw usageError("Give texts or --file, not both: the order would be a guess.");
  if (texts.length > 0 && options.whole === true)
    throw usageError("--whole goes with --file or standard input: each TEXT is one entry anyway.");
  await withWriter(invocation, options, async (writer, { remotes }, longest) => {
    if (options.publish === true && remotes.length === 0)
      throw usageError("There is no remote to publish to: add one to config.json first.");
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
          `This log takes MVDS messages alone. ${error.message}`,
          1,
          error,
        );
      }
      if (!(invocation.signal.reason instanceof OutputClosed)) throw error;
      // Other commands end quietly then; here the rest of the input would be dropped without a word.
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
  const source: NodeJS.ReadableStream = file === "-" ? process.stdin : createReadStream(file);
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
      `${error.message} A longer one came in; what stood before it is kept.`,
    );
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

// Several writes are under way at once, so that the disk and the reading of the input do not wait for each other;
// acknowledgements come in order.
async function appendBatches(
  invocation: Invocation,
  writer: Writer,
  batches: Iterable<Uint8Array[]> | AsyncIterable<Uint8Array[]>,
  { ack, bar }: { readonly ack: boolean; readonly bar: ProgressBar },
): Promise<void> {
  let appended = 0;
  let inFlight = 0;
  let last: Promise<void> = Promise.resolve();
  let failed = false;
  let room: () => void = () => undefined;
  const acknowledge = async (receipts: readonly Receipt[]): Promise<void> => {
    appended += receipts.length;
    bar.update(appended);
    if (!ack) return;
    const lines = receipts.map(({ sequence, id }) => `${sequence} ${Buffer.from(id).toString("hex")}\n`);
    await invocation.out.writeThrough(lines.join(""));
  };
  try {
    for await (const batch of batches) {
      if (failed) break;
      invocation.signal.throwIfAborted();
      const writing = writer.appendAll(batch);
      inFlight++;
      last = Promise.all([writing, last])
        .then(([receipts]) => acknowledge(receipts))
        .finally(() => {
          inFlight--;
          room();
        });
      last.catch(() => {
        failed = true;
      });
      if (inFlight >= BATCHES_IN_FLIGHT) {
        await new Promise<void>((resolve) => {
          room = resolve;
        });
      }
    }
  } finally {
    // What was handed over becomes durable and is acknowledged, also where the input failed.
    await last;
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
