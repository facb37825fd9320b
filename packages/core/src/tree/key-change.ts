// Whether two states of a log were signed by keys that follow each other; docs/protocol.md, "Key rotation".

import type { ForkEvidence } from "../errors/index.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import type { SignedSuccession } from "../log/succession.ts";
import { type Contradiction, proveFork } from "./fork-evidence.ts";

/** Two states whose signing keys differ. */
export type KeyChange =
  /** One key was replaced, in one or more steps, by the other. */
  | {
      readonly kind: "replaced";
      /** Which of the two has the former key. */
      readonly former: "verified" | "offered";
      /** How the former key came to be the one that signs. */
      readonly before: readonly SignedSuccession[];
      /** The succession that ended it. */
      readonly end: SignedSuccession;
    }
  /** The recovery key named two successors. */
  | {
      readonly kind: "contradicted";
      readonly before: readonly SignedSuccession[];
      readonly one: SignedSuccession;
      readonly other: SignedSuccession;
    };

/** How the signing keys of two states relate; `undefined` if they are one key. */
export function keyChangeBetween(
  verified: readonly SignedSuccession[],
  offered: readonly SignedSuccession[],
): KeyChange | undefined {
  const [shorter, longer] = verified.length <= offered.length ? [verified, offered] : [offered, verified];
  const differs = shorter.findIndex(({ note }, i) => note !== longer[i]!.note);
  const before = longer.slice(0, differs < 0 ? shorter.length : differs);
  if (differs >= 0) {
    return { kind: "contradicted", before, one: shorter[differs]!, other: longer[differs]! };
  }
  const end = longer[shorter.length];
  return end && { kind: "replaced", former: shorter === verified ? "verified" : "offered", before, end };
}

/** The proof that the recovery key named two successors. */
export function proveTwoSuccessors(
  genesis: Pick<IdentifiedGenesis, "bytes" | "logId">,
  { before, one, other }: Extract<KeyChange, { kind: "contradicted" }>,
): Promise<ForkEvidence> {
  const of = ({ note }: SignedSuccession): Contradiction["smaller"] => ({ note, size: 0 });
  return proveFork({ genesis, successions: before, smaller: of(one), larger: of(other) });
}
