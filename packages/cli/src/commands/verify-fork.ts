// `rlog verify-fork`: checks the proof of a fork, with nothing but the file.

import { type ForkVerdict, verifyForkEvidence } from "@remote-log/core";
import { CommandError } from "../errors/command-error.ts";
import { exitCodes } from "../errors/exit-codes.ts";
import { readForkFile } from "../reading/fork-file.ts";
import type { Invocation } from "../terminal/invocation.ts";

/** Checks the proof of a fork. Needs nothing but the file. */
export async function verifyFork(invocation: Invocation, file: string): Promise<void> {
  const verdict = await verifyForkEvidence(await readForkFile(file));
  if (verdict === undefined) {
    throw new CommandError(
      "ERR_NO_FORK",
      `${file} proves no fork: its two checkpoints belong to one history.`,
      exitCodes.refused,
    );
  }
  await invocation.out.write(`proved: ${proved(verdict)}\n`);
}

function proved({ logId, of, by, smaller, larger }: ForkVerdict): string {
  const what = of === "manifest" ? "versions of its manifest" : "entries";
  if (by === "former-key")
    return (
      `somebody who has a former key of log ${logId} signed ${smaller} ${what}, which are not part of the log; its owner replaced that ` +
      `key when there were ${larger}`
    );
  if (by === "recovery-key")
    return (
      `the recovery key of log ${logId} replaced its signing key twice at the same time, when there were ${smaller} and ${larger} ${what}: ` +
      "whoever has the recovery words did it, and no reader can tell which history is the log"
    );
  return `the key of log ${logId} signed two histories that contradict each other, of ${smaller} and ${larger} ${what}`;
}
