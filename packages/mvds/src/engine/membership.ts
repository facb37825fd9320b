// Groups that change, and what has to go with them.

import { hexOf } from "../bytes.ts";
import { type Group, placeOf } from "./groups.ts";
import { request } from "./incoming.ts";
import { timeKeys } from "./keys.ts";
import { deleteMessage, factsOf, oldestMessages } from "./messages.ts";
import type { State } from "./state.ts";
import type { Step } from "./store.ts";

/** Says who belongs to a group. Whoever left is sent nothing of it any more. */
export async function setGroup(
  state: State,
  step: Step,
  groupId: Uint8Array,
  members: readonly string[],
): Promise<void> {
  const { group, left } = state.groups.set(step, groupId, members);
  step.durable = true;
  for (const peer of left) await endRecords(state, step, peer, group);
}

/** Forgets a group, with all of its messages. */
export async function removeGroup(state: State, step: Step, group: Group): Promise<void> {
  const { groups, store } = state;
  const members = [...group.members];
  for await (const [key] of store.range(timeKeys(group.id)))
    await forgetMessage(state, step, group, placeOf(key).id);
  groups.remove(step, group);
  step.durable = true;
  for (const peer of members) await endRecords(state, step, peer, group);
}

/** Lets the oldest messages of all groups go that are over their limits. */
export async function forgetOldest(state: State, step: Step): Promise<void> {
  const { groups, store, options, inbox } = state;
  for (const group of groups.all) {
    const oldest = await oldestMessages(store, group, options.limits, (id) => inbox.has(id));
    for (const place of oldest) {
      await forgetMessage(state, step, group, place.id);
      step.tell({ kind: "forgotten", id: place.id });
    }
    const newest = oldest.pop();
    if (newest !== undefined) groups.raiseFloor(step, group, newest);
  }
}

/** Lets the records of a peer be due soon: it has come online. What messages from it wait for is requested again. */
export function wake(state: State, step: Step, peer: string): void {
  const { records, waits, options, epoch } = state;
  if (!state.groups.knows(peer)) {
    step.tell({ kind: "ignored", reason: "unknown-peer", peer });
    return;
  }
  for (const record of records.all(peer)) {
    const sendEpoch = epoch + Math.floor(options.random() * options.onlineSpread);
    records.change(step, peer, { ...record, base: record.count, sendEpoch });
  }
  for (const parent of waits.awaitedFrom(peer))
    for (const missing of waits.missingBehind(parent)) request(state, step, peer, missing);
}

async function forgetMessage(state: State, step: Step, group: Group, id: Uint8Array): Promise<void> {
  const { groups, records, waits, inbox, outbox } = state;
  for (const peer of records.peers) {
    const record = records.of(peer, id);
    if (record !== undefined) records.giveUp(step, peer, record, "message-gone");
  }
  inbox.remove(step, hexOf(id));
  outbox.remove(step, hexOf(id));
  groups.dropHead(step, group, id);
  waits.forget(step, id);
  await deleteMessage(step, group, id);
}

async function endRecords(state: State, step: Step, peer: string, group: Group): Promise<void> {
  const { records, reactions, statements, groups } = state;
  const isStranger = !groups.knows(peer);
  if (isStranger) {
    reactions.forget(peer);
    statements.forget(step, peer);
  }
  for (const { id } of records.all(peer)) {
    const facts = isStranger ? undefined : await factsOf(step, id);
    if (isStranger || (facts !== undefined && hexOf(facts.groupId) === hexOf(group.id)))
      records.end(step, peer, id);
  }
}
