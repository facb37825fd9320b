// A group, as an application uses it.

import { ClosedError, InvalidInputError, type OperationOptions } from "@remote-log/core";
import { abortWith, anySignal, throwIfAborted, withAnySignal } from "@remote-log/core/adapter";
import type { AttachOptions, OwnAttachments } from "./attachments/attach.ts";
import { type PartSource, partsAt } from "./attachments/attachment.ts";
import type { AttachmentSource } from "./attachments/parts.ts";
import type { Codec } from "./codec.ts";
import { NotMemberError } from "./errors.ts";
import type {
  AppendedMessage,
  AppendMessageOptions,
  InviteOptions,
  MessagesOptions,
} from "./group-options.ts";
import { isRemoved, type MemberState } from "./members/membership.ts";
import { type Message, messagesOf } from "./messages.ts";
import { PublishNews } from "./own/publish-news.ts";
import type { GroupStatus, MemberStatus } from "./status.ts";
import type { GroupSync } from "./sync/group-sync.ts";
import type { News } from "./sync/news.ts";
import { poll } from "./sync/poll.ts";
import type { SyncParts } from "./sync/sync-parts.ts";
import type { AttachmentPlace } from "./wire/envelope.ts";
import { LARGEST_NUMBER, messageId } from "./wire/position.ts";

const WEEK = 7 * 86_400_000;

/** What a group is made of. */
export interface GroupParts<T> extends SyncParts {
  readonly codec: Codec<T>;
  readonly syncing: GroupSync;
  readonly news: News;
  readonly attachments: OwnAttachments;
  /** The time between two polls; `undefined` if it reads when it is told to. */
  readonly pollMilliseconds: number | undefined;
  /** What is closed after everything else. */
  readonly closeAll: () => Promise<void>;
}

/**
 * Several devices' logs as one. Made by `openGroup`.
 *
 * Every device appends to a log of its own, and reads those of the others from where they publish. No two have to be online at the
 * same time, and no storage can read what they write.
 */
export class Group<T> {
  readonly #parts: GroupParts<T>;
  readonly #closing = new AbortController();
  readonly #published: PublishNews;
  #round: Promise<void> = Promise.resolve();
  #polling: Promise<void> = Promise.resolve();
  // Whether nobody else is there to be asked, and the own place does not answer.
  #isCutOff = false;
  #upToDateAt: number | undefined;
  #closed: Promise<void> | undefined;

  /** @internal Made by `openGroup`. */
  constructor(parts: GroupParts<T>) {
    this.#parts = parts;
    const { pollMilliseconds } = parts;
    const { signal } = this.#closing;
    this.#published = new PublishNews(() => parts.news.tell(), signal);
    if (pollMilliseconds !== undefined)
      this.#polling = poll((until) => this.#oneRound(false, until), pollMilliseconds, signal);
  }

  /** The id of the group: the control log of its founder. `undefined` until this device was let in. */
  get id(): string | undefined {
    return this.#parts.members.founder;
  }

  /** This device: the id of its log of messages. */
  get self(): string {
    return this.#parts.own.messages.id;
  }

  /**
   * Appends a message. It is durable on this device when this resolves, offline too, and is published in the background
   * (`sync: "auto"`) or with the next {@link Group.sync}.
   *
   * @throws NotMemberError `ERR_NOT_MEMBER` if this device was removed, or left
   * @throws RestoredError `ERR_RESTORED` if its journal is older than what was written with it, and was not read back yet
   * @throws TooLargeError `ERR_TOO_LARGE` if it has more bytes than a log takes; and what the codec throws
   */
  async append(value: T, options: AppendMessageOptions = {}): Promise<AppendedMessage> {
    this.#checkOpen("append");
    this.#checkMember("append");
    const { own, codec, news } = this.#parts;
    const { attachments = [], signal } = options;
    const { type, version } = codec;
    const message = { body: codec.encode(value), type, version, attachments };
    const { receipt, time } = await own.appendMessage(message, signal);
    news.tell();
    this.#published.expect(receipt);
    return {
      id: messageId({ log: this.self, sequence: receipt.sequence }),
      time,
      published: (options) => receipt.published(options),
    };
  }

  /**
   * Keeps bytes on this device that a message will have attached: of any number, in parts, each durable as it is taken. Give what it returns to
   * {@link Group.append}; the others fetch it when they ask for it (`Message.attachments`).
   *
   * @throws NotMemberError `ERR_NOT_MEMBER` if this device was removed, or left; and what the source throws
   *
   * @example
   * ```ts
   * import type { Group } from "@remote-log/group";
   *
   * export async function sendPhoto(group: Group<{ text: string }>, photo: Uint8Array): Promise<void> {
   *   const attachment = await group.attach(photo, { resume: "photo-17" });
   *   await group.append({ text: "Look!" }, { attachments: [attachment] });
   * }
   * ```
   */
  async attach(source: AttachmentSource, options: AttachOptions = {}): Promise<AttachmentPlace> {
    this.#checkOpen("attach");
    this.#checkMember("attach");
    return this.#parts.attachments.attach(source, options);
  }

  /**
   * The messages that are on this device, in the order of the group, whether it is online or not; then, with `live`, new ones as
   * they come. The order is the same on every device that has read the same messages: no message stands before one that its author
   * had read. One that comes late says in front of which it belongs (`before`).
   *
   * Messages that do not decode are passed over, and told to `onUndecodable`.
   *
   * @throws the signal's reason, or ClosedError `ERR_CLOSED` if the group is closed
   */
  async *messages({
    live = false,
    signal,
  }: MessagesOptions = {}): AsyncGenerator<Message<T>, void, undefined> {
    this.#checkOpen("messages");
    const { store, codec, onUndecodable, news } = this.#parts;
    const source = {
      store,
      codec,
      onUndecodable,
      own: this.self,
      partsOf: (author: string) => this.#partsOf(author),
      news: (until: AbortSignal) => news.next(until),
    };
    const ending = anySignal(this.#closing.signal, signal);
    try {
      yield* messagesOf(source, { live, signal: ending.signal });
    } finally {
      ending.clear();
    }
  }

  /**
   * Reads once what the others have written, lets in whom this device has invited, and publishes what waits. A member who can't be
   * read is no reason to fail: {@link Group.status} has why.
   *
   * @returns the status after it
   */
  async sync({ signal }: OperationOptions = {}): Promise<GroupStatus> {
    this.#checkOpen("sync");
    await withAnySignal([this.#closing.signal, signal], (either) => this.#oneRound(true, either));
    return this.status();
  }

  /**
   * An invitation, as a text to send to another device: the first who comes with it is let in, if this device sees that within a week.
   * Send it like a password; {@link Group.takeBackInvitation} takes it back.
   *
   * @throws NotMemberError `ERR_NOT_MEMBER` if this device is no member, or may not invite
   * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"no-remotes"` if this device publishes nowhere
   */
  async invite(options: InviteOptions = {}): Promise<string> {
    this.#checkOpen("invite");
    const {
      ownDevice = false,
      admin = ownDevice,
      history = true,
      validMilliseconds = WEEK,
      signal,
    } = options;
    if (!(validMilliseconds > 0))
      throw new InvalidInputError("`validMilliseconds` of group.invite must be more than 0.", {
        operation: "group.invite",
      });
    const self = this.#checkMember("invite");
    if (self === undefined || (!self.admin && !ownDevice)) throw notAllowed("invite others");
    const { own, syncing, now } = this.#parts;
    if (own.control.uris.length === 0)
      throw new InvalidInputError(
        "Nobody can be invited: this device publishes nowhere. Give `remotes` to openGroup.",
        {
          operation: "group.invite",
          reason: "no-remotes",
        },
      );
    const expires = Math.min(LARGEST_NUMBER, Math.ceil(now() + validMilliseconds));
    return syncing.invitations.make({ ownDevice, admin: admin && self.admin, history, expires }, signal);
  }

  /**
   * Takes back an invitation of this device that nobody has come in with: whoever has it stays outside. Who came in with it already is
   * removed with {@link Group.remove}.
   *
   * @param invite - its text
   * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"not-open"` if it was used, has expired, or is another device's
   *
   * @example
   * ```ts
   * import type { Group } from "@remote-log/group";
   *
   * export async function sendAnother(group: Group<unknown>, lost: string): Promise<string> {
   *   await group.takeBackInvitation(lost);
   *   return group.invite();
   * }
   * ```
   */
  async takeBackInvitation(invite: string, { signal }: OperationOptions = {}): Promise<void> {
    this.#checkOpen("takeBackInvitation");
    this.#checkMember("takeBackInvitation");
    await this.#parts.syncing.invitations.takeBack(invite, signal);
  }

  /**
   * Removes a device: what it writes from now on does not count, and it can't read what the others write from when they have
   * heard of it. What it had read before stays readable to it.
   *
   * Another device of the same person stays, if it is not named as well.
   *
   * @param member - the id of its log of messages; or those of several, which are removed at once
   * @throws NotMemberError `ERR_NOT_MEMBER` if this device may not remove it: it is no admin, or the other one is as near to the founder
   * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"no-member"` if there is no such member
   */
  async remove(member: string | readonly string[], { signal }: OperationOptions = {}): Promise<void> {
    this.#checkOpen("remove");
    const self = this.#checkMember("remove");
    const { members, own, store, syncing, news } = this.#parts;
    const targets = [member].flat().map((id) => {
      const target = members.all.get(id);
      if (target === undefined || isRemoved(target))
        throw new InvalidInputError("There is no such member. `status().members` has their ids.", {
          operation: "group.remove",
          reason: "no-member",
        });
      if (self === undefined || !mayRemove(self, target)) throw notAllowed("remove this member");
      return target;
    });
    // Itself last: nothing counts that it says after that.
    for (const { id, control: log } of targets.sort((a, b) => Number(a === self) - Number(b === self))) {
      const isOwn = id === this.self;
      const messages = store.stateOf(id).next;
      const control = store.stateOf(log).next + (isOwn ? 1 : 0);
      const record = { type: "remove", member: id, messages, control } as const;
      const { sequence, content } = await own.appendRecord(record, signal);
      // Whoever leaves lets the others read that it does.
      if (isOwn) await syncing.setAudiences(signal);
      members.take(own.control.id, sequence, content);
    }
    if (!targets.some(({ id }) => id === this.self)) await syncing.setAudiences(signal);
    news.tell();
  }

  /** Leaves the group: the others are told, and keep what this device wrote. It can't come back; another seed can. */
  async leave(options: OperationOptions = {}): Promise<void> {
    await this.remove(this.self, options);
  }

  /** How far the group is, and how each member stands. */
  status(): GroupStatus {
    const { members, own } = this.#parts;
    const all = [...members.all.values()];
    const { self } = members;
    return {
      state: this.#state(self),
      waitingToPublish: own.messages.waiting,
      ...(this.#upToDateAt !== undefined && { upToDateAt: this.#upToDateAt }),
      members: all.map((member) => this.#statusOf(member)),
    };
  }

  /** The status, and the new one whenever something may have changed. */
  async *watch({ signal }: OperationOptions = {}): AsyncGenerator<GroupStatus, void, undefined> {
    this.#checkOpen("watch");
    const ending = anySignal(this.#closing.signal, signal);
    try {
      for (;;) {
        const changed = this.#parts.news.next(ending.signal);
        changed.catch(() => undefined);
        yield this.status();
        await changed;
      }
    } finally {
      ending.clear();
    }
  }

  /** Ends every stream, and closes the logs, the databases, and the remotes that were opened for them. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Closes the group. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    abortWith(this.#closing, new ClosedError("The group was closed.", { operation: "group.close" }));
    await this.#polling.catch(() => undefined);
    await this.#round.catch(() => undefined);
    await this.#parts.closeAll();
  }

  // One round at a time: whoever asks while one runs gets the next.
  async #oneRound(all: boolean, signal: AbortSignal): Promise<void> {
    const before = this.#round;
    const round = (async () => {
      await before.catch(() => undefined);
      throwIfAborted(signal);
      const { syncing, news, members, pollMilliseconds } = this.#parts;
      try {
        await syncing.round({ all, signal });
        this.#isCutOff = await this.#noneAnswers(signal);
        if (members.self !== undefined && !this.#isCutOff)
          this.#upToDateAt = syncing.readAt ?? this.#upToDateAt;
        throwIfAborted(signal);
        await syncing.publish(pollMilliseconds === undefined, signal);
      } finally {
        news.tell();
      }
    })();
    this.#round = round;
    await round;
  }

  // Whoever has nobody to ask looks at its own place: an idle device that is offline must not look as if it were up to date.
  async #noneAnswers(signal: AbortSignal): Promise<boolean> {
    const { syncing, own } = this.#parts;
    if (syncing.last?.asked !== 0 || own.messages.uris.length === 0) return false;
    return !(await own.messages.isReachable(signal));
  }

  #state(self: MemberState | undefined): GroupStatus["state"] {
    const { syncing, own } = this.#parts;
    if (own.isBehind) return "recovering";
    if (self === undefined) return "joining";
    if (isRemoved(self)) return "removed";
    if (syncing.last === undefined) return "starting";
    const { asked, failed } = syncing.last;
    if (this.#isCutOff || (asked > 0 && failed === asked)) return "offline";
    return syncing.failures.size > 0 ? "partly" : "up-to-date";
  }

  #statusOf(member: MemberState): MemberStatus {
    const { id, control, person, admin, card } = member;
    const { store, syncing } = this.#parts;
    const { heard } = store.stateOf(id);
    const error = syncing.failures.get(id) ?? syncing.failures.get(control);
    return {
      id,
      name: card.name,
      person,
      own: id === this.self,
      admin,
      removed: isRemoved(member),
      ...(heard > 0 && { heardAt: heard }),
      ...(error !== undefined && { error }),
    };
  }

  #partsOf(author: string): PartSource {
    const { members, attachments, schemes, readers, retries } = this.#parts;
    if (author === this.self) return (_, ranges) => attachments.parts(ranges);
    return partsAt(members.all.get(author)!.card.attachments, { schemes, readers, retries });
  }

  #checkOpen(verb: string): void {
    if (this.#closed !== undefined)
      throw new ClosedError("The group is closed. Open it again with openGroup.", {
        operation: `group.${verb}`,
      });
  }

  #checkMember(verb: string): MemberState | undefined {
    const { self } = this.#parts.members;
    if (self !== undefined && isRemoved(self))
      throw new NotMemberError(
        "This device is not a member of the group any more. Ask for an invitation, and open it with a new seed.",
        {
          operation: `group.${verb}`,
          reason: "removed",
        },
      );
    return self;
  }
}

function mayRemove(self: MemberState, target: MemberState): boolean {
  if (target.id === self.id) return true;
  return target.depth > self.depth && (self.admin || target.person === self.person);
}

function notAllowed(what: string): NotMemberError {
  return new NotMemberError(`This device may not ${what}. An admin nearer to the founder may.`, {
    operation: "group.membership",
    reason: "not-allowed",
  });
}
