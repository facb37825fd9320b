// How far a log is, and what was asked of its remotes: as it is now, and as it changes.

import { anySignal, throwIfAborted } from "../async/signals.ts";
import { InvalidInputError } from "../errors/index.ts";
import { withWriterDeadlines } from "../remote/deadlines.ts";
import type { Remote } from "../remote/remote.ts";
import { type RemoteTraffic, TrafficCounter, withTraffic } from "../remote/traffic.ts";
import type { WriterStatus } from "./writer-options.ts";
import type { WriterState } from "./writer-state.ts";

/** A remote of a writer, which does not hold it up, and counts what it is asked. */
export class CountedRemote {
  readonly remote: Remote;
  readonly #counter = new TrafficCounter();

  /** @param milliseconds - how long a request may take; `undefined`: as long as the default */
  constructor(remote: Remote, milliseconds: number | undefined) {
    this.remote = withTraffic(withWriterDeadlines(remote, milliseconds), this.#counter);
  }

  /** What was asked of it so far. */
  get traffic(): RemoteTraffic {
    return this.#counter.now;
  }
}

/** How far a log is now. */
export function statusOf({ size, progress }: WriterState, remotes: readonly CountedRemote[]): WriterStatus {
  // In the same order: progress was made of these remotes.
  const shown = progress.remotes.map((one, i) => ({ ...one, traffic: remotes[i]!.traffic }));
  return { size, remotes: shown };
}

/** How far a log is now, and again whenever that has changed. */
export async function* watchStatus(
  state: WriterState,
  remotes: readonly CountedRemote[],
  signal: AbortSignal | undefined,
): AsyncGenerator<WriterStatus, void, undefined> {
  const ending = anySignal(state.closing, signal);
  try {
    throwIfAborted(ending.signal);
    for (;;) {
      const changed = state.progress.changed(ending.signal);
      changed.catch(() => undefined);
      yield statusOf(state, remotes);
      await changed;
    }
  } finally {
    ending.clear();
  }
}

/** Somebody wants a remote to be forgotten to which this writer publishes. */
export function inUse(label: string): InvalidInputError {
  return new InvalidInputError(
    `The remote ${JSON.stringify(label)} is in use. Open the writer without it, then forget it.`,
    { operation: "writer.forgetRemote" },
  );
}
