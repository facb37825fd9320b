// A group, as an application uses it.

import { ClosedError, InvalidInputError, type OperationOptions } from "@remote-log/core";
import { abortWith, anySignal, withAnySignal } from "@remote-log/core/adapter";
import type { AttachOptions, OwnAttachments } from "./attachments/attach.ts";
import { type PartSource, partsAt } from "./attachments/attachment.ts";
import type { AttachmentSource } from "./attachments/parts.ts";
import { checkCallOptions, checkMessage, checkSource } from "./check-options.ts";
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
import type { GroupStatus } from "./status.ts";
import { type RoundParts, Rounds } from "./sync/rounds.ts";
import type { SyncParts } from "./sync/sync-parts.ts";
import type { AttachmentPlace } from "./wire/envelope.ts";
import { LARGEST_NUMBER, messageId } from "./wire/position.ts";

const WEEK = 7 * 86_400_000;

/** What a group is made of. */
export interface GroupParts<T> extends SyncParts, RoundParts {
  readonly codec: Codec<T>;
  readonly attachments: OwnAttachments;
  readonly onStatus: ((status: GroupStatus) => void) | undefined;
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
  readonly #rounds: Rounds;
  #closed: Promise<void> | undefined;

  /** @internal Made by `openGroup`. */
  constructor(parts: GroupParts<T>) {
    this.#parts = parts;
    const { signal } = this.#closing;
    this.#rounds = new Rounds(parts, signal);
    if (parts.onStatus !== undefined) void this.#tellStatus(parts.onStatus);
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
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a message that nobody could read: the codec gave no bytes, or the attachments are none
   * @throws ClosedError `ERR_CLOSED` if the group is closed
   *
   * @example
   * ```ts
   * import type { Group } from "@remote-log/group";
   *
   * export async function say(group: Group<{ text: string }>, text: string): Promise<void> {
   *   const message = await group.append({ text }); // on this device; now show it as one that waits
   *   await message.published(); // and now as one that the others can read
   * }
   * ```
   */
  async append(value: T, options: AppendMessageOptions = {}): Promise<AppendedMessage> {
    this.#checkOpen("append");
    this.#checkMember("append");
    checkCallOptions(options, "append");
    const { own, codec, news } = this.#parts;
    const { attachments = [], signal } = options;
    const { type, version } = codec;
    const body = codec.encode(value);
    checkMessage(body, attachments);
    const message = { body, type, version, attachments };
    const { receipt, time } = await own.appendMessage(message, signal);
    news.tell();
    this.#rounds.awaitPublished();
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
   * @throws InvalidInputError `ERR_INVALID_INPUT` if the source is none, or gives something else than bytes
   * @throws RestoredError `ERR_RESTORED` as {@link Group.append}; ClosedError `ERR_CLOSED` if the group is closed
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
    checkCallOptions(options, "attach");
    checkSource(source);
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
   *
   * @example
   * ```ts
   * import type { Group } from "@remote-log/group";
   *
   * export async function show(group: Group<{ text: string }>, signal: AbortSignal): Promise<void> {
   *   const lines: { id: string; text: string }[] = [];
   *   for await (const { id, value, before } of group.messages({ live: true, signal })) {
   *     const at = lines.findIndex((line) => line.id === before);
   *     lines.splice(at < 0 ? lines.length : at, 0, { id, text: value.text });
   *     console.log(lines.map(({ text }) => text).join("\n"));
   *   }
   * }
   * ```
   */
  async *messages(options: MessagesOptions = {}): AsyncGenerator<Message<T>, void, undefined> {
    this.#checkOpen("messages");
    checkCallOptions(options, "messages");
    const { live = false, signal } = options;
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
   * Reads once what the others have written, lets in whom this device has invited, and publishes what waits. It resolves when all of
   * that is published. A member who can't be read is no reason to fail: {@link Group.status} has why.
   *
   * @returns the status after it
   * @throws what kept this device from publishing, as `Writer.publish`: UnreachableError `ERR_UNREACHABLE` if it is offline, above all. What
   * waits stays, and is published later. Everything that could be read was read all the same
   * @throws the signal's reason, or ClosedError `ERR_CLOSED` if the group is closed
   *
   * @example
   * ```ts
   * import { UnreachableError } from "@remote-log/core";
   * import { describeStatus, type Group } from "@remote-log/group";
   *
   * // What a phone does that is woken up for a moment.
   * export async function syncOnce(group: Group<unknown>): Promise<void> {
   *   await group.sync({ signal: AbortSignal.timeout(20_000) }).catch((error: unknown) => {
   *     if (!(error instanceof UnreachableError)) throw error;
   *   });
   *   for (const line of describeStatus(group.status())) console.log(line);
   * }
   * ```
   */
  async sync(options: OperationOptions = {}): Promise<GroupStatus> {
    this.#checkOpen("sync");
    checkCallOptions(options, "sync");
    const { signal } = options;
    await withAnySignal([this.#closing.signal, signal], (either) => this.#rounds.ask(either));
    return this.status();
  }

  /**
   * An invitation, as a text to send to another device: the first who comes with it is let in, if this device sees that within a week.
   * Send it like a password; {@link Group.takeBackInvitation} takes it back.
   *
   * @throws NotMemberError `ERR_NOT_MEMBER` if this device is no member, or may not invite
   * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"no-remotes"` if this device publishes nowhere
   * @throws RestoredError `ERR_RESTORED` as {@link Group.append}; ClosedError `ERR_CLOSED` if the group is closed
   *
   * @example
   * ```ts
   * import type { Group } from "@remote-log/group";
   *
   * export async function links(group: Group<unknown>): Promise<readonly string[]> {
   *   return [
   *     await group.invite(), // another person, who may read everything
   *     await group.invite({ history: false, validMilliseconds: 3_600_000 }), // who reads from now on; good for an hour
   *     await group.invite({ ownDevice: true }), // my phone
   *   ];
   * }
   * ```
   */
  async invite(options: InviteOptions = {}): Promise<string> {
    this.#checkOpen("invite");
    checkCallOptions(options, "invite");
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
   * @throws NotMemberError `ERR_NOT_MEMBER`, RestoredError `ERR_RESTORED` as {@link Group.append}; ClosedError `ERR_CLOSED` if the group is
   * closed
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
  async takeBackInvitation(invite: string, options: OperationOptions = {}): Promise<void> {
    this.#checkOpen("takeBackInvitation");
    this.#checkMember("takeBackInvitation");
    checkCallOptions(options, "takeBackInvitation");
    await this.#parts.syncing.invitations.takeBack(invite, options.signal);
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
   * @throws RestoredError `ERR_RESTORED` as {@link Group.append}; ClosedError `ERR_CLOSED` if the group is closed
   *
   * @example
   * ```ts
   * import type { Group } from "@remote-log/group";
   *
   * export async function removePerson(group: Group<unknown>, person: string): Promise<void> {
   *   const devices = group.status().members.filter((member) => member.person === person && !member.removed);
   *   await group.remove(devices.map(({ id }) => id));
   * }
   * ```
   */
  async remove(member: string | readonly string[], options: OperationOptions = {}): Promise<void> {
    this.#checkOpen("remove");
    const self = this.#checkMember("remove");
    checkCallOptions(options, "remove");
    const { signal } = options;
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

  /**
   * Leaves the group: the others are told, and keep what this device wrote. It can't come back; another seed can.
   *
   * @throws what {@link Group.remove} throws
   *
   * @example
   * ```ts
   * import type { Group } from "@remote-log/group";
   *
   * export async function goodbye(group: Group<{ text: string }>): Promise<void> {
   *   await group.append({ text: "Goodbye." });
   *   await group.leave();
   *   await group.sync(); // so that the others can read both
   *   await group.close();
   * }
   * ```
   */
  async leave(options: OperationOptions = {}): Promise<void> {
    await this.remove(this.self, options);
  }

  /** How far the group is, and how each member stands. */
  status(): GroupStatus {
    return this.#rounds.status();
  }

  /**
   * The status, and the new one whenever something may have changed.
   *
   * @throws the signal's reason, or ClosedError `ERR_CLOSED` if the group is closed
   *
   * @example
   * ```ts
   * import { describeStatus, type Group } from "@remote-log/group";
   *
   * export async function showStatus(group: Group<unknown>, signal: AbortSignal): Promise<void> {
   *   for await (const status of group.watch({ signal })) console.log(describeStatus(status).join("\n"));
   * }
   * ```
   */
  async *watch(options: OperationOptions = {}): AsyncGenerator<GroupStatus, void, undefined> {
    this.#checkOpen("watch");
    checkCallOptions(options, "watch");
    const ending = anySignal(this.#closing.signal, options.signal);
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

  async #tellStatus(tell: (status: GroupStatus) => void): Promise<void> {
    try {
      for await (const status of this.watch()) tell(status);
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
    }
  }

  async #close(): Promise<void> {
    abortWith(this.#closing, new ClosedError("The group was closed.", { operation: "group.close" }));
    await this.#rounds.ended();
    await this.#parts.closeAll();
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
