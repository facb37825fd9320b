// A stream of entries: those that exist and, if it is live, those that follow.

import { anySignal, throwIfAborted } from "../async/signals.ts";
import type { Entry } from "../tree/entry.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { NewestState } from "./newest-state.ts";
import { mayBringNews, News } from "./news.ts";
import { SourceReading, type Sources } from "./read-sources.ts";
import type { ReaderOptions } from "./reader-options.ts";
import type { StatusKeeper } from "./reader-status.ts";

/** How often a live stream polls by default, in milliseconds. */
const POLL_MILLISECONDS = 5_000;

/** What the streams of one reader share. */
export interface StreamSource {
  readonly options: ReaderOptions;
  readonly newest: NewestState;
  readonly status: StatusKeeper;
  /** Fires when the reader closes. */
  readonly closing: AbortSignal;
  /** Asks the remotes for the newest state; again after failures that may pass, if it repeats. */
  readonly sync: (signal: AbortSignal, repeats: boolean) => Promise<unknown>;
  /** Where to read from. Default: every remote that shows the newest state, or the beginning of it. */
  readonly sources: (views?: readonly TreeView[], skipsRemoved?: boolean) => Sources;
}

/** Options of {@link streamEntries}. */
export interface StreamOptions {
  /** The sequence number of the first entry; if it follows from what the log says of itself, asked after the first sync. */
  readonly start: number | (() => number);
  /** Whether to wait for new entries at the end, through failures that may pass. */
  readonly live: boolean;
  /** Whether entries whose contents the writer removed are passed over, instead of ending the stream with an error. */
  readonly skipsRemoved: boolean;
  /** Called when everything that exists was delivered. */
  readonly onEnd?: () => Promise<void>;
  /** Ends the stream. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads the entries that exist, and then, in a live stream, those that follow. It is the one generator around each single entry:
 * what is below gives several at a time.
 *
 * @param streamOptions - if it is a function, called once the first entry is asked for; what it throws ends the stream
 */
export async function* streamEntries(
  { options, newest, status, closing, sync, sources }: StreamSource,
  streamOptions: StreamOptions | (() => StreamOptions),
): AsyncGenerator<Entry, void, undefined> {
  const asked = typeof streamOptions === "function" ? streamOptions() : streamOptions;
  const { start, live, skipsRemoved, onEnd, signal: given } = asked;
  const linked = anySignal(given, closing);
  const { signal } = linked;
  const news = live ? new News(options, options.pollMilliseconds ?? POLL_MILLISECONDS, signal) : undefined;
  const place = status.begin(typeof start === "number" ? start : 0);
  let next = typeof start === "number" ? start : undefined;
  let { takenBack } = newest.former;
  let delivered = 0;
  try {
    for (;;) {
      try {
        const [synced] = await Promise.allSettled([sync(signal, !live)]);
        throwIfAborted(signal);
        if (newest.former.takenBack !== takenBack) {
          ({ takenBack } = newest.former);
          if (takenBack !== undefined && delivered > (takenBack.from ?? 0)) throw takenBack;
        }
        const behind = synced.status === "rejected" ? newest.withoutRemotes(synced.reason) : undefined;
        const [largest] = behind ?? newest.views;
        if (next === undefined) {
          // Nothing is known yet of what the log says.
          if (synced.status === "rejected" && largest === undefined) throw synced.reason;
          next = typeof start === "number" ? start : start();
          place.next = next;
        }
        const to = largest?.size ?? 0;
        const reading = new SourceReading(sources(behind, skipsRemoved), { from: next, to }, signal);
        for await (const { entries, view } of reading.runs()) {
          for (const entry of entries) {
            const admitted = reading.admit(entry, view);
            if (admitted !== true && !(await admitted)) break;
            delivered = next = entry.sequence + 1;
            yield entry;
            place.next = next;
          }
        }
        // The last ones may have been skipped.
        place.next = next = Math.max(next, to);
        await onEnd?.();
        status.changed();
        if (synced.status === "rejected") throw synced.reason;
      } catch (error) {
        if (news === undefined || signal.aborted || !mayBringNews(error)) throw error;
      }
      if (news === undefined) return;
      await news.next();
    }
  } finally {
    status.end(place);
    linked.abort();
  }
}
