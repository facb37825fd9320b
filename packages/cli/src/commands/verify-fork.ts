// `rlog verify-fork`: checks the proof of a fork, with nothing but the file.

import { verifyForkEvidence } from "@remote-log/core";
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
  const { logId, of, smaller, larger } = verdict;
  const what = of === "entries" ? "entries" : "versions of its manifest";
  await invocation.out.write(
    `proved: the key of log ${logId} signed two histories that contradict each other, of ${smaller} and ${larger} ${what}\n`,
  );
}
