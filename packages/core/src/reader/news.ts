// When to poll: when a name system tells of a change, or after an interval; and when that is of use after a failure.

import { onOnline } from "../async/online.ts";
import { mayPass } from "../async/retry.ts";
import { anySignal, delay, throwIfAborted } from "../async/signals.ts";
import { NotFoundError } from "../errors/index.ts";
import type { Remote } from "../remote/remote.ts";

/** Waits until a name may have changed. */
export class News {
  readonly #pollMilliseconds: number;
  readonly #signal: AbortSignal;
  #pending = false;
  #wake = (): void => undefined;

  /**
   * Watches the log's name on every remote that can tell of changes. If a watch fails, polling remains.
   *
   * @param signal - ends the watch
   */
  constructor(
    { remotes, logId }: { readonly remotes: readonly Remote[]; readonly logId: string },
    pollMilliseconds: number,
    signal: AbortSignal,
  ) {
    this.#pollMilliseconds = pollMilliseconds;
    this.#signal = signal;
    onOnline(() => this.#call(), signal);
    for (const remote of remotes) this.#listen(remote, remote.name ?? logId).catch(() => undefined);
  }

  /** Resolves at the next sign of a change, or when it is time to poll. Rejects with the signal's reason. */
  async next(): Promise<void> {
    const woken = anySignal(this.#signal);
    this.#wake = () => woken.abort();
    if (this.#pending) woken.abort();
    try {
      await delay(this.#pollMilliseconds, woken.signal);
    } catch {
      throwIfAborted(this.#signal);
    } finally {
      woken.clear();
    }
    this.#pending = false;
  }

  async #listen(remote: Remote, name: string): Promise<void> {
    if (remote.names.watch === undefined) return;
    for await (const _ of remote.names.watch(name, { signal: this.#signal })) {
      this.#call();
    }
  }

  #call(): void {
    this.#pending = true;
    this.#wake();
  }
}

/** Whether a poll after this failure may bring news: the failure may pass, or the log is not published yet. */
export function mayBringNews(error: unknown): boolean {
  return mayPass(error) || (error instanceof NotFoundError && error.operation === "reader.sync");
}
