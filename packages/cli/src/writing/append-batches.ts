// Appends the input of `rlog append`, and acknowledges each entry once it is durable.

import type { Receipt, Writer } from "@remote-log/core";
import type { Invocation } from "../terminal/invocation.ts";
import type { ProgressBar } from "../terminal/progress-bar.ts";

/** The most batches that are written at once. */
const BATCHES_IN_FLIGHT = 4;

/**
 * Appends batches of entries. Several writes run at once, so that the disk and the input do not wait for each other.
 *
 * @param options - `ack`: whether to print the number and the id of each entry, in order, once it is durable
 */
export async function appendBatches(
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
    // Every batch that was passed to the writer becomes durable and is acknowledged, even if the input failed.
    await last;
  }
}
