// What a writer does about a name, decided without I/O: from what the name shows, what the journal says, and what the name
// system promises. RemotePublisher looks, asks here, and acts. The test beside it goes through every combination.

import type { CompareAndSet, Revision } from "../remote/name-resolver.ts";

/** What a name shows, compared with the journal. */
export type Seen =
  /** The name system answered: there is nothing under the name; `placeMissing` if the place itself is not there. */
  | { readonly kind: "absent"; readonly placeMissing?: boolean }
  /** It still holds the revision that the journal knows. */
  | { readonly kind: "unchanged" }
  /** All that shows is known to be out of date. */
  | { readonly kind: "stale" }
  /** There is a head, of which a part does not show; `holdsPublished` if its revision is the one that we published. */
  | { readonly kind: "incomplete"; readonly holdsPublished: boolean }
  /** Exactly the content of the journal's intent. */
  | { readonly kind: "intended"; readonly revision: Revision }
  /** Exactly what we published last; `expired` if only its writer still gets to see it. */
  | { readonly kind: "published"; readonly revision: Revision; readonly expired: boolean }
  /** Another head of our own history: the first `size` entries of the journal, and the first versions of the manifest. */
  | { readonly kind: "own"; readonly revision: Revision; readonly size: number; readonly manifest?: number }
  /** A head with our signature that the journal does not know; `extendsSigned` if it may extend what we signed. */
  | { readonly kind: "foreign"; readonly extendsSigned: boolean }
  /** Something that is not a head of this log. */
  | { readonly kind: "no-head" };

/** What reading back can show, when nothing is on its way. */
export type ReadBack = Exclude<Seen, { kind: "stale" | "incomplete" | "intended" }>;

/** What the journal says of a remote. */
export interface Recorded {
  /** What was published last; `undefined` before the first. */
  readonly published: (Extent & { readonly revision: Revision }) | undefined;
  /** A signed head whose update was begun, and whose outcome is not known. */
  readonly intent: Extent | undefined;
}

/** How much a head says. */
export interface Extent {
  /** Number of entries. */
  readonly size: number;
  /** Number of versions of the manifest. Default: 0. */
  readonly manifest?: number;
}

/** What the name system promises; see `NameCapabilities`. */
export interface Promises {
  readonly compareAndSet: CompareAndSet;
  readonly showsUnacknowledged: boolean;
}

/** How the look came about. */
export interface Circumstances {
  /** Whether this process has not seen the name before. */
  readonly firstLook: boolean;
  /**
   * Whether an update by our own count was refused just now. Then what shows is ahead of that count: an older state of ours
   * that had been lost when the count restarted, and has reappeared.
   */
  readonly refused: boolean;
  /** Whether the name system has had the time to show what was acknowledged last, or promises not to lag. */
  readonly overdue: boolean;
  /** Whether the caller asked for a place that is gone to be made anew. Default: false. */
  readonly makesAnew?: boolean;
}

/** Why nothing may be published. */
export type Refusal =
  /** The journal is old: restored from a backup, or copied. */
  | "restored"
  /** Another device writes under the same key. */
  | "conflict"
  /** The name holds something that is not a head of this log. */
  | "no-head"
  /** The place that was published to is not there: it is not made anew unasked. */
  | "gone"
  /** What the name holds can't be read, and may be news. */
  | "unreadable";

/** What to do. If there is an `expected`, the next update builds on that revision. */
export type Decision =
  /** The name holds what is to be published, or more: record it, with `size` entries at `revision`. */
  | {
      readonly kind: "arrived";
      readonly size: number;
      readonly manifest?: number;
      readonly revision: Revision;
    }
  /** The name shows what was published: it is confirmed. */
  | { readonly kind: "confirmed"; readonly expected: Revision | null }
  /** Nothing new was learned. */
  | { readonly kind: "proceed"; readonly expected: Revision | null }
  /** What was published is still there, or may yet show: nothing has to be published again for that. */
  | { readonly kind: "wait"; readonly expected: Revision | null }
  /** What was published has been lost: publish it again, also if nothing was appended since. */
  | { readonly kind: "republish"; readonly expected: Revision | null }
  /** Publish nothing. */
  | { readonly kind: "refuse"; readonly because: Refusal };

/**
 * Decides what a look at the name means for the next update.
 *
 * The journal knows which revision comes next. What the server says counts only if it shows what we put there, or an older
 * state of our own history.
 */
export function decide(
  seen: Seen,
  recorded: Recorded,
  { compareAndSet, showsUnacknowledged }: Promises,
  { firstLook, refused, overdue, makesAnew = false }: Circumstances,
): Decision {
  const { published, intent } = recorded;
  const ours = published?.revision ?? null;
  // If nothing is enforced, our own count continues, unless it was refused: then it is that of another name, which had
  // this label before.
  const buildsOnShown = compareAndSet === "atomic" || refused;
  switch (seen.kind) {
    case "unchanged":
      return { kind: "proceed", expected: ours };
    case "absent":
      if (seen.placeMissing && published !== undefined && !makesAnew) return refuse("gone");
      return shows(NOTHING, recorded, overdue, buildsOnShown ? null : ours);
    case "stale":
      // Nothing newer shows than what is out of date. Before the first look, that may hide what a restored journal lacks.
      return firstLook ? refuse("unreadable") : shows(NOTHING, recorded, overdue, ours);
    case "incomplete":
      // A part of a head was lost. What was sent before is sent again as it was; otherwise it has to be the one that we
      // published.
      if (intent === undefined && !seen.holdsPublished) return refuse("unreadable");
      return shows(NOTHING, recorded, overdue, ours);
    case "intended":
      // Only an acknowledgement tells that others see it, too.
      if (showsUnacknowledged && !refused) return { kind: "proceed", expected: ours };
      return { kind: "arrived", ...extentOf(intent!), revision: seen.revision };
    case "published": {
      const expected = buildsOnShown ? seen.revision : ours;
      // What has expired, readers take no more.
      return seen.expired ? shows(NOTHING, recorded, overdue, expected) : { kind: "confirmed", expected };
    }
    case "own": {
      const newer = published === undefined || (isLess(published, seen) && !isLess(seen, published));
      // The journal's record is older than the name, and the journal has all that it shows: what it meant to send is
      // superseded.
      if (newer && !isLess(seen, intent ?? NOTHING)) {
        return { kind: "arrived", ...extentOf(seen), revision: seen.revision };
      }
      return shows(seen, recorded, overdue, buildsOnShown || newer ? seen.revision : ours);
    }
    case "foreign":
      return refuse(firstLook && seen.extendsSigned ? "restored" : "conflict");
    case "no-head":
      return refuse("no-head");
  }
}

/**
 * Decides what reading back means, after an update was acknowledged: it notices a second device if the name system cannot,
 * and makes "published" into "confirmed". Nothing is on its way then, so no decision has to say what to build on.
 */
export function decideReadBack(
  seen: ReadBack,
  { published }: Pick<Recorded, "published">,
  { overdue }: Pick<Circumstances, "overdue">,
): Decision {
  const expected = published?.revision ?? null;
  switch (seen.kind) {
    case "unchanged":
      return { kind: "proceed", expected };
    case "absent":
      return shows(NOTHING, { published }, overdue, expected);
    case "published":
      return { kind: "confirmed", expected };
    case "own":
      return shows(seen, { published }, overdue, expected);
    case "foreign":
      return refuse("conflict");
    case "no-head":
      return refuse("no-head");
  }
}

// A name that shows less than was published has lost it, once it is overdue: it is published anew. If it only lagged after
// all, it has the same head twice.
function shows(
  shown: Extent,
  { published }: Pick<Recorded, "published">,
  overdue: boolean,
  expected: Revision | null,
): Decision {
  const less = published !== undefined && (isLess(shown, published) || published.size === 0);
  return { kind: overdue && less ? "republish" : "wait", expected };
}

const NOTHING: Extent = { size: 0 };

// Whether one lacks anything that the other has.
function isLess(one: Extent, other: Extent): boolean {
  return one.size < other.size || (one.manifest ?? 0) < (other.manifest ?? 0);
}

function extentOf({ size, manifest }: Extent): Extent {
  return { size, ...(manifest !== undefined && { manifest }) };
}

function refuse(because: Refusal): Decision {
  return { kind: "refuse", because };
}
