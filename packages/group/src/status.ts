// How far a group is, in words that a person understands.

import { timeNow } from "@remote-log/core/adapter";

/** How one device stands. */
export interface MemberStatus {
  /** The device: the id of its log of messages. */
  readonly id: string;
  /** What it is called. */
  readonly name: string;
  /** The id of the first device of the same person. */
  readonly person: string;
  /** Whether it is this device. */
  readonly own: boolean;
  /** Whether it may invite and remove others. */
  readonly admin: boolean;
  /** Whether it was removed, or left. */
  readonly removed: boolean;
  /** When something new of it was read, in milliseconds since 1970; absent if nothing was yet. */
  readonly heardAt?: number;
  /** Why the last attempt to read it failed; absent if it did not. */
  readonly error?: unknown;
}

/** How far a group is. */
export interface GroupStatus {
  /**
   * - `"joining"`: who invited this device has not let it in yet; what it appends is kept
   * - `"starting"`: nothing was read since it was opened
   * - `"offline"`: the last poll reached nobody's log
   * - `"partly"`: it reached some; {@link MemberStatus.error} tells which it did not
   * - `"up-to-date"`: it read everything that the remotes show
   * - `"removed"`: this device does not belong to the group any more
   * - `"recovering"`: the journal of this device is older than what was written with it, as after a backup was put back; what is missing is
   * read back from where it publishes
   */
  readonly state: "joining" | "starting" | "offline" | "partly" | "up-to-date" | "removed" | "recovering";
  /**
   * Whether everything was read that the others' remotes showed at `upToDateAt`: `state` is `"up-to-date"`. A device that is offline is never
   * caught up, however idle it is. What it has to publish itself is no part of it.
   */
  readonly caughtUp: boolean;
  /** How many messages of this device no remote shows yet. */
  readonly waitingToPublish: number;
  /** When the last poll ended that read everything, in milliseconds since 1970; absent if there was none. */
  readonly upToDateAt?: number;
  /** The devices of the group, this one among them. */
  readonly members: readonly MemberStatus[];
}

/** Options of {@link describeStatus}. */
export interface DescribeOptions {
  /** The time now, in milliseconds since 1970. Default: `Date.now()`. */
  readonly now?: number | undefined;
  /** How times are written. Default: the locale of the runtime. */
  readonly locale?: string | undefined;
}

/**
 * A status as lines of English: `Up to date as of 12:03.`, `3 messages wait to be published.`, `Bob was last heard on Tuesday.`
 *
 * @throws RangeError for a locale that the runtime does not know the form of
 *
 * @example
 * ```ts
 * import { describeStatus } from "@remote-log/group";
 *
 * console.log(describeStatus({ state: "offline", waitingToPublish: 3, members: [] }));
 * // ["Offline.", "3 messages wait to be published."]
 * ```
 */
export function describeStatus(
  status: Omit<GroupStatus, "caughtUp">,
  options: DescribeOptions = {},
): readonly string[] {
  const { now = timeNow(), locale } = options;
  const { state, waitingToPublish, upToDateAt, members } = status;
  const lines = [stateLine(state, upToDateAt, { now, locale })];
  if (waitingToPublish > 0)
    lines.push(
      waitingToPublish === 1
        ? "1 message waits to be published."
        : `${waitingToPublish} messages wait to be published.`,
    );
  for (const { name, own, removed, heardAt, error } of members) {
    if (own || removed) continue;
    const heard =
      heardAt === undefined ? "was not heard yet" : `was last heard ${when(heardAt, { now, locale })}`;
    if (error !== undefined || heardAt === undefined || now - heardAt > DAY) lines.push(`${name} ${heard}.`);
  }
  return lines;
}

const DAY = 86_400_000;

interface Now {
  readonly now: number;
  readonly locale: string | undefined;
}

function stateLine(state: GroupStatus["state"], upToDateAt: number | undefined, now: Now): string {
  const since = upToDateAt === undefined ? "" : ` Up to date as of ${clock(upToDateAt, now)}.`;
  switch (state) {
    case "joining":
      return "Waiting to be let in.";
    case "starting":
      return `Looking for news.${since}`;
    case "offline":
      return `Offline.${since}`;
    case "partly":
      return `Some members can't be reached.${since}`;
    case "up-to-date":
      return since.trim();
    case "recovering":
      return `Older than what this device has published; it is read back when the device is online.${since}`;
    case "removed":
      return "This device is not a member any more.";
  }
}

function when(time: number, now: Now): string {
  const age = now.now - time;
  if (age < DAY) return `at ${clock(time, now)}`;
  if (age < 6 * DAY)
    return `on ${new Date(time).toLocaleDateString(now.locale ?? "en", { weekday: "long" })}`;
  return `on ${new Date(time).toLocaleDateString(now.locale, { dateStyle: "medium" })}`;
}

function clock(time: number, { now, locale }: Now): string {
  const date = new Date(time);
  const text = date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
  return now - time < DAY ? text : `${date.toLocaleDateString(locale, { dateStyle: "medium" })}, ${text}`;
}
