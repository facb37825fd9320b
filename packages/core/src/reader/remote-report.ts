// What is told of each remote after a sync, and the error if none of them showed the newest state.

import {
  isRemoteLogError,
  NotFoundError,
  type RemoteLogError,
  RollbackError,
  StaleError,
} from "../errors/index.ts";
import type { Answer, Offer } from "./ask-remotes.ts";
import type { Verdict } from "./choose-state.ts";

/** What a remote showed when it was last asked. */
export interface RemoteReport {
  /** The remote's label. */
  readonly label: string;
  /**
   * - `"newest"`: the newest verified state
   * - `"behind"`: an older state, and it is proven that the newest one begins with it
   * - `"unverified"`: a state that the writer signed, smaller or larger, of which nobody showed how it relates to the newest
   * verified one; nothing of it is used
   * - `"absent"`: nothing under this name
   * - `"failed"`: no answer, or one that could not be verified
   */
  readonly status: "newest" | "behind" | "unverified" | "absent" | "failed";
  /** Number of entries that it showed. */
  readonly size?: number;
  /** Why it failed, or could not be verified. */
  readonly error?: unknown;
}

/** What is told of one remote. */
export function reportOf({ remote, offer, error }: Answer, verdict: Verdict | undefined): RemoteReport {
  const { label } = remote;
  if (offer === undefined || verdict === undefined) {
    return error === undefined ? { label, status: "absent" } : { label, status: "failed", error };
  }
  const { size } = offer.view;
  if (verdict.status === "newest" || verdict.status === "behind")
    return { label, status: verdict.status, size };
  return { label, status: verdict.status, size, error: verdict.error };
}

/** What {@link syncFailure} decides by. */
export interface Failed {
  readonly logId: string;
  readonly answers: readonly Answer[];
  readonly verdicts: ReadonlyMap<Offer, Verdict>;
  /** Number of entries of the newest verified state; `undefined` if there is none. */
  readonly verified: number | undefined;
  /** Whether a remote that promises not to lag shows less than it did. */
  readonly wasRolledBack: (offer: Offer) => boolean;
}

/** The error if no remote showed the newest verified state: the gravest first. */
export function syncFailure({ logId, answers, verdicts, verified, wasRolledBack }: Failed): unknown {
  const statusOf = (offer: Offer): string | undefined => verdicts.get(offer)?.status;
  const offers = answers.flatMap(({ offer }) => offer ?? []);
  const behind = offers.filter((offer) => statusOf(offer) === "behind");
  // A name that was set back needs no proof: this very remote showed more.
  const used = new Set(["behind", "unverified"]);
  const setBack = offers.find((offer) => used.has(statusOf(offer) ?? "") && wasRolledBack(offer));
  if (setBack !== undefined) return backwards(setBack, true);
  const failures = answers.flatMap(({ offer, error }) => {
    const failure = offer === undefined ? error : failureOf(offer);
    return failure === undefined ? [] : [failure];
  });
  const grave = failures.find((error) => !isRemoteLogError(error) || error.retry === "never");
  if (grave !== undefined) return grave;
  if (behind.length > 0) return backwards(behind[0]!, false);
  const unverified = offers.find((offer) => statusOf(offer) === "unverified");
  if (unverified !== undefined) return undecided(unverified);
  if (failures.length > 0) return failures[0];
  return nothingThere();

  // Of a larger state it is a failure that nobody shows what proves it; of a smaller one it changes nothing.
  function failureOf(offer: Offer): unknown {
    const verdict = verdicts.get(offer);
    const counts = verdict?.status === "unverified" && offer.view.size > (verified ?? 0);
    return verdict?.status === "failed" || counts ? verdict.error : undefined;
  }

  function backwards({ remote: { label }, view }: Offer, rolledBack: boolean): RemoteLogError {
    const what = `${label} shows ${view.size} entries of log ${logId}, and ${verified} were verified before`;
    const options = { operation: "reader.sync", offered: view.size, verified: verified! };
    if (rolledBack)
      return new RollbackError(`${what}: the name was set back. Nothing of it was used.`, options);
    return new StaleError(`${what}: it lags behind. Try again later.`, options);
  }

  function undecided(offer: Offer): StaleError {
    const { remote, view } = offer;
    const verdict = verdicts.get(offer);
    return new StaleError(
      `${remote.label} shows ${view.size} entries of log ${logId}, and ${verified} were verified before: no remote shows how ` +
        "they relate. Nothing of it was used; try again later.",
      { operation: "reader.sync", cause: verdict?.status === "unverified" ? verdict.error : undefined },
    );
  }

  function nothingThere(): NotFoundError {
    const labels = answers.map(({ remote }) => remote.label).join(", ");
    const lost =
      verified === undefined
        ? "Has the writer published?"
        : `A state of ${verified} entries was verified before.`;
    return new NotFoundError(`No log ${logId} is published on ${labels}. ${lost}`, {
      operation: "reader.sync",
    });
  }
}

/** The error if a state is not read any further, because nobody shows it and another one took its place. */
export function gaveWay(logId: string, size: number): StaleError {
  return new StaleError(
    `Nobody shows the state of ${size} entries of log ${logId} any more, and another one took its place. Read again.`,
    { operation: "reader.read" },
  );
}
