// The invitations of this device: made, taken back, answered.

import { InvalidInputError, type KeyValueDatabase } from "@remote-log/core";
import { bytesEqual, throwIfAborted } from "@remote-log/core/adapter";
import { type GroupKeys, mailboxSeed } from "../keys.ts";
import type { KnownMembers } from "../members/known-members.ts";
import { type Card, GIVEN_ID_BYTES, type MembershipRecord } from "../members/records.ts";
import { encodeWelcome, type WelcomedBy } from "../members/welcome.ts";
import type { GroupOptions } from "../options.ts";
import { OwnLog } from "../own/own-log.ts";
import type { OwnLogs } from "../own/own-logs.ts";
import type { KnownKeys, LogKey } from "../store/known-keys.ts";
import { prefixedDatabase } from "../store/prefixed-database.ts";
import type { Settings } from "../store/settings.ts";
import { joined, LARGEST_NUMBER, numberBytes } from "../wire/position.ts";
import { formatInvitation, parseInvitation } from "./invite-link.ts";
import { Mailbox } from "./mailbox.ts";

/** What invitations are made of. */
export interface InvitationParts {
  readonly keys: GroupKeys;
  readonly own: OwnLogs;
  readonly members: KnownMembers;
  readonly known: KnownKeys;
  readonly settings: Settings;
  readonly journal: KeyValueDatabase;
  readonly readers: KeyValueDatabase;
  readonly remotes: NonNullable<GroupOptions<never>["remotes"]> | undefined;
  readonly now: () => number;
}

type Invited = MembershipRecord & { readonly type: "invite" };

const SCRATCH = new Uint8Array([4]);
const WELCOMES = new Uint8Array([7]);

/** The invitations of this device. Each is a record in its control log, good for one newcomer. */
export class OwnInvitations {
  readonly #parts: InvitationParts;
  readonly #mailboxes = new Map<number, Mailbox>();

  constructor(parts: InvitationParts) {
    this.#parts = parts;
  }

  /** Those with which somebody can come in now. */
  open(): readonly Invited[] {
    const { members, own, now } = this.#parts;
    const records = members.recordsOf(own.control.id);
    const closed = new Set(
      records.map((record) =>
        record.type === "add" ? record.invite : record.type === "take-back" ? record.number : -1,
      ),
    );
    return records.filter(
      (record) => record.type === "invite" && !closed.has(record.number) && now() < record.expires,
    ) as readonly Invited[];
  }

  /** Makes one. Nothing has to be published before it is used. */
  async make(rights: Omit<Invited, "type" | "number">, signal: AbortSignal | undefined): Promise<string> {
    const { members, own, keys } = this.#parts;
    const number = members.recordsOf(own.control.id).filter(({ type }) => type === "invite").length;
    const { id, uris } = await this.#withWelcomeLog(number, async (log) => log);
    await this.#say({ type: "invite", number, ...rights }, signal);
    const { expires } = rights;
    return formatInvitation({
      welcome: { logId: id, remotes: uris },
      secret: keys.invitation(number),
      expires: expires === LARGEST_NUMBER ? Number.POSITIVE_INFINITY : expires,
    });
  }

  /** Takes one back, by its text. */
  async takeBack(text: string, signal: AbortSignal | undefined): Promise<void> {
    const { secret } = parseInvitation(text);
    const { keys } = this.#parts;
    const invited = this.open().find(({ number }) => bytesEqual(keys.invitation(number), secret));
    if (invited === undefined)
      throw new InvalidInputError(
        "This invitation is not open: it was used, taken back or made by another device, or it has expired. Who came in with it is " +
          "removed with group.remove().",
        { operation: "group.takeBackInvitation", reason: "not-open" },
      );
    const { number } = invited;
    await this.#say({ type: "take-back", number }, signal);
    await this.#mailboxes.get(number)?.close();
    this.#mailboxes.delete(number);
  }

  /**
   * Lets in who has left a card.
   *
   * @param failed - called with what kept a mailbox from being read
   */
  async look(signal: AbortSignal, failed: (number: number, error: unknown) => void): Promise<void> {
    const { remotes, keys, journal, readers, settings } = this.#parts;
    if (remotes === undefined) return;
    for (const invited of this.open()) {
      const { number } = invited;
      const scratch = prefixedDatabase(journal, joined(SCRATCH, numberBytes(number)));
      const mailbox =
        this.#mailboxes.get(number) ??
        new Mailbox(mailboxSeed(keys.invitation(number)), scratch, readers, remotes);
      this.#mailboxes.set(number, mailbox);
      const card = await mailbox.card(signal).catch((error: unknown) => {
        throwIfAborted(signal);
        failed(number, error);
        return undefined;
      });
      if (card === undefined) continue;
      const waiting = await settings.list<number>("welcomes");
      await settings.setList("welcomes", [...waiting, number]);
      await this.#admit(card, invited, signal);
      await mailbox.close();
      this.#mailboxes.delete(number);
    }
  }

  /** Publishes what newcomers wait for. After the control log, which says that they are members. */
  async publishWelcomes(signal: AbortSignal): Promise<void> {
    const { settings } = this.#parts;
    for (const number of await settings.list<number>("welcomes")) {
      await this.#welcome(number, signal);
      const left = (await settings.list<number>("welcomes")).filter((other) => other !== number);
      await settings.setList("welcomes", left);
    }
  }

  /** Closes every mailbox. */
  async close(): Promise<void> {
    for (const mailbox of this.#mailboxes.values()) await mailbox.close();
  }

  async #admit(card: Card, invited: Invited, signal: AbortSignal): Promise<void> {
    const { number, ownDevice, admin, history } = invited;
    const given = this.#members(history).map(({ member, messagesKey, controlKey }) => ({
      member: member.slice(0, 2 * GIVEN_ID_BYTES),
      ...(messagesKey && { messages: messagesKey.epoch }),
      ...(controlKey && { control: controlKey.epoch }),
    }));
    await this.#say({ type: "add", card, ownDevice, invite: number, admin, history, given }, signal);
  }

  // The members, with the keys that this device has: any member may give those of the others to one who was let in.
  #members(history: boolean): readonly (WelcomedBy & { readonly member: string })[] {
    const { members, known, own } = this.#parts;
    const keyOf = (log: string): LogKey | undefined =>
      [own.messages, own.control].find(({ id }) => id === log)?.key ?? known.get(log);
    return members.roster().map(({ id: member, control, ...entry }) => {
      const messagesKey = history ? keyOf(member) : undefined;
      const controlKey = keyOf(control);
      return { ...entry, member, ...(messagesKey && { messagesKey }), ...(controlKey && { controlKey }) };
    });
  }

  async #welcome(number: number, signal: AbortSignal): Promise<void> {
    const { members, own } = this.#parts;
    const added = members
      .recordsOf(own.control.id)
      .find((record) => record.type === "add" && record.invite === number);
    if (added?.type !== "add") return;
    await this.#withWelcomeLog(number, async (log) => {
      const { recipient } = added.card;
      if (log.writer.size === 0) {
        const welcome = { group: members.founder!, members: this.#members(added.history) };
        await log.append(encodeWelcome(welcome), signal);
      }
      await log.setAudience(new Map([[recipient, { history: true }]]), {
        changesKey: false,
        onlyIfWritten: false,
        signal,
      });
      await log.publish(signal);
    });
  }

  async #withWelcomeLog<T>(number: number, work: (log: OwnLog) => Promise<T>): Promise<T> {
    const { keys, journal, remotes } = this.#parts;
    const database = prefixedDatabase(journal, joined(WELCOMES, numberBytes(number)));
    const log = await OwnLog.open(keys.welcome(number), database, { remotes, sync: "manual" });
    try {
      return await work(log);
    } finally {
      await log.close();
    }
  }

  async #say(record: MembershipRecord, signal: AbortSignal | undefined): Promise<void> {
    const { own, members } = this.#parts;
    const { sequence, content } = await own.appendRecord(record, signal);
    members.take(own.control.id, sequence, content);
  }
}
