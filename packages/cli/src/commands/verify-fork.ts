import { verifyForkEvidence } from "@remote-log/core";
import { CommandError, exitCodes } from "../failure.ts";
import { readForkFile } from "../fork-file.ts";
import type { Session } from "../session.ts";

/** Checks a proof of a fork with nothing else at hand. */
export async function verifyFork(session: Session, file: string): Promise<void> {
  const verdict = await verifyForkEvidence(await readForkFile(file));
  if (verdict === undefined) {
    throw new CommandError(
      "ERR_NO_FORK",
      `${file} proves no fork: its two checkpoints are of one history.`,
      exitCodes.refused,
    );
  }
  const { logId, smaller, larger } = verdict;
  await session.out.write(
    `proved: the key of log ${logId} signed two histories that contradict each other, of ${smaller} and ${larger} entries\n`,
  );
}
