// The members as this device knows them now: from every control log that it has read, kept up to date as more is read.

import type { GroupStore } from "../store/group-store.ts";
import { type MemberState, membershipOf } from "./membership.ts";
import { decodeRecord, type MembershipRecord, memberOf, type RosterEntry } from "./records.ts";

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
  #members: ReadonlyMap<string, MemberState> = new Map();

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
    this.#changed();
  }

  /** All members, by the id of their log of messages, those who were removed among them. */
  get all(): ReadonlyMap<string, MemberState> {
    return this.#members;
  }

  /** This device; `undefined` until it was let in. */
  get self(): MemberState | undefined {
    return this.#members.get(this.#own);
  }

  /** Reads the entries of a control log from the store, if they were not read yet. */
  async load(control: string): Promise<void> {
    if (this.#logs.has(control)) return;
    const entries: Numbered[] = [];
    this.#logs.set(control, entries);
    for await (const { sequence, content } of this.#store.entriesOf(control))
      push(entries, sequence, content);
    this.#changed();
  }

  /** Takes a new entry of a control log, whose earlier ones were loaded. One that does not decode says nothing. */
  take(control: string, sequence: number, content: Uint8Array): void {
    const entries = this.#logs.get(control) ?? [];
    this.#logs.set(control, entries);
    push(entries, sequence, content);
    this.#changed();
  }

  /** What a control log says, as far as it was loaded. */
  recordsOf(control: string): readonly MembershipRecord[] {
    return (this.#logs.get(control) ?? []).map(({ record }) => record);
  }

  /** The entry by which this device was let in, if a control log has it. */
  admission(control: string): (MembershipRecord & { readonly type: "add" }) | undefined {
    for (const record of this.recordsOf(control))
      if (record.type === "add" && memberOf(record.card) === this.#own) return record;
    return undefined;
  }

  /** The members for a newcomer, nearest to the founder first. */
  roster(): readonly RosterEntry[] {
    return [...this.#members.values()]
      .filter(({ messages }) => messages === Number.POSITIVE_INFINITY)
      .sort((a, b) => a.depth - b.depth || (a.id < b.id ? -1 : 1))
      .map(({ card, depth, person, admin, history }) => ({ card, depth, person, admin, history }));
  }

  #changed(): void {
    if (this.#founder === undefined) return;
    const sources = { founder: this.#founder, logs: this.#logs };
    const members = membershipOf(sources);
    const roster = this.#rosterOfAdmission();
    // Once everybody whose word counts can be read, theirs is enough.
    const complete =
      members.has(this.#own) && [...members.values()].every(({ control }) => this.#logs.has(control));
    this.#members = complete || roster === undefined ? members : membershipOf({ ...sources, roster });
  }

  #rosterOfAdmission(): readonly RosterEntry[] | undefined {
    for (const control of this.#logs.keys()) {
      const admission = this.admission(control);
      if (admission !== undefined) return admission.roster;
    }
    return undefined;
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
