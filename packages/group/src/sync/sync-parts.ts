// What catching up with a group works with.

import type { KeyValueDatabase, Schemes } from "@remote-log/core";
import type { GroupKeys } from "../keys.ts";
import type { KnownMembers } from "../members/known-members.ts";
import type { GroupOptions, UndecodableEntry } from "../options.ts";
import type { OwnLogs } from "../own/own-logs.ts";
import type { GroupStore } from "../store/group-store.ts";
import type { KnownKeys } from "../store/known-keys.ts";
import type { Settings } from "../store/settings.ts";

/** What a round works with. */
export interface SyncParts {
  readonly keys: GroupKeys;
  readonly own: OwnLogs;
  readonly members: KnownMembers;
  readonly known: KnownKeys;
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
