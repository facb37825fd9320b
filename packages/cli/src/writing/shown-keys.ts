// How often the signing key of a log was replaced, as its remotes show it.

import { hasCode, isRemoteLogError, openReader, type Remote } from "@remote-log/core";
import { closeRemotes, openRemotes } from "../remotes/open-remotes.ts";
import type { RemoteContext } from "../remotes/remote-kind.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { printable } from "../terminal/terminal-text.ts";

/** What the remotes of a log show of its signing key. */
export interface ShownKeys {
  /** How often it was replaced, by the newest statement that a remote shows. */
  readonly replaced: number;
  /** The most entries that a remote shows, and its label; `undefined` if none shows any. */
  readonly most: { readonly size: number; readonly label: string } | undefined;
}

/**
 * Asks each remote how often the signing key of a log was replaced. Warns if some do not answer.
 *
 * @throws what the first remote answered, if none can be asked
 */
export async function shownKeys(
  invocation: Pick<Invocation, "signal" | "warn">,
  logId: string,
  places: readonly RemotePlace[],
  context: RemoteContext,
): Promise<ShownKeys> {
  const { signal } = invocation;
  const remotes = await openRemotes(places, context);
  try {
    let replaced = 0;
    let most: ShownKeys["most"];
    const failures: { readonly label: string; readonly error: unknown }[] = [];
    for (const remote of remotes) {
      try {
        const shown = await ask(logId, remote, signal);
        replaced = Math.max(replaced, shown.replaced);
        if (shown.size > (most?.size ?? 0)) most = { size: shown.size, label: remote.label };
      } catch (error) {
        signal.throwIfAborted();
        failures.push({ label: remote.label, error });
      }
    }
    const [first] = failures;
    if (first !== undefined && failures.length === remotes.length) throw first.error;
    for (const { label } of failures)
      await invocation.warn(
        `rlog: ${printable(label)} could not be asked how often the signing key of the log was replaced.`,
      );
    return { replaced, most };
  } finally {
    await closeRemotes(remotes);
  }
}

// Each by itself: what a thief published at one must not hide what another shows.
async function ask(
  logId: string,
  remote: Remote,
  signal: AbortSignal,
): Promise<{ readonly replaced: number; readonly size: number }> {
  const reader = await openReader({ logId, remotes: [remote], withoutKey: "sealed" });
  try {
    await reader.sync({ signal });
    return { replaced: reader.manifest?.successions.length ?? 0, size: reader.size };
  } catch (error) {
    // Nothing is published there, or something that is no log: it answers, and shows no key.
    const isNothing =
      isRemoteLogError(error) && error.operation === "reader.sync" && hasCode(error, "ERR_NOT_FOUND");
    if (!isNothing && !hasCode(error, "ERR_MALFORMED", "ERR_INTEGRITY")) throw error;
    return { replaced: 0, size: 0 };
  } finally {
    await reader.close();
  }
}
