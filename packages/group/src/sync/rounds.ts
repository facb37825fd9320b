// The rounds of a group, one after another, and how it stands after them.

import { type News, throwIfAborted } from "@remote-log/core/adapter";
import { isRemoved, type MemberState } from "../members/membership.ts";
import { PublishNews } from "../own/publish-news.ts";
import type { GroupStatus, MemberStatus } from "../status.ts";
import type { GroupSync } from "./group-sync.ts";
import { poll } from "./poll.ts";
import type { SyncParts } from "./sync-parts.ts";

/** What rounds work with. */
export interface RoundParts extends Pick<SyncParts, "members" | "own" | "store"> {
  readonly syncing: GroupSync;
  readonly news: News;
  /** The time between two polls; `undefined` if it reads when it is told to. */
  readonly pollMilliseconds: number | undefined;
}

/** The rounds of a group: polls by themselves, and others when somebody asks. */
export class Rounds {
  readonly #parts: RoundParts;
  readonly #published: PublishNews;
  readonly #polling: Promise<void>;
  #round: Promise<void> = Promise.resolve();
  // Whether nobody else is there to be asked, and the own place does not answer.
  #isCutOff = false;
  #upToDateAt: number | undefined;

  /** @param closing - ends the polls */
  constructor(parts: RoundParts, closing: AbortSignal) {
    this.#parts = parts;
    const { own, news, pollMilliseconds } = parts;
    this.#published = new PublishNews(own.messages, () => news.tell(), closing);
    // What an earlier run left is published in the background.
    this.awaitPublished();
    this.#polling =
      pollMilliseconds === undefined
        ? Promise.resolve()
        : poll((signal) => this.#next({ asked: false, signal }), pollMilliseconds, closing);
  }

  /** Does a round that somebody asked for: it reads every log, and publishes what waits before it resolves. */
  async ask(signal: AbortSignal): Promise<void> {
    await this.#next({ asked: true, signal });
  }

  /** Tells when the messages are published that wait now. */
  awaitPublished(): void {
    if (this.#parts.own.messages.waiting > 0) this.#published.expect();
  }

  /** Resolves when no round runs any more. After what ends the polls. */
  async ended(): Promise<void> {
    await this.#polling.catch(() => undefined);
    await this.#round.catch(() => undefined);
  }

  /** How far the group is, and how each member stands. */
  status(): GroupStatus {
    const { members, own } = this.#parts;
    const state = this.#state(members.self);
    return {
      state,
      caughtUp: state === "up-to-date",
      waitingToPublish: own.messages.waiting,
      ...(this.#upToDateAt !== undefined && { upToDateAt: this.#upToDateAt }),
      members: [...members.all.values()].map((member) => this.#statusOf(member)),
    };
  }

  // Whoever asks while a round runs gets the next.
  async #next({ asked, signal }: { readonly asked: boolean; readonly signal: AbortSignal }): Promise<void> {
    const before = this.#round;
    const round = (async () => {
      await before.catch(() => undefined);
      throwIfAborted(signal);
      const { syncing, news, members } = this.#parts;
      try {
        await syncing.round({ all: asked, signal });
        this.#isCutOff = await this.#noneAnswers(signal);
        if (members.self !== undefined && !this.#isCutOff)
          this.#upToDateAt = syncing.readAt ?? this.#upToDateAt;
        throwIfAborted(signal);
        // Besides the polls, the logs publish by themselves.
        await syncing.publish(asked, signal);
      } finally {
        // A recovery has appended again what waited, perhaps.
        this.awaitPublished();
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
    const { store, syncing, own } = this.#parts;
    const { heard } = store.stateOf(id);
    const error = syncing.failures.get(id) ?? syncing.failures.get(control);
    return {
      id,
      name: card.name,
      person,
      own: id === own.messages.id,
      admin,
      removed: isRemoved(member),
      ...(heard > 0 && { heardAt: heard }),
      ...(error !== undefined && { error }),
    };
  }
}
