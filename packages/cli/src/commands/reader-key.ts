// `rlog reader-key`: makes the identity of a reader, and prints what to send to writers.

import { defaultIdentityFile, identityFile } from "../reading/identity-file.ts";
import type { Invocation } from "../terminal/invocation.ts";

/** Options of `rlog reader-key`. */
export interface ReaderKeyOptions {
  /** Whether the key also withstands quantum computers. */
  readonly postQuantum?: boolean;
}

/** Prints the recipient of the identity in a file, and makes the file first if there is none. */
export async function readerKey(
  invocation: Invocation,
  path: string = defaultIdentityFile(),
  { postQuantum = false }: ReaderKeyOptions = {},
): Promise<void> {
  const { recipient, made } = await identityFile(invocation, path, postQuantum ? "hybrid" : "x25519");
  await invocation.out.write(`${recipient}\n`);
  await invocation.note(
    made
      ? `Your identity is in ${path}: keep it to yourself. Send the line above to writers, who name you with: rlog grant ${shortened(recipient)}`
      : `Your identity was in ${path} already, and was not changed. The line above belongs to it.`,
  );
}

// A post-quantum one has two thousand characters.
function shortened(recipient: string): string {
  return recipient.length > 80 ? `${recipient.slice(0, 24)}…` : recipient;
}
