import { verifyForkEvidence } from "@remote-log/core";
import { CommandError, exitCodes } from "../failure.ts";
import { readForkFile } from "../fork-file.ts";
import type { Invocation } from "../invocation.ts";

/** Checks a proof of a fork with nothing else at hand. */
export async function verifyFork(invocation: Invocation, file: string): Promise<void> {
  const verdict = await verifyForkEvidence(await readForkFile(file));
  if (verdict === undefined) {
    throw new CommandError(
      "ERR_NO_FORK",
      `${file} proves no fork: its two checkpoints are of one history.`,
      exitCodes.refused,
    );
  }
  const { logId, smaller, larger } = verdict;
  await invocation.out.write(
    `proved: the key of log ${logId} signed two histories that contradict each other, of ${smaller} and ${larger} entries\n`,
  );
}
