// How a device comes in with an invitation: it leaves its card, and reads the welcome that answers it.

import { formatLink, NoKeyError, NotFoundError } from "@remote-log/core";
import { type Invitation, parseInvitation } from "../invite/invite-link.ts";
import { leaveCard } from "../invite/mailbox.ts";
import { mailboxSeed } from "../keys.ts";
import { controlOf, memberOf } from "../members/records.ts";
import { decodeWelcome, type Welcome } from "../members/welcome.ts";
import type { LogKey } from "../store/known-keys.ts";
import { prefixedDatabase } from "../store/prefixed-database.ts";
import type { FollowedLog, Take } from "./followed-log.ts";
import type { SyncParts } from "./sync-parts.ts";

const MAILBOX = new Uint8Array([3]);

/** Comes in. */
export class Joining {
  readonly #parts: SyncParts & { readonly follow: (log: string, link: string) => FollowedLog };
  #card: Awaited<ReturnType<typeof leaveCard>> | undefined;

  /** @param parts - `follow` opens another device's log */
  constructor(parts: SyncParts & { readonly follow: (log: string, link: string) => FollowedLog }) {
    this.#parts = parts;
  }

  /** Leaves a card, and looks for the answer. */
  async comeIn(signal: AbortSignal): Promise<void> {
    const { settings, members, own, journal, remotes, name, recipient } = this.#parts;
    const invitation = await this.#invitation();
    if (invitation === undefined) return;
    if (remotes !== undefined) {
      const [card, seed] = [own.card(name, recipient), mailboxSeed(invitation.secret)];
      this.#card ??= await leaveCard(card, seed, prefixedDatabase(journal, MAILBOX), remotes);
      await this.#card.publish(signal);
    }
    const welcome = await this.#read(invitation, signal);
    if (welcome === undefined) return;
    await settings.set("group", welcome.group);
    members.founder = welcome.group;
    await this.#card?.close();
    this.#card = undefined;
  }

  /** Reads the answer again: for a device that lost what it had read, and knows by its invitation where to begin. */
  async readAgain(signal: AbortSignal): Promise<void> {
    const invitation = await this.#invitation();
    if (invitation !== undefined) await this.#read(invitation, signal);
  }

  /** Closes what it has open. */
  async close(): Promise<void> {
    await this.#card?.close();
  }

  async #read(invitation: Invitation, signal: AbortSignal): Promise<Welcome | undefined> {
    const { members, known, store, now } = this.#parts;
    const { logId: log } = invitation.welcome;
    let welcome: Welcome | undefined;
    const take: Take = (sequence, content) => {
      welcome = decodeWelcome(content);
      return { log, sequence, content, receivedAt: now() };
    };
    const reading = this.#parts.follow(log, formatLink(invitation.welcome));
    try {
      await reading.catchUp(take, { end: 1, skips: false, signal });
    } catch (error) {
      // It was not answered yet, or somebody else was.
      if (!(error instanceof NotFoundError || error instanceof NoKeyError)) throw error;
    } finally {
      await reading.close();
    }
    const kept = welcome === undefined ? await store.entry({ log, sequence: 0 }) : undefined;
    welcome ??= kept && decodeWelcome(kept.content);
    if (welcome === undefined) return undefined;
    members.welcomed = welcome.members;
    const keys = new Map<string, LogKey>();
    for (const { card, messagesKey, controlKey } of welcome.members) {
      const [messages, control] = [memberOf(card), controlOf(card)];
      if (messagesKey && known.get(messages) === undefined) keys.set(messages, messagesKey);
      if (controlKey && known.get(control) === undefined) keys.set(control, controlKey);
    }
    await known.keep(keys);
    return welcome;
  }

  async #invitation(): Promise<Invitation | undefined> {
    const invite = await this.#parts.settings.get("invite");
    return invite === undefined ? undefined : parseInvitation(invite);
  }
}
