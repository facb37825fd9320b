// Standard input as one text.

import { LineTooLong, readWhole } from "./lines.ts";
import { UnusableFile } from "./read-text.ts";

/**
 * Reads standard input to its end, as text.
 *
 * @param limit - the most bytes that it may hold
 * @throws UnusableFile if it holds more; its message is a clause
 * @throws the reason of the signal
 */
export async function readInput(limit: number, signal: AbortSignal): Promise<string> {
  const input = process.stdin;
  const stop = (): void => {
    input.destroy(signal.reason as Error);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return new TextDecoder().decode(await readWhole(input as AsyncIterable<Uint8Array>, limit));
  } catch (error) {
    throw error instanceof LineTooLong ? new UnusableFile(`it holds more than ${limit} bytes`) : error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
