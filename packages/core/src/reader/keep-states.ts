// Keeps states that were verified, in one step with what other readers of the store keep; docs/protocol.md, "States over time".

import type { VerifiedHead } from "../log/head.ts";
import { agree } from "./agree.ts";
import type { Kinship } from "./comparisons.ts";
import type { Freeze } from "./freeze.ts";
import type { KeptStates, ReaderMemory, SavedState } from "./reader-memory.ts";

/** What {@link keepStates} needs. */
interface Keeping {
  readonly memory: ReaderMemory;
  readonly freeze: Freeze;
  /** What the store held when the states were last compared with it. */
  readonly agreed: SavedState | undefined;
  readonly compare: (verified: VerifiedHead, offered: VerifiedHead) => Promise<Kinship>;
}

/**
 * Saves states before anything is delivered from them. What another reader saved meanwhile is compared with them first, so that
 * readers of one store never deliver histories that contradict each other.
 *
 * @returns what is kept now, and what the store holds
 */
export async function keepStates(
  offered: KeptStates,
  { memory, freeze, agreed, compare }: Keeping,
): Promise<{ readonly states: KeptStates; readonly agreed: SavedState }> {
  for (;;) {
    const since = memory.latest;
    freeze.throwIfSaved(since);
    const isNew = since !== agreed && since.states !== undefined;
    const states = isNew ? await agree(offered, since.states, compare) : offered;
    const saved = await memory.saveStates(since, states);
    if (saved !== undefined) return { states, agreed: saved };
  }
}
