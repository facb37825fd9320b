// One round of catching up: who belongs to the group, what they wrote, and who may read what this device writes.

import { NotFoundError } from "@remote-log/core";
import { throwIfAborted } from "@remote-log/core/adapter";
import { checkRecipient } from "@remote-log/core/keyring";
import { OwnInvitations } from "../invite/invitations.ts";
import { isRemoved, type MemberState } from "../members/membership.ts";
import { MOST_AHEAD_MILLISECONDS } from "../options.ts";
import { type Audience, isRestored } from "../own/own-log.ts";
import type { NewEntry } from "../store/group-store.ts";
import { decodeEnvelope, timeOf } from "../wire/envelope.ts";
import { LARGEST_NUMBER, messageId } from "../wire/position.ts";
import { FollowedLog, type Take } from "./followed-log.ts";
import { Joining } from "./joining.ts";
import { MemberIdentity } from "./member-identity.ts";
import { PollPlan } from "./poll-plan.ts";
import type { SyncParts } from "./sync-parts.ts";

/** How many logs are read at once. */
const AT_ONCE = 8;

/** What came of the last round. */
export interface RoundResult {
  /** How many logs were asked. */
  readonly asked: number;
  /** How many of them could not be read. */
  readonly failed: number;
}

/** Catches up with a group, round by round. */
export class GroupSync {
  readonly invitations: OwnInvitations;
  readonly #parts: SyncParts;
  readonly #identity: MemberIdentity;
  readonly #followed = new Map<string, FollowedLog>();
  readonly #plan = new PollPlan();
  readonly #unusable = new Set<string>();
  readonly #joining: Joining;

  /** What kept logs from being read when they were asked last, by the id of the log, or the invitation that nobody could look for. */
  readonly failures: Map<string, unknown> = new Map();
  /** What came of the last round. */
  last: RoundResult | undefined;

  constructor(parts: SyncParts) {
    this.#parts = parts;
    this.#identity = new MemberIdentity(parts.keys.identity, parts.known);
    this.invitations = new OwnInvitations(parts);
    this.#joining = new Joining({ ...parts, follow: (log, link) => this.#follow(log, link) });
  }

  /**
   * Does a round. A member who can't be read is no reason not to read the others; {@link GroupSync.failures} has why.
   *
   * @param options - `all`: whether every log is asked, also in a large group
   */
  async round({ all, signal }: { readonly all: boolean; readonly signal: AbortSignal }): Promise<void> {
    const { members, own } = this.#parts;
    const counts = { asked: 0, failed: 0 };
    this.#plan.begin(this.#logs(), all);
    await this.#recover(signal).catch(() => throwIfAborted(signal));
    if (members.founder === undefined) await this.#joining.comeIn(signal);
    if (members.founder === undefined) return;
    if (members.self === undefined && !members.isWelcome) await this.#joining.readAgain(signal);
    await this.#readControls(counts, signal);
    if (members.self === undefined || isRemoved(members.self)) {
      await this.#setEnds();
      this.last = counts;
      return;
    }
    if (!own.isBehind) await this.#look(counts, signal);
    await this.#setEnds();
    if (!own.isBehind) await this.setAudiences(signal);
    await this.#each(this.#others(), { counts, signal, logOf: ({ id }) => id }, (member) =>
      this.#readMessages(member, signal),
    );
    this.last = counts;
  }

  /**
   * Publishes what newcomers wait for.
   *
   * @param everything - whether all logs of this device are published first
   */
  async publish(everything: boolean, signal: AbortSignal): Promise<void> {
    const { own } = this.#parts;
    if (own.isBehind) return;
    if (everything) {
      // Each of the logs may be behind.
      for (let left = own.count; ; left--) {
        try {
          await own.publish(signal);
          break;
        } catch (error) {
          if (!isRestored(error) || left === 0) throw error;
          await this.#recover(signal);
        }
      }
    }
    await this.invitations.publishWelcomes(signal);
  }

  /** The time as of which every log was read, in milliseconds since 1970; `undefined` if one was not yet, or can't be now. */
  get readAt(): number | undefined {
    if (this.failures.size > 0) return undefined;
    const logs = this.#logs();
    return logs.length === 0 ? this.#parts.now() : this.#plan.readAt(logs);
  }

  /** Lets the members read what this device writes, and nobody else. */
  async setAudiences(signal: AbortSignal | undefined): Promise<void> {
    const { members, own, recipient, settings } = this.#parts;
    const messages: Audience = new Map();
    const control: Audience = new Map();
    for (const member of members.all.values()) {
      if (isRemoved(member) || member.card.recipient === recipient) continue;
      const { recipient: named } = member.card;
      if (!(await this.#canBeNamed(named))) continue;
      const given = members.givenTo(member);
      // Two may say that they have one key: it is named for both.
      const history = this.#sawIt(member) || member.history || messages.get(named)?.history === true;
      messages.set(named, { history, holds: given.messages });
      control.set(named, { history: true, holds: given.control });
    }
    // Whoever was removed may have the keys without having been named here: others may have given them.
    const removed = [...members.all.values()].filter(isRemoved).map(({ id }) => id);
    const shutOut = new Set(await settings.list<string>("shut-out"));
    const changesKey = removed.some((id) => !shutOut.has(id));
    // Attachments have no readers by name: messages hold their keys. What is attached from now on has another.
    if (changesKey) await own.attachments.writer.revoke([], { signal });
    await own.messages.setAudience(messages, { changesKey, onlyIfWritten: false, signal });
    // Most members never say anything of who belongs to the group.
    await own.control.setAudience(control, { changesKey, onlyIfWritten: true, signal });
    if (changesKey) await settings.setList("shut-out", removed);
  }

  /** Closes every reader, and the remotes that were opened for them. */
  async close(): Promise<void> {
    await this.#joining.close();
    await this.invitations.close();
    for (const log of this.#followed.values()) await log.close();
  }

  // A card may name a recipient that nobody can have: no keyring could be made with it.
  async #canBeNamed(recipient: string): Promise<boolean> {
    if (this.#unusable.has(recipient)) return false;
    const kind = await checkRecipient(recipient).catch(() => undefined);
    if (kind === undefined) this.#unusable.add(recipient);
    return kind !== undefined;
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

  // A journal that was put back from a backup signs nothing until it has what was published.
  async #recover(signal: AbortSignal): Promise<void> {
    const { own, members, onWithdrawn } = this.#parts;
    if (!own.isBehind) return;
    const withdrawn = await own.recover(signal);
    await members.reload(own.control.id);
    const messages = withdrawn.filter(({ log }) => log === own.messages.id);
    if (messages.length > 0) onWithdrawn(messages.map(messageId));
  }

  async #look(counts: Counts, signal: AbortSignal): Promise<void> {
    for (const key of [...this.failures.keys()]) if (key.startsWith(INVITATION)) this.failures.delete(key);
    await this.invitations.look(signal, (number, error) => {
      this.failures.set(`${INVITATION}${number}`, error);
      counts.asked++;
      counts.failed++;
    });
  }

  #logs(): readonly string[] {
    return this.#others().flatMap(({ id, control }) => [id, control]);
  }

  // Each round of reading may name members whose own word is to be read.
  async #readControls(counts: Counts, signal: AbortSignal): Promise<void> {
    const read = new Set<string>();
    for (;;) {
      const unread = this.#others().filter(({ control }) => !read.has(control));
      if (unread.length === 0) return;
      for (const { control } of unread) {
        read.add(control);
        await this.#parts.members.load(control);
      }
      await this.#each(unread, { counts, signal, logOf: ({ control }) => control }, async (member) => {
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
    const log = this.#followed.get(id) ?? this.#follow(id, link);
    this.#followed.set(id, log);
    return log;
  }

  #follow(id: string, link: string): FollowedLog {
    const { store, schemes, readers, retries } = this.#parts;
    return new FollowedLog(id, link, { store, schemes, readers, identity: this.#identity, retries });
  }

  async #each(
    members: readonly MemberState[],
    { counts, logOf, signal }: Asking,
    work: (member: MemberState) => Promise<void>,
  ): Promise<void> {
    const waiting = members.filter((member) => this.#plan.isDue(logOf(member)));
    counts.asked += waiting.length;
    const worker = async (): Promise<void> => {
      for (let member = waiting.shift(); member !== undefined; member = waiting.shift()) {
        const log = logOf(member);
        const before = this.#parts.store.stateOf(log).next;
        this.#plan.asks(log);
        try {
          await work(member);
          this.failures.delete(log);
          this.#plan.read(log, this.#parts.now(), this.#parts.store.stateOf(log).next > before);
        } catch (error) {
          throwIfAborted(signal);
          counts.failed++;
          this.failures.set(log, error);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
}

interface Counts {
  asked: number;
  failed: number;
}

interface Asking {
  readonly counts: Counts;
  /** Which log of a member is asked. */
  readonly logOf: (member: MemberState) => string;
  readonly signal: AbortSignal;
}

const INVITATION = "invitation ";

/** A log that was never published is empty. */
function onlyIfThere(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}
