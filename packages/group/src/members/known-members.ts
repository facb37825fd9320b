// The members as this device knows them now: from every control log that it has read, kept up to date as more is read.

import type { GroupStore } from "../store/group-store.ts";
import { type MemberState, membershipOf } from "./membership.ts";
import {
  decodeRecord,
  GIVEN_ID_BYTES,
  type MembershipRecord,
  memberOf,
  type RosterEntry,
} from "./records.ts";

interface Numbered {
  readonly sequence: number;
  readonly record: MembershipRecord;
}

/** Keeps what control logs say, and works out who belongs to the group. */
export class KnownMembers {
  readonly #store: GroupStore;
  readonly #own: string;
  readonly #logs = new Map<string, Numbered[]>();
  #founder: string | undefined;
  #roster: readonly RosterEntry[] | undefined;
  // Worked out when somebody asks, and not at each of a thousand entries.
  #members: ReadonlyMap<string, MemberState> | undefined;

  /** @param own - the log of messages of this device */
  constructor(store: GroupStore, own: string) {
    this.#store = store;
    this.#own = own;
  }

  /** The control log of the founder: the id of the group. `undefined` until this device was let in. */
  get founder(): string | undefined {
    return this.#founder;
  }

  set founder(founder: string) {
    this.#founder = founder;
    this.#members = undefined;
  }

  /** Takes the word of who let this device in: it counts until the control logs of all members can be read. */
  set welcomed(roster: readonly RosterEntry[]) {
    this.#roster = roster.map(({ card, depth, person, admin, history }) => ({
      ...{ card, depth, person, admin, history },
    }));
    this.#members = undefined;
  }

  /** Whether the word of who let this device in is known. */
  get isWelcome(): boolean {
    return this.#roster !== undefined;
  }

  /** All members, by the id of their log of messages, those who were removed among them. */
  get all(): ReadonlyMap<string, MemberState> {
    this.#members ??= this.#workOut();
    return this.#members;
  }

  /** This device; `undefined` until it was let in. */
  get self(): MemberState | undefined {
    return this.all.get(this.#own);
  }

  /** Reads the entries of a control log from the store, if they were not read yet. */
  async load(control: string): Promise<void> {
    if (this.#logs.has(control)) return;
    const entries: Numbered[] = [];
    this.#logs.set(control, entries);
    for await (const { sequence, content } of this.#store.entriesOf(control))
      push(entries, sequence, content);
    this.#members = undefined;
  }

  /** Reads the entries of a control log from the store again. */
  async reload(control: string): Promise<void> {
    this.#logs.delete(control);
    await this.load(control);
  }

  /** Takes a new entry of a control log, whose earlier ones were loaded. One that does not decode says nothing. */
  take(control: string, sequence: number, content: Uint8Array): void {
    const entries = this.#logs.get(control) ?? [];
    this.#logs.set(control, entries);
    push(entries, sequence, content);
    this.#members = undefined;
  }

  /** What a control log says, as far as it was loaded. */
  recordsOf(control: string): readonly MembershipRecord[] {
    return (this.#logs.get(control) ?? []).map(({ record }) => record);
  }

  /** What a member got of the keys of this device from who let it in: the numbers of the epochs. */
  givenTo({ id, addedBy }: MemberState): { readonly messages?: number; readonly control?: number } {
    const by = addedBy === undefined ? undefined : this.all.get(addedBy);
    if (by === undefined) return {};
    const own = this.#own.slice(0, 2 * GIVEN_ID_BYTES);
    for (const record of this.recordsOf(by.control))
      if (record.type === "add" && memberOf(record.card) === id)
        return record.given.find(({ member }) => member === own) ?? {};
    return {};
  }

  /** The members for a newcomer, nearest to the founder first. */
  roster(): readonly (RosterEntry & Pick<MemberState, "id" | "control">)[] {
    return [...this.all.values()]
      .filter(({ messages }) => messages === Number.POSITIVE_INFINITY)
      .sort((a, b) => a.depth - b.depth || (a.id < b.id ? -1 : 1))
      .map(({ id, control, card, depth, person, admin, history }) => ({
        ...{ id, control, card, depth, person, admin, history },
      }));
  }

  #workOut(): ReadonlyMap<string, MemberState> {
    if (this.#founder === undefined) return new Map();
    const sources = { founder: this.#founder, logs: this.#logs };
    const members = membershipOf(sources);
    // Once everybody whose word counts can be read, theirs is enough.
    const complete =
      members.has(this.#own) && [...members.values()].every(({ control }) => this.#logs.has(control));
    if (complete || this.#roster === undefined) return members;
    return membershipOf({ ...sources, roster: this.#roster });
  }
}

function push(entries: Numbered[], sequence: number, content: Uint8Array): void {
  // What could not be kept is read again.
  if (sequence <= (entries[entries.length - 1]?.sequence ?? -1)) return;
  try {
    entries.push({ sequence, record: decodeRecord(content) });
  } catch {
    // Newer versions write what this one does not know. Its number is not given to another.
  }
}
