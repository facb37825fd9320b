// What becomes of what peers send; 2/MVDS, "Flow", and 4/MVDS-META, "Usage".

import { type MvdsMessage, mvdsMessageId } from "@remote-log/core";
import { hexOf } from "../bytes.ts";
import { ID_BYTES, type Payload } from "../wire/payload.ts";
import { type Group, isBelowFloor } from "./groups.ts";
import { copyKey } from "./keys.ts";
import {
  changeFacts,
  factsOf,
  isKnown,
  keepMessage,
  type LogPlace,
  messageOf,
  replaceMessage,
} from "./messages.ts";
import { endWhereRead } from "./reads-of-peers.ts";
import type { State } from "./state.ts";
import type { Step } from "./store.ts";

/** How many payloads' worth of ephemeral messages wait for the application at most, in memory. */
const PASSING_PAYLOADS = 16;

/** What became of a message. */
export type Outcome = "kept" | "known" | "passed" | "too-old" | "ignored" | "refused";

/** Takes a payload. */
export async function takePayload(state: State, step: Step, peer: string, payload: Payload): Promise<void> {
  const { groups } = state;
  if (!groups.knows(peer)) {
    step.tell({ kind: "ignored", reason: "unknown-peer", peer });
    return;
  }
  for (const id of payload.acks) takeAck(state, step, peer, id);
  for (const message of payload.messages) await takeMessage(state, step, peer, message);
  for (const id of payload.offers) await takeOffer(state, step, peer, id);
  for (const { groupId, messageIds } of payload.groupOffers ?? []) {
    if (isMember(state, step, peer, groupId)) {
      for (const id of messageIds) await takeOffer(state, step, peer, id);
    }
  }
  for (const id of payload.requests) await takeRequest(state, step, peer, id);
}

function takeAck({ records }: State, step: Step, peer: string, id: Uint8Array): void {
  const record = records.of(peer, id);
  if (record === undefined || record.type === "request") return;
  records.end(step, peer, id);
  step.tell({ kind: "acknowledged", by: "peer", peer, id: record.id });
}

// The standard does not say what follows if the message is here already. Without an acknowledgement the peer would offer it for ever.
async function takeOffer(state: State, step: Step, peer: string, id: Uint8Array): Promise<void> {
  const { groups, records, reactions } = state;
  const facts = await factsOf(step, id);
  // To one who does not belong to its group, it is as if the message were not known: nobody finds out who has what.
  if (facts !== undefined && groups.of(facts.groupId)?.members.has(peer) === true) {
    records.end(step, peer, id);
    reactions.acknowledge(peer, id);
    return;
  }
  // One who asked another peer a moment ago waits for that answer: the offer comes again.
  if (!records.isBeingRequested(id)) request(state, step, peer, id);
}

async function takeRequest(state: State, step: Step, peer: string, id: Uint8Array): Promise<void> {
  const { records } = state;
  const facts = await factsOf(step, id);
  if (facts === undefined) {
    step.tell({ kind: "ignored", reason: "unknown-message", peer, id: id.slice() });
    return;
  }
  if (!isMember(state, step, peer, facts.groupId, id)) return;
  const record = records.of(peer, id);
  if (record?.type === "message") records.change(step, peer, { ...record, sendEpoch: state.epoch });
  else records.begin(step, peer, id.slice(), "message", state.epoch);
}

/**
 * Takes a message from a peer.
 *
 * @param place - its place in the peer's log, if it was read there
 */
export async function takeMessage(
  state: State,
  step: Step,
  peer: string,
  message: MvdsMessage,
  place?: LogPlace,
): Promise<Outcome> {
  const { groups, records, reactions, waits, inbox, options } = state;
  const { maxInbox, maxWaiting } = options.limits;
  const id = mvdsMessageId(message);
  if (!isMember(state, step, peer, message.groupId, id)) {
    // It would come again as often as it is requested.
    if (records.of(peer, id)?.type === "request") records.end(step, peer, id);
    return "ignored";
  }
  const group = groups.of(message.groupId)!;
  if (message.ephemeral) return takePassing(state, step, peer, id, message);
  const acknowledge = (): void => {
    records.end(step, peer, id);
    // One who reads a log says how far it has come; see `peerHasRead`.
    if (place === undefined) reactions.acknowledge(peer, id);
  };

  const refuse = (reason: "inbox-full" | "too-many-waiting" | "other-parents"): Outcome => {
    step.tell({ kind: "refused", reason, peer, id });
    return "refused";
  };

  const facts = await factsOf(step, id);
  if (facts !== undefined) {
    const isOther = facts.held && (await hasOtherParents(step, id, message));
    if (isOther && !(await takeOtherCopy(state, step, group, peer, id, message))) {
      // A peer sends it again. A log is read once; so its copy waits beside the one that is kept.
      if (place === undefined) return refuse("other-parents");
      if (!(await waitAsCopy(state, step, peer, id, message))) return refuse("too-many-waiting");
    }
    acknowledge();
    if (place !== undefined && facts.place === undefined) {
      // Another copy may have changed them.
      const now = isOther ? (await factsOf(step, id))! : facts;
      changeFacts(step, id, { ...now, place });
      endWhereRead(state, step, group, id, place);
    }
    return "known";
  }
  if (isBelowFloor(group, { timestamp: message.timestamp, id })) {
    acknowledge();
    step.tell({ kind: "too-old", peer, id });
    await release(state, step, waits.satisfied(step, id));
    return "too-old";
  }
  if (inbox.size >= maxInbox) return refuse("inbox-full");

  const waitsFor = await missingParents(state, step, message);
  const held = options.order === "consistent" && waitsFor.length > 0;
  const room = (waits.isAwaited(id) ? 2 : 1) * maxWaiting - waits.sizeOf(peer);
  if (held && waitsFor.length > room) return refuse("too-many-waiting");

  acknowledge();
  records.endRequests(step, id);
  keepMessage(step, group, id, message, { held, peer, place }, options.now());
  for (const parent of waitsFor) {
    // Without room, what is delivered already is not noted as a child: its parent then counts as one that has none.
    if (waitsFor.length <= room) waits.add(step, parent.id, id, peer);
    if (!parent.known) request(state, step, peer, parent.id);
  }
  for (const parent of message.parents) {
    // Who sent the ones behind it may be gone; whoever builds on them has them, too.
    for (const missing of waits.missingBehind(parent))
      if (!records.isBeingRequested(missing)) request(state, step, peer, missing);
  }
  if (!held) await deliver(state, step, group, id, message);
  if (options.relay) relay(state, step, group, id, peer, place);
  return "kept";
}

/** Whether a copy of a message that waits for its parents names others. They are no part of its id, so that anybody can make such a copy. */
async function hasOtherParents(step: Step, id: Uint8Array, copy: MvdsMessage): Promise<boolean> {
  const parentsOf = ({ parents }: MvdsMessage): string => [...new Set(parents.map(hexOf))].sort().join();
  const kept = await messageOf(step, id);
  return kept !== undefined && parentsOf(kept) !== parentsOf(copy);
}

/**
 * Takes a copy with other parents in place of the one that waits, if all of them are here: nobody holds a message of another up for ever by a
 * copy that names parents which don't exist.
 *
 * @returns whether it was taken
 */
async function takeOtherCopy(
  state: State,
  step: Step,
  group: Group,
  peer: string,
  id: Uint8Array,
  copy: MvdsMessage,
): Promise<boolean> {
  const missing = await missingParents(state, step, copy);
  if (missing.length > 0) {
    for (const parent of missing) if (!parent.known) request(state, step, peer, parent.id);
    return false;
  }
  state.waits.forget(step, id);
  await replaceMessage(step, group, id, copy);
  await deliver(state, step, group, id, copy);
  return true;
}

/**
 * Lets the copy of a log wait, whichever parents the kept one names: the one whose parents are here first is delivered.
 *
 * @returns whether there was room for it
 */
async function waitAsCopy(
  state: State,
  step: Step,
  peer: string,
  id: Uint8Array,
  copy: MvdsMessage,
): Promise<boolean> {
  const { waits, options } = state;
  if (waits.hasCopy(id, peer)) return true;
  const missing = (await missingParents(state, step, copy)).map((parent) => parent.id);
  if (waits.sizeOf(peer) + missing.length > options.limits.maxWaiting) return false;
  waits.addCopy(step, id, peer, { parents: copy.parents, missing });
  return true;
}

async function takePassing(
  state: State,
  step: Step,
  peer: string,
  id: Uint8Array,
  message: MvdsMessage,
): Promise<Outcome> {
  const { passing, inbox, options } = state;
  // That it is ephemeral is no part of its id either: a copy of one that is kept would be delivered a second time.
  if (await isKnown(step, id)) return "known";
  const bytes = passing.reduce((sum, { message: { body } }) => sum + body.length, message.body.length);
  const isTooMuch = bytes > PASSING_PAYLOADS * options.limits.maxPayloadBytes;
  if (isTooMuch || passing.length + inbox.size >= options.limits.maxInbox) {
    step.tell({ kind: "refused", reason: "inbox-full", peer, id });
    return "refused";
  }
  if (state.isNew(id)) passing.push({ id, message: { ...message, body: message.body.slice() }, peer });
  return "passed";
}

/** The parents of a message that are not here; if it must not be delivered before them, also those that wait themselves. */
async function missingParents(
  { options }: State,
  step: Step,
  { groupId, parents }: MvdsMessage,
): Promise<{ id: Uint8Array; known: boolean }[]> {
  const found = new Map<string, { id: Uint8Array; known: boolean }>();
  for (const parent of parents) {
    const kept = await factsOf(step, parent);
    // One of another group is none that this one could depend on.
    const facts = kept && hexOf(kept.groupId) === hexOf(groupId) ? kept : undefined;
    if (facts !== undefined && !(facts.held && options.order === "consistent")) continue;
    found.set(hexOf(parent), { id: parent, known: facts !== undefined });
  }
  return [...found.values()];
}

/** Hands a message to the application, and whatever has waited for it. */
async function deliver(
  state: State,
  step: Step,
  group: Group,
  id: Uint8Array,
  message: MvdsMessage,
): Promise<void> {
  const { groups, waits, inbox } = state;
  const hasChildren = waits.isAwaited(id);
  groups.addHead(step, group, id, message);
  inbox.add(step, id);
  const free = waits.satisfied(step, id);
  if (state.options.order === "eventual" && hasChildren) groups.dropHead(step, group, id);
  await release(state, step, free);
}

// In a loop and not by recursion: a chain of messages may be long.
async function release(state: State, step: Step, free: Uint8Array[]): Promise<void> {
  const { groups, waits, inbox } = state;
  const queue = [...free];
  for (let child = queue.shift(); child !== undefined; child = queue.shift()) {
    const id = child.slice(0, ID_BYTES);
    const facts = await factsOf(step, id);
    const message = child.length > ID_BYTES ? await copyOf(step, child) : await messageOf(step, id);
    const group = facts && groups.of(facts.groupId);
    if (facts?.held !== true || message === undefined || group === undefined) continue;
    waits.forget(step, id);
    if (child.length > ID_BYTES) await replaceMessage(step, group, id, message);
    else changeFacts(step, id, { ...facts, held: false });
    groups.addHead(step, group, id, message);
    inbox.add(step, id);
    queue.push(...waits.satisfied(step, id));
  }
}

/** A message as another copy of it has it: with that one's parents. */
async function copyOf(step: Step, copy: Uint8Array): Promise<MvdsMessage | undefined> {
  const [message, parents] = [await messageOf(step, copy.slice(0, ID_BYTES)), await step.get(copyKey(copy))];
  if (message === undefined || parents === undefined) return undefined;
  const ids = Array.from({ length: parents.length / ID_BYTES }, (_, i) =>
    parents.slice(i * ID_BYTES, (i + 1) * ID_BYTES),
  );
  return { ...message, parents: ids };
}

function relay(
  { records, statements, options, epoch }: State,
  step: Step,
  group: Group,
  id: Uint8Array,
  from: string,
  place: LogPlace | undefined,
): void {
  for (const peer of group.members) {
    if (peer === from || (place !== undefined && statements.covers(peer, place))) continue;
    records.begin(step, peer, id, options.modeOf(peer) === "batch" ? "message" : "offer", epoch);
  }
}

/** Requests a message from a peer, if there is room for another request, and nothing of it waits for that peer already. */
export function request({ records, epoch }: State, step: Step, peer: string, id: Uint8Array): void {
  if (records.of(peer, id) !== undefined) return;
  const copy = id.slice();
  if (records.begin(step, peer, copy, "request", epoch)) return;
  step.tell({ kind: "refused", reason: "too-many-requests", peer, id: copy });
}

function isMember(
  { groups }: State,
  step: Step,
  peer: string,
  groupId: Uint8Array,
  id?: Uint8Array,
): boolean {
  const group = groups.of(groupId);
  if (group?.members.has(peer) === true) return true;
  const reason = group === undefined ? "unknown-group" : "not-a-member";
  step.tell({ kind: "ignored", reason, peer, ...(id && { id: id.slice() }) });
  return false;
}
