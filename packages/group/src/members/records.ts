// What members say of who belongs to the group: the entries of their control logs.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { InvalidInputError, MalformedError, parseLink } from "@remote-log/core";
import { bytesEqual } from "@remote-log/core/adapter";
import { decodeStrictly, encodeStrictly } from "../wire/cbor.ts";
import { LARGEST_NUMBER } from "../wire/position.ts";

/** A device of a member, as it is made known to the others. */
export interface Card {
  /** The link of its log of messages, without a key: where it is read. */
  readonly messages: string;
  /** The link of its control log, without a key. */
  readonly control: string;
  /** The link of its log of attachments, without a key. */
  readonly attachments: string;
  /** The recipient of its reader's identity: what others name it by as a reader. */
  readonly recipient: string;
  /** What people call it. */
  readonly name: string;
}

/** What a newcomer may do, and read. */
interface Rights {
  /** Whether it may invite and remove others. */
  readonly admin: boolean;
  /** Whether it may read what was written before it came. */
  readonly history: boolean;
}

/** A member as another member knew it: for newcomers, who can't read yet what made it one. */
export interface RosterEntry extends Rights {
  readonly card: Card;
  /** The number of invitations between it and the founder. */
  readonly depth: number;
  /** The log of messages of the first device of the same person. */
  readonly person: string;
}

/** Which keys of a member a newcomer got from who let it in. */
export interface GivenKeys {
  /** The beginning of the id of the member's log of messages: {@link GIVEN_ID_BYTES} bytes, as hexadecimal digits. */
  readonly member: string;
  /** The number of the epoch up to which the log of messages is opened; absent if its key was not given. */
  readonly messages?: number;
  /** The same of the control log. */
  readonly control?: number;
}

/** How much of a member's id tells it apart where nothing depends on it but when somebody is named as a reader. */
export const GIVEN_ID_BYTES = 8;

/** An entry of a control log. */
export type MembershipRecord =
  | { readonly type: "create"; readonly card: Card }
  | ({
      readonly type: "invite";
      readonly number: number;
      readonly ownDevice: boolean;
      /** Until when it is good, in milliseconds since 1970; the largest number if it is good for ever. */
      readonly expires: number;
    } & Rights)
  | { readonly type: "take-back" /** The number of the invitation. */; readonly number: number }
  | ({
      readonly type: "add";
      readonly card: Card;
      /** Whether it is another device of who adds it. */
      readonly ownDevice: boolean;
      /** The number of the invitation that it came with. */
      readonly invite: number;
      /** Whose keys the device got from who adds it. */
      readonly given: readonly GivenKeys[];
    } & Rights)
  | {
      readonly type: "remove";
      /** The log of messages of the device. */
      readonly member: string;
      /** How many of its messages count. */
      readonly messages: number;
      /** How many entries of its control log count. */
      readonly control: number;
    };

/** The longest name of a device, in characters. */
export const LONGEST_NAME = 64;

/** The most devices of a group. */
export const MOST_MEMBERS = 200;

/** The most devices of one person. */
export const MOST_DEVICES = 16;

const FORM = 1;
const RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/;

/** Encodes an entry of a control log. */
export function encodeRecord(record: MembershipRecord): Uint8Array {
  switch (record.type) {
    case "create":
      return encodeStrictly([FORM, 0, cardParts(record.card)]);
    case "invite":
      return encodeStrictly([
        FORM,
        1,
        record.number,
        record.ownDevice,
        record.admin,
        record.history,
        record.expires,
      ]);
    case "add": {
      const { card, ownDevice, invite, admin, history, given } = record;
      const keys = given.map(({ member, messages, control }) => [
        hexToBytes(member),
        messages === undefined ? 0 : messages + 1,
        control === undefined ? 0 : control + 1,
      ]);
      return encodeStrictly([FORM, 2, cardParts(card), ownDevice, invite, admin, history, keys]);
    }
    case "remove":
      return encodeStrictly([FORM, 3, record.member, record.messages, record.control]);
    case "take-back":
      return encodeStrictly([FORM, 4, record.number]);
  }
}

/**
 * Decodes an entry of a control log.
 *
 * @throws MalformedError `ERR_MALFORMED` if it is none, or of a newer form
 */
export function decodeRecord(bytes: Uint8Array): MembershipRecord {
  const parts = decodeStrictly(bytes, "An entry of a control log");
  if (!Array.isArray(parts) || parts[0] !== FORM)
    throw malformed("is not of the form that this version knows");
  const record = recordFrom(parts[1], new Parts(parts.slice(2)));
  if (!bytesEqual(encodeRecord(record), bytes)) throw malformed("is encoded in another way than ours");
  return record;
}

function recordFrom(kind: unknown, parts: Parts): MembershipRecord {
  switch (kind) {
    case 0:
      return { type: "create", card: parts.card() };
    case 1: {
      const [number, ownDevice] = [parts.number(), parts.flag()];
      const [admin, history] = [parts.flag(), parts.flag()];
      return { type: "invite", number, ownDevice, admin, history, expires: parts.number() };
    }
    case 2: {
      const [card, ownDevice, invite] = [parts.card(), parts.flag(), parts.number()];
      const [admin, history] = [parts.flag(), parts.flag()];
      return { type: "add", card, ownDevice, invite, admin, history, given: parts.given() };
    }
    case 3:
      return {
        type: "remove",
        member: parts.logId(),
        messages: parts.number(),
        control: parts.number(),
      };
    case 4:
      return { type: "take-back", number: parts.number() };
    default:
      throw malformed("is of a kind that this version does not know");
  }
}

/** The card of a device as bytes: what it leaves for who invited it. */
export function encodeCard(card: Card): Uint8Array {
  return encodeStrictly([FORM, cardParts(card)]);
}

/**
 * Decodes the card of a device.
 *
 * @throws MalformedError `ERR_MALFORMED` if it is none
 */
export function decodeCard(bytes: Uint8Array): Card {
  const parts = decodeStrictly(bytes, "The card of a device");
  if (!Array.isArray(parts) || parts[0] !== FORM)
    throw malformed("is not of the form that this version knows");
  const card = new Parts(parts.slice(1)).card();
  if (!bytesEqual(encodeCard(card), bytes)) throw malformed("is encoded in another way than ours");
  return card;
}

/** The id of the log of messages of a card: what a member is named by. */
export function memberOf(card: Card): string {
  return idsOf(card).messages;
}

/** The id of the control log of a card. */
export function controlOf(card: Card): string {
  return idsOf(card).control;
}

// Who is a member is worked out again and again from the same cards.
const known = new WeakMap<Card, { readonly messages: string; readonly control: string }>();

function idsOf(card: Card): { readonly messages: string; readonly control: string } {
  const ids = known.get(card) ?? {
    messages: parseLink(card.messages).logId,
    control: parseLink(card.control).logId,
  };
  known.set(card, ids);
  return ids;
}

/** The parts of a card, in their order. */
export function cardParts({ messages, control, attachments, recipient, name }: Card): readonly string[] {
  return [messages, control, attachments, recipient, name];
}

/** The parts of an entry, one after another, each checked. */
export class Parts {
  readonly #parts: readonly unknown[];
  #next = 0;

  constructor(parts: readonly unknown[]) {
    this.#parts = parts;
  }

  number(): number {
    const value = this.#parts[this.#next++];
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= LARGEST_NUMBER)
      return value;
    throw malformed("has something else in place of a number");
  }

  flag(): boolean {
    const value = this.#parts[this.#next++];
    if (typeof value === "boolean") return value;
    throw malformed("has something else in place of yes or no");
  }

  text(): string {
    const value = this.#parts[this.#next++];
    if (typeof value === "string") return value;
    throw malformed("has something else in place of a text");
  }

  logId(): string {
    const value = this.text();
    if (/^[0-9a-f]{64}$/.test(value)) return value;
    throw malformed("has something else in place of a log id");
  }

  list(): readonly unknown[] {
    const value = this.#parts[this.#next++];
    if (Array.isArray(value)) return value;
    throw malformed("has something else in place of a list");
  }

  card(): Card {
    const parts = new Parts(this.list());
    const card = {
      messages: parts.link(),
      control: parts.link(),
      attachments: parts.link(),
      recipient: parts.text(),
      name: parts.text(),
    };
    if (!RECIPIENT.test(card.recipient)) throw malformed("has a card without a recipient");
    if (!isName(card.name)) throw malformed("has a card without a name");
    return card;
  }

  link(): string {
    const value = this.text();
    try {
      if (parseLink(value).key === undefined) return value;
    } catch (cause) {
      if (!(cause instanceof InvalidInputError)) throw cause;
      throw malformed("has a link that is none", cause);
    }
    throw malformed("has a link with a key");
  }

  bytes(length: number): Uint8Array {
    const value = this.#parts[this.#next++];
    if (value instanceof Uint8Array && value.length === length) return value;
    throw malformed(`has something else in place of ${length} bytes`);
  }

  /** A list about members: at most as many as a group has. */
  members(): readonly Parts[] {
    const entries = this.list();
    if (entries.length > MOST_MEMBERS) throw malformed(`names more than ${MOST_MEMBERS} members`);
    return entries.map((entry) => new Parts(Array.isArray(entry) ? entry : []));
  }

  given(): readonly GivenKeys[] {
    return this.members().map((parts) => {
      const member = bytesToHex(parts.bytes(GIVEN_ID_BYTES));
      const [messages, control] = [parts.number(), parts.number()];
      return {
        member,
        ...(messages > 0 && { messages: messages - 1 }),
        ...(control > 0 && { control: control - 1 }),
      };
    });
  }
}

/** Whether something can be the name of a device: printable, and not too long. */
export function isName(name: string): boolean {
  return name.length > 0 && name.length <= LONGEST_NAME && !/\p{C}/u.test(name);
}

/** The error for bytes that say nothing. */
export function malformed(why: string, cause?: unknown): MalformedError {
  return new MalformedError(`An entry of a control log ${why}.`, { operation: "group.decode", cause });
}
