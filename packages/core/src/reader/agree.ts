// What a reader keeps, brought together with what another reader of the same store saved; docs/protocol.md, "States over time".

import { StaleError, SupersededError } from "../errors/index.ts";
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
  let bound = delivered;
  let isPart = true;
  if (delivered !== undefined) {
    const relation = await compare(delivered, head);
    const { kind } = relation;
    if (kind === "older" || kind === "unverified") throw behindOthers(label, head, delivered);
    // What is not part of the log binds nobody.
    if (isSuperseded(relation, label, head)) bound = undefined;
  }
  let { seen } = mine;
  if (delivered === undefined || !sameState(newest.head, delivered)) {
    const relation = await compare(newest.head, head);
    const { kind } = relation;
    isPart = !isSuperseded(relation, label, head);
    const isLarger = sizeOf(newest.head) > sizeOf(head);
    if (kind === "older" || (kind === "unverified" && !isLarger))
      throw behindOthers(label, head, newest.head);
    if (kind === "unverified") seen = largest(seen, { head: newest.head, label: newest.label });
  }
  if (others.seen !== undefined && isPart) {
    const { kind } = await compare(head, others.seen.head);
    if (kind !== "superseded" && sizeOf(others.seen.head) > sizeOf(head)) seen = largest(seen, others.seen);
  }
  const most = sizeOf(bound) > sizeOf(mine.delivered) ? bound : mine.delivered;
  return { newest: mine.newest, delivered: most, seen };
}

// Whether what the other reader kept is not part of the log.
function isSuperseded(relation: Kinship, label: string, offered: VerifiedHead): boolean {
  if (relation.kind !== "superseded") return false;
  if (relation.former === "verified") return true;
  throw new SupersededError(
    `${label} shows ${sizeOf(offered)} entries that are signed with a former key, and are not part of the log: another reader of the ` +
      "same store has seen its new key. Nothing of it was used.",
    { operation: "reader.sync", evidence: relation.evidence },
  );
}

function behindOthers(label: string, offered: VerifiedHead, verified: VerifiedHead): StaleError {
  return new StaleError(
    `${label} shows ${sizeOf(offered)} entries, and another reader of the same store verified ${sizeOf(verified)} ` +
      "meanwhile. Nothing of it was used; try again later.",
    { operation: "reader.sync" },
  );
}
