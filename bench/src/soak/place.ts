// A place of the log, and what befalls it.

import type { Remote } from "@remote-log/core";

/** What befalls a place for a while, or once. */
export type Trouble = "killed" | "frozen" | "full" | "lying" | "emptied" | "set back";

/** A real service, with a remote for the writer, one for readers, and troubles. */
export interface SoakPlace {
  readonly label: string;
  /** What the writer publishes to: through whatever makes trouble. */
  readonly writing: Remote;
  /** What readers read from, through the same. */
  readonly reading: Remote;
  /** What readers read from, past what makes trouble: for the check at the end. */
  readonly direct: Remote;
  /** The troubles that can befall it. */
  readonly troubles: readonly Trouble[];
  /** Keeps the state of the service for a later "set back"; without it, the place knows none. */
  remember?(): Promise<void>;
  begin(trouble: Trouble): Promise<void>;
  end(): Promise<void>;
  stop(): Promise<void>;
}

/** Troubles during which nothing can be published there. */
export const STOPS_PUBLISHING: ReadonlySet<Trouble> = new Set(["killed", "frozen", "full"]);
