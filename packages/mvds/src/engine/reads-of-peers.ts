// What peers have read of logs, by their own word: it is not sent to them any more.

import { hexOf } from "../bytes.ts";
import type { Group } from "./groups.ts";
import { factsOf, type LogPlace } from "./messages.ts";
import type { State } from "./state.ts";
import type { LogRead } from "./statements.ts";
import type { Step } from "./store.ts";

/**
 * Ends what is sent to a peer of stretches of logs that the peer has read, by its own word, and remembers them. All at once, because each record is
 * looked up for it.
 */
export async function peerHasRead(
  state: State,
  step: Step,
  peer: string,
  reads: readonly LogRead[],
): Promise<void> {
  const { records, statements } = state;
  const ofLog = new Map<string, LogRead[]>();
  for (const read of reads) {
    statements.note(step, peer, read);
    const log = hexOf(read.logId);
    ofLog.set(log, [...(ofLog.get(log) ?? []), read]);
  }
  if (ofLog.size === 0) return;
  for (const { id, type } of records.all(peer)) {
    const place = type === "request" ? undefined : (await factsOf(step, id))?.place;
    if (place === undefined) continue;
    const { logId, sequence } = place;
    const isRead = ofLog.get(hexOf(logId))?.some(({ first, end }) => first <= sequence && sequence < end);
    if (isRead === true) endAsRead(state, step, peer, id);
  }
}

/** Ends what is sent of a message to those who have read it in the log that has it. */
export function endWhereRead(state: State, step: Step, group: Group, id: Uint8Array, place: LogPlace): void {
  for (const peer of group.members) {
    const record = state.records.of(peer, id);
    if (record !== undefined && record.type !== "request" && state.statements.covers(peer, place))
      endAsRead(state, step, peer, id);
  }
}

function endAsRead({ records }: State, step: Step, peer: string, id: Uint8Array): void {
  records.end(step, peer, id);
  step.tell({ kind: "acknowledged", by: "log", peer, id: id.slice() });
}
