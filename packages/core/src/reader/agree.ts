// What a reader keeps, brought together with what another reader of the same store saved; docs/protocol.md, "States over time".

import { StaleError } from "../errors/index.ts";
import type { VerifiedHead } from "../log/head.ts";
import { sameState } from "../tree/compare-heads.ts";
import type { Kinship } from "./comparisons.ts";
import type { KeptStates, SeenState } from "./reader-memory.ts";

const sizeOf = (head: VerifiedHead | undefined): number => head?.checkpoint.size ?? -1;

/** The larger of two states that were seen; the first if they have one size. */
export function largest(seen: SeenState | undefined, other: SeenState): SeenState {
  return seen === undefined || sizeOf(other.head) > sizeOf(seen.head) ? other : seen;
}

/**
 * Decides what a reader may keep after another reader of its store saved something. What was delivered binds all of them.
 * What was only verified or seen binds none, and counts as seen if it is larger.
 *
 * @param compare - how an offered state relates to a verified one; throws if they are a fork
 * @returns what this reader may save in place of what the other one saved
 * @throws StaleError `ERR_STALE` if the other reader is ahead, or nobody shows that the two are one history
 */
export async function agree(
  mine: KeptStates,
  others: KeptStates,
  compare: (verified: VerifiedHead, offered: VerifiedHead) => Promise<Kinship>,
): Promise<KeptStates> {
  const { head, label } = mine.newest;
  const { newest, delivered } = others;
  if (delivered !== undefined) {
    const { kind } = await compare(delivered, head);
    if (kind === "older" || kind === "unverified") throw behindOthers(label, head, delivered);
  }
  let { seen } = mine;
  if (delivered === undefined || !sameState(newest.head, delivered)) {
    const { kind } = await compare(newest.head, head);
    const isLarger = sizeOf(newest.head) > sizeOf(head);
    if (kind === "older" || (kind === "unverified" && !isLarger))
      throw behindOthers(label, head, newest.head);
    if (kind === "unverified") seen = largest(seen, { head: newest.head, label: newest.label });
  }
  if (others.seen !== undefined) {
    await compare(head, others.seen.head);
    if (sizeOf(others.seen.head) > sizeOf(head)) seen = largest(seen, others.seen);
  }
  const most = sizeOf(delivered) > sizeOf(mine.delivered) ? delivered : mine.delivered;
  return { newest: mine.newest, delivered: most, seen };
}

function behindOthers(label: string, offered: VerifiedHead, verified: VerifiedHead): StaleError {
  return new StaleError(
    `${label} shows ${sizeOf(offered)} entries, and another reader of the same store verified ${sizeOf(verified)} ` +
      "meanwhile. Nothing of it was used; try again later.",
    { operation: "reader.sync" },
  );
}
