// What a group is opened with.

import type { KeyValueDatabase, Remote, Schemes } from "@remote-log/core";
import type { Codec } from "./codec.ts";
import type { GroupStatus } from "./status.ts";

/** A remote of this device, and where others find it. */
export interface GroupRemote {
  /** Where this device publishes. */
  readonly remote: Remote;
  /** The URI by which others read it, through their `schemes`. */
  readonly uri: string;
}

/** Options of `openGroup`. */
export interface GroupOptions<T> {
  /** The secret of this device in this group: 32 bytes, as `generateSeed` makes them; another group needs another one. */
  readonly seed: Uint8Array;
  /** The database of what this device writes. It belongs to the group, which closes it. */
  readonly journal: KeyValueDatabase;
  /** The database of what this device has read, so that it stays readable offline. It belongs to the group, which closes it. */
  readonly store: KeyValueDatabase;
  /** How the values of the application are bytes. */
  readonly codec: Codec<T>;
  /**
   * Opens the remotes on which a log of this device is published. It is called for each of its logs with that log's seed: remotes
   * whose name is a key of the log (IPNS, a Swarm feed) take `deriveKeys(seed)`; others need no seed. The remotes are closed with the
   * group. Default: none; then this device reads, and what it appends waits.
   */
  readonly remotes?:
    | ((seed: Uint8Array) => readonly GroupRemote[] | Promise<readonly GroupRemote[]>)
    | undefined;
  /** The adapters by which the logs of others are read, as for `openLink`: each call opens a remote, which is closed after use. Default: none. */
  readonly schemes?: Schemes | undefined;
  /** The invitation with which this device comes in. Without one, and with empty databases, it founds a group. */
  readonly invite?: string | undefined;
  /** What the others call this device; at most 64 characters. Default: `"device"`. */
  readonly name?: string | undefined;
  /** `"auto"` (the default) reads what the others write, at each poll; `"manual"` waits for `Group.sync`. */
  readonly sync?: "auto" | "manual" | undefined;
  /** The time between two polls, in milliseconds. Default 5,000. */
  readonly pollMilliseconds?: number | undefined;
  /** How often one read is repeated at most within a poll, as for `openReader`. Default 6. */
  readonly retries?: number | undefined;
  /** The time, in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Called with the status when the group is open, and whenever something may have changed; as `Group.watch`. It must not throw. */
  readonly onStatus?: ((status: GroupStatus) => void) | undefined;
  /** Called for an entry that can't be read: its envelope or its value does not decode. It must not throw. */
  readonly onUndecodable?: ((entry: UndecodableEntry) => void) | undefined;
  /** Called with the ids of messages that do not count any more, because their author was removed before it wrote them. It must not throw. */
  readonly onWithdrawn?: ((ids: readonly string[]) => void) | undefined;
}

/** An entry that can't be read. */
export interface UndecodableEntry {
  /** The id that its message would have. */
  readonly id: string;
  /** The member who wrote it. */
  readonly author: string;
  /** Why. */
  readonly error: unknown;
}

/** The default of `pollMilliseconds`. */
export const POLL_MILLISECONDS = 5000;

/** How far the clock of an author may be ahead of ours, in milliseconds: a day. What is later waits. */
export const MOST_AHEAD_MILLISECONDS = 86_400_000;
