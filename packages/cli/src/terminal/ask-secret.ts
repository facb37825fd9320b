// Asks for a secret on a terminal, and does not show what is typed.

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Lines that were typed, or pasted, before they were asked for. */
const ahead: string[] = [];

/**
 * Asks on the terminal. Ctrl-C ends the process as always.
 *
 * @returns what was typed, without the line end; `undefined` if standard input or standard error is no terminal, or has ended
 * @throws the reason of the signal
 */
export async function askSecret(question: string, signal: AbortSignal): Promise<string | undefined> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return undefined;
  process.stderr.write(question);
  const typed = ahead.shift();
  if (typed !== undefined) {
    process.stderr.write("\n");
    return typed;
  }
  // What readline would show of what is typed goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  lines.on("line", (line) => ahead.push(line));
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return await new Promise<string | undefined>((resolve, reject) => {
      lines.once("close", () => resolve(undefined));
      lines.question("", { signal }).then(resolve, reject);
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
