// One round of catching up: who belongs to the group, what they wrote, and who may read what this device writes.

import { formatLink, type KeyValueDatabase, NotFoundError, type Schemes } from "@remote-log/core";
import { throwIfAborted } from "@remote-log/core/adapter";
import { ReaderIdentity } from "@remote-log/core/keyring";
import { parseInvitation } from "../invite/invite-link.ts";
import { leaveCard, Mailbox } from "../invite/mailbox.ts";
import { type GroupKeys, invitationKeys } from "../keys.ts";
import type { KnownMembers } from "../members/known-members.ts";
import { isRemoved, type MemberState } from "../members/membership.ts";
import { type Card, controlOf } from "../members/records.ts";
import { type GroupOptions, MOST_AHEAD_MILLISECONDS, type UndecodableEntry } from "../options.ts";
import type { Audience } from "../own/own-log.ts";
import type { OwnLogs } from "../own/own-logs.ts";
import type { GroupStore, NewEntry } from "../store/group-store.ts";
import { prefixedDatabase } from "../store/prefixed-database.ts";
import type { Settings } from "../store/settings.ts";
import { decodeEnvelope } from "../wire/envelope.ts";
import { joined, LARGEST_NUMBER, messageId, numberBytes } from "../wire/position.ts";
import { FollowedLog, type Take } from "./followed-log.ts";

/** What a round works with. */
export interface SyncParts {
  readonly keys: GroupKeys;
  readonly own: OwnLogs;
  readonly members: KnownMembers;
  readonly store: GroupStore;
  readonly settings: Settings;
  /** The database of the journals, for what belongs to no log. */
  readonly journal: KeyValueDatabase;
  /** Where readers keep what they verified. */
  readonly readers: KeyValueDatabase;
  readonly schemes: Schemes;
  readonly remotes: NonNullable<GroupOptions<never>["remotes"]> | undefined;
  readonly name: string;
  readonly recipient: string;
  readonly now: () => number;
  readonly retries: number | undefined;
  readonly onUndecodable: (entry: UndecodableEntry) => void;
  readonly onWithdrawn: (ids: readonly string[]) => void;
}

const MAILBOX = new Uint8Array([3]);
const SCRATCH = new Uint8Array([4]);

/** How many logs are read at once. */
const AT_ONCE = 8;

/** Catches up with a group, round by round. */
export class GroupSync {
  readonly #parts: SyncParts;
  readonly #followed = new Map<string, FollowedLog>();
  readonly #mailboxes = new Map<number, Mailbox>();
  #card: Awaited<ReturnType<typeof leaveCard>> | undefined;
  #guest: FollowedLog | undefined;

  /** What kept each member's logs from being read in the last round, by the member's id. */
  readonly failures: Map<string, unknown> = new Map();

  constructor(parts: SyncParts) {
    this.#parts = parts;
  }

  /** Does a round. A member who can't be read is no reason not to read the others; {@link GroupSync.failures} has why. */
  async round(signal: AbortSignal): Promise<void> {
    const { members } = this.#parts;
    this.failures.clear();
    if (members.founder === undefined) await this.#comeIn(signal);
    if (members.founder === undefined) return;
    if (members.self === undefined) await this.#readInviter(signal);
    await this.#readControls(signal);
    if (members.self === undefined || isRemoved(members.self)) {
      await this.#setEnds();
      return;
    }
    await this.#lookIntoMailboxes(signal);
    await this.#setEnds();
    await this.setAudiences(signal);
    await this.#each(this.#others(), (member) => this.#readMessages(member, signal));
  }

  /** Lets the members read what this device writes, and nobody else. */
  async setAudiences(signal: AbortSignal | undefined): Promise<void> {
    const { members, own, recipient } = this.#parts;
    const messages: Audience = new Map();
    const control: Audience = new Map();
    for (const member of members.all.values()) {
      if (isRemoved(member) || member.card.recipient === recipient) continue;
      messages.set(member.card.recipient, { history: this.#sawIt(member) || member.history });
      control.set(member.card.recipient, { history: true });
    }
    for (const number of this.openInvitations()) {
      const { identity } = invitationKeys(this.#parts.keys.invitation(number));
      const [guest] = await new ReaderIdentity(identity).recipients();
      control.set(guest!, { history: true });
    }
    // Attachments have no readers by name: messages hold their keys. What is attached from now on has another.
    await own.messages.setAudience(messages, signal, () => own.attachments.writer.revoke([], { signal }));
    await own.control.setAudience(control, signal);
  }

  /** The numbers of the invitations of this device with which nobody has come yet. */
  openInvitations(): readonly number[] {
    const { members, own } = this.#parts;
    const records = members.recordsOf(own.control.id);
    const used = new Set(records.map((record) => (record.type === "add" ? record.invite : -1)));
    return records.flatMap((record) =>
      record.type === "invite" && !used.has(record.number) ? [record.number] : [],
    );
  }

  /** Closes every reader, and the remotes that were opened for them. */
  async close(): Promise<void> {
    await this.#guest?.close();
    await this.#card?.close();
    for (const mailbox of this.#mailboxes.values()) await mailbox.close();
    for (const log of this.#followed.values()) await log.close();
  }

  /** Whether a member belonged to the group before this device did: then it may read all of what this device writes. */
  #sawIt(member: MemberState): boolean {
    const { self } = this.#parts.members;
    return self !== undefined && member.depth < self.depth;
  }

  #others(): readonly MemberState[] {
    const { members, own } = this.#parts;
    return [...members.all.values()].filter(({ id }) => id !== own.messages.id);
  }

  // A newcomer reads the control log of who invited it, as a guest, until that names it.
  async #comeIn(signal: AbortSignal): Promise<void> {
    const { settings, members, own, journal, remotes, name, recipient } = this.#parts;
    const invite = await settings.get("invite");
    if (invite === undefined) return;
    const { control, secret } = parseInvitation(invite);
    const { identity, mailbox } = invitationKeys(secret);
    await members.load(control.logId);
    if (remotes !== undefined) {
      this.#card ??= await leaveCard(
        own.card(name, recipient),
        mailbox,
        prefixedDatabase(journal, MAILBOX),
        remotes,
      );
      await this.#card.publish(signal);
    }
    this.#guest ??= this.#follow(control.logId, formatLink(control), identity);
    await this.#guest.catchUp(this.#takeRecord(control.logId), {
      end: Number.POSITIVE_INFINITY,
      skips: false,
      signal,
    });
    const founder = members.admission(control.logId)?.roster[0];
    if (founder === undefined) return;
    const group = controlOf(founder.card);
    await settings.set("group", group);
    members.founder = group;
    await this.#guest.close();
    await this.#card?.close();
    this.#guest = undefined;
    this.#card = undefined;
  }

  // A device that lost what it had read knows by its invitation where to begin.
  async #readInviter(signal: AbortSignal): Promise<void> {
    const invite = await this.#parts.settings.get("invite");
    if (invite === undefined) return;
    const { control } = parseInvitation(invite);
    await this.#parts.members.load(control.logId);
    const log = this.#logOf(control.logId, formatLink(control));
    await log.catchUp(this.#takeRecord(control.logId), {
      end: Number.POSITIVE_INFINITY,
      skips: false,
      signal,
    });
  }

  // Each round of reading may name members whose own word is to be read.
  async #readControls(signal: AbortSignal): Promise<void> {
    const read = new Set<string>();
    for (;;) {
      const unread = this.#others().filter(({ control }) => !read.has(control));
      if (unread.length === 0) return;
      for (const { control } of unread) read.add(control);
      await this.#each(unread, async (member) => {
        await this.#parts.members.load(member.control);
        const log = this.#logOf(member.control, member.card.control);
        const end = member.controls;
        await log.catchUp(this.#takeRecord(member.control), { end, skips: false, signal }).catch(onlyIfThere);
      });
    }
  }

  async #readMessages(member: MemberState, signal: AbortSignal): Promise<void> {
    const { members } = this.#parts;
    const log = this.#logOf(member.id, member.card.messages);
    const skips = members.self?.history === false;
    await log
      .catchUp(this.#takeMessage(member.id), { end: member.messages, skips, signal })
      .catch(onlyIfThere);
  }

  // Of one who was removed, what came after does not count, also if it was read before.
  async #setEnds(): Promise<void> {
    const { members, store, onWithdrawn } = this.#parts;
    for (const { id, messages } of members.all.values()) {
      const withdrawn = await store.setEnd(id, Math.min(messages, LARGEST_NUMBER), timeOf);
      if (withdrawn.length > 0) onWithdrawn(withdrawn.map(messageId));
    }
  }

  async #lookIntoMailboxes(signal: AbortSignal): Promise<void> {
    const { remotes, keys, journal, readers } = this.#parts;
    if (remotes === undefined) return;
    for (const number of this.openInvitations()) {
      const { mailbox: seed } = invitationKeys(keys.invitation(number));
      const scratch = prefixedDatabase(journal, joined(SCRATCH, numberBytes(number)));
      const mailbox = this.#mailboxes.get(number) ?? new Mailbox(seed, scratch, readers, remotes);
      this.#mailboxes.set(number, mailbox);
      const card = await mailbox.card(signal).catch((error: unknown) => {
        throwIfAborted(signal);
        this.failures.set(`invitation ${number}`, error);
        return undefined;
      });
      if (card === undefined) continue;
      await this.#admit(card, number, signal);
      await mailbox.close();
      this.#mailboxes.delete(number);
    }
  }

  async #admit(card: Card, number: number, signal: AbortSignal): Promise<void> {
    const { members, own } = this.#parts;
    const invited = members
      .recordsOf(own.control.id)
      .find((record) => record.type === "invite" && record.number === number);
    if (invited?.type !== "invite") return;
    const { ownDevice, admin, history } = invited;
    const roster = members.roster();
    const record = { type: "add", card, ownDevice, invite: number, admin, history, roster } as const;
    const { sequence, content } = await own.appendRecord(record, signal);
    members.take(own.control.id, sequence, content);
  }

  #takeRecord(log: string): Take {
    const { members, now } = this.#parts;
    return (sequence, content) => {
      members.take(log, sequence, content);
      return { log, sequence, content, receivedAt: now() };
    };
  }

  #takeMessage(log: string): Take {
    const { store, now, onUndecodable } = this.#parts;
    let latest = store.stateOf(log).latest;
    return (sequence, content): NewEntry | "wait" => {
      const receivedAt = now();
      const kept = { log, sequence, content, receivedAt };
      try {
        const { time, parents } = decodeEnvelope(content);
        // Its author's clock is wrong, or ours is. Until one of them is mended, or the time has come, it waits.
        if (time > receivedAt + MOST_AHEAD_MILLISECONDS) return "wait";
        // An author who says that a later message came before an earlier one is not believed about the later one.
        if (time <= latest) throw new RangeError("Its time is not later than that of the message before it.");
        latest = time;
        return { ...kept, time, parents: parents.filter((parent) => parent.log !== log) };
      } catch (error) {
        onUndecodable({ id: messageId({ log, sequence }), author: log, error });
        return kept;
      }
    };
  }

  #logOf(id: string, link: string): FollowedLog {
    const log = this.#followed.get(id) ?? this.#follow(id, link, this.#parts.keys.identity);
    this.#followed.set(id, log);
    return log;
  }

  #follow(id: string, link: string, identity: string): FollowedLog {
    const { store, schemes, readers, retries } = this.#parts;
    return new FollowedLog(id, link, { store, schemes, readers, identity, retries });
  }

  async #each(members: readonly MemberState[], work: (member: MemberState) => Promise<void>): Promise<void> {
    const waiting = [...members];
    const worker = async (): Promise<void> => {
      for (let member = waiting.shift(); member !== undefined; member = waiting.shift()) {
        const { id } = member;
        await work(member).catch((error: unknown) => this.failures.set(id, error));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
}

/** A log that was never published is empty. */
function onlyIfThere(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}

function timeOf(content: Uint8Array): number | undefined {
  try {
    return decodeEnvelope(content).time;
  } catch {
    return undefined;
  }
}
