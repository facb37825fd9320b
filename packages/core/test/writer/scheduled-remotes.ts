// The part of a writer that decides when each remote is published, on remotes that can be watched.

import { memoryRemote } from "@remote-log/memory";
import { onTestFinished } from "vitest";
import { ClosedError, type Remote } from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { openLog } from "../../src/writer/open-log.ts";
import { Progress } from "../../src/writer/progress.ts";
import { PublishScheduler } from "../../src/writer/publish-scheduler.ts";
import { WriterState } from "../../src/writer/writer-state.ts";
import { tiny } from "./crashing-device.ts";
import { type Place, placeWith, seed } from "./name-on-remote.ts";
import { type Around, type Call, wrapRemote } from "./wrapped-remote.ts";

const context = { operation: "test" };

/** A remote that counts what it is asked, and of which each call passes a function. */
export class Watched {
  readonly inner: Remote;
  readonly remote: Remote;
  readonly calls: Call[] = [];
  around: Around = (_, proceed) => proceed();

  constructor(label: string) {
    this.inner = memoryRemote({ label });
    this.remote = wrapRemote(this.inner, (call, proceed) => {
      this.calls.push(call);
      return this.around(call, proceed);
    });
  }

  fail(error: unknown, kind?: Call["kind"]): void {
    this.around = (call, proceed) =>
      kind === undefined || call.kind === kind ? Promise.reject(error) : proceed();
  }

  heal(): void {
    this.around = (_, proceed) => proceed();
  }

  /** How often the name was asked for. */
  get looks(): number {
    return this.calls.filter(({ kind }) => kind === "resolve").length;
  }
}

/** Publishes a log of three entries, as a new process does. */
export async function schedulerOf(
  remotes: readonly Watched[],
  options: { auto?: boolean; on?: Place; entries?: number; largestEmbedded?: number } = {},
) {
  const { auto = false, on, entries = 3, largestEmbedded = 12 } = options;
  const place = on ?? (await placeWith(entries));
  await place.journal.open();
  const journal = await Journal.open(place.journal);
  const log = await openLog(journal, { ...tiny, seed, journal: place.journal });
  const closing = new AbortController();
  const labels = remotes.map(({ remote }) => remote.label);
  const progress = new Progress(labels, auto);
  const state = new WriterState(journal, log, { progress, closing: closing.signal });
  const sizes = { largestEmbedded };
  const scheduler = new PublishScheduler(state, {
    remotes: remotes.map(({ remote }) => remote),
    auto,
    sizes,
  });
  await scheduler.load();
  const close = async (): Promise<void> => {
    closing.abort(new ClosedError("Closed.", context));
    await scheduler.idle();
    await journal.close().catch(() => undefined);
  };
  onTestFinished(close);
  const published = (): number[] => progress.remotes.map((remote) => remote.published);
  const errors = (): unknown[] => progress.remotes.map((remote) => remote.error);
  return { scheduler, state, progress, place, closing, close, published, errors };
}
