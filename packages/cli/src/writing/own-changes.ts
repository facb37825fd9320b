// What a writer does by itself while a command runs, as the settings say: told when the command ends.

import type { Writer } from "@remote-log/core";
import type { Invocation } from "../terminal/invocation.ts";
import type { WriterSettings } from "./writer-config.ts";

/** What is told when the read key has changed. */
export const NEW_LINK =
  "Whoever has a link with the key needs a new one to read what follows: rlog link prints it.";

/** Runs a task, and tells of a new read key and of entries that are kept no more, also if it fails. */
export async function tellingChanges<T>(
  invocation: Invocation,
  writer: Writer,
  { rotateKey, retention }: WriterSettings,
  task: () => Promise<T>,
): Promise<T> {
  const before = stateOf(writer);
  try {
    return await task();
  } finally {
    const { epochs, firstKept } = stateOf(writer);
    if (rotateKey !== undefined && epochs > before.epochs)
      await invocation.note(`The read key has changed, as rlog settings says. ${NEW_LINK}`);
    if (retention !== undefined && firstKept > before.firstKept)
      await invocation.note(
        `The contents of entries before ${firstKept} were removed, as rlog settings says.`,
      );
  }
}

function stateOf({ manifest }: Writer): { readonly epochs: number; readonly firstKept: number } {
  return { epochs: manifest?.epochs.length ?? 1, firstKept: manifest?.firstKept ?? 0 };
}
