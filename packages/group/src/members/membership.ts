// Who belongs to a group: what follows from all control logs, whatever the order in which they were read.

import {
  type Card,
  controlOf,
  type MembershipRecord,
  MOST_DEVICES,
  MOST_MEMBERS,
  memberOf,
  type RosterEntry,
} from "./records.ts";

/** A device in a group, or one that was. */
export interface MemberState {
  /** Its log of messages, by which it is named. */
  readonly id: string;
  /** Its control log. */
  readonly control: string;
  readonly card: Card;
  /** The number of invitations between it and the founder: who is nearer has the last word. */
  readonly depth: number;
  /** The log of messages of the first device of the same person. */
  readonly person: string;
  /** Who added it; absent for the founder, and for who is known by a roster alone. */
  readonly addedBy?: string;
  admin: boolean;
  history: boolean;
  /** How many of its messages count. Infinity, unless it was removed. */
  messages: number;
  /** How many entries of its control log count. Infinity, unless it was removed. */
  controls: number;
}

/** Entries of control logs, by log id, in the order of each log. What did not decode is left out by the caller, and its number is skipped. */
export type ControlLogs = ReadonlyMap<
  string,
  readonly { readonly sequence: number; readonly record: MembershipRecord }[]
>;

/** From what membership follows. */
export interface MembershipSources {
  /** The control log of the founder: the id of the group. */
  readonly founder: string;
  readonly logs: ControlLogs;
  /** Members as who invited this device knew them; they count while the logs that made them members can't be read. */
  readonly roster?: readonly RosterEntry[];
}

/**
 * The members of a group, by id. The founder is the first, whose word is the first entry of their control log. An admin adds
 * others, and removes who is farther from the founder; everybody adds and removes devices of the same person, and may leave. Of
 * one who was removed, only those entries count that who removed it had seen. So no two members can shut out each other, and all who
 * have read the same control logs agree.
 */
export function membershipOf({
  founder,
  logs,
  roster = [],
}: MembershipSources): ReadonlyMap<string, MemberState> {
  const members: Members = new Map();
  const removals: Removal[] = [];
  const first = logs.get(founder)?.[0];
  if (first?.sequence === 0 && first.record.type === "create" && controlOf(first.record.card) === founder) {
    const { card } = first.record;
    put(members, { card, depth: 0, person: memberOf(card), admin: true, history: true });
  }
  for (const entry of roster) put(members, entry);
  for (let depth = 0; depth <= deepest(members); depth++) {
    const level = [...members.values()].filter((member) => member.depth === depth);
    // What was said of them nearer to the founder is complete; of two at one depth, the order of ids decides what stands.
    for (const member of level.sort((a, b) => (a.id < b.id ? -1 : 1)))
      hear(member, { members, logs, removals });
  }
  return members;
}

// A roster comes from another device, and may say anything of depths.
function deepest(members: ReadonlyMap<string, MemberState>): number {
  return Math.min(MOST_MEMBERS, Math.max(0, ...[...members.values()].map(({ depth }) => depth)));
}

type Members = Map<string, MemberState>;

/** What a member said of another's removal. */
interface Removal {
  readonly by: MemberState;
  readonly record: MembershipRecord & { readonly type: "remove" };
}

interface Hearing {
  readonly members: Members;
  readonly logs: ControlLogs;
  /** All removals so far. Whoever is removed may become known as a member later: who removed it is nearer to the founder. */
  readonly removals: Removal[];
}

/** Takes what one member says. */
function hear(member: MemberState, { members, logs, removals }: Hearing): void {
  const entries = logs.get(member.control) ?? [];
  // Its own leaving is heard first: nothing counts that comes after it.
  for (const { record } of entries)
    if (record.type === "remove" && record.member === member.id) cut(member, record);
  for (const { sequence, record } of entries) {
    if (sequence >= member.controls) return;
    if (record.type === "add") {
      add(member, record, members);
      const added = members.get(memberOf(record.card));
      for (const removal of removals) remove(removal, added);
    } else if (record.type === "remove") {
      removals.push({ by: member, record });
      remove({ by: member, record }, members.get(record.member));
    }
  }
}

function add(
  by: MemberState,
  record: MembershipRecord & { readonly type: "add" },
  members: Map<string, MemberState>,
): void {
  const { card, ownDevice, history } = record;
  const admin = record.admin && by.admin;
  const own = members.get(memberOf(card));
  if (!by.admin && !ownDevice) return;
  if (own === undefined) {
    // Anybody may add devices of their own: they must not fill the group.
    if (ownDevice && devicesOf(by.person, members) >= MOST_DEVICES) return;
    const person = ownDevice ? by.person : memberOf(card);
    put(members, { card, depth: by.depth + 1, person, admin, history: history && by.history }, by.id);
  } else if (own.depth > by.depth) {
    own.admin ||= admin;
    own.history ||= history && by.history;
  }
}

function devicesOf(person: string, members: ReadonlyMap<string, MemberState>): number {
  return [...members.values()].filter((member) => member.person === person).length;
}

function remove({ by, record }: Removal, target: MemberState | undefined): void {
  if (target?.id !== record.member || target.depth <= by.depth) return;
  if (by.admin || target.person === by.person) cut(target, record);
}

function cut(
  target: MemberState,
  { messages, control }: MembershipRecord & { readonly type: "remove" },
): void {
  target.messages = Math.min(target.messages, messages);
  target.controls = Math.min(target.controls, control);
}

function put(members: Map<string, MemberState>, { card, ...member }: RosterEntry, addedBy?: string): void {
  const id = memberOf(card);
  if (members.has(id) || members.size >= MOST_MEMBERS) return;
  const whole = { messages: Number.POSITIVE_INFINITY, controls: Number.POSITIVE_INFINITY };
  members.set(id, { id, control: controlOf(card), card, ...member, ...whole, ...(addedBy && { addedBy }) });
}

/** Whether a device was removed, or left. */
export function isRemoved({ messages }: Pick<MemberState, "messages">): boolean {
  return messages !== Number.POSITIVE_INFINITY;
}
