// What every remote shows of a log, asked at the same time.

import { mayPass, type RetryBudget } from "../async/retry.ts";
import { anySignal, throwIfAborted } from "../async/signals.ts";
import { TimeoutError, UnreachableError } from "../errors/index.ts";
import type { VerifiedHead } from "../log/head.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { Remote } from "../remote/remote.ts";
import { startTimer, stopTimer, type Timer } from "../runtime/clock.ts";
import type { ReaderLimits } from "../tree/reader-limits.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { resolveRemote } from "./remote-offer.ts";

/** A state that a remote shows. */
export interface Offer {
  readonly remote: Remote;
  readonly view: TreeView;
  readonly revision: Revision;
}

/** What a remote answered: an offer, a failure, or, without either, that there is nothing under the name. */
export interface Answer {
  readonly remote: Remote;
  readonly offer?: Offer;
  readonly error?: unknown;
}

/** Options of {@link askRemotes}. */
interface AskOptions {
  readonly remotes: readonly Remote[];
  readonly logId: string;
  readonly limits: ReaderLimits;
  /** The state that a remote showed before, if it need not send it again. */
  readonly known: (remote: Remote) => Offer | undefined;
  readonly viewOf: (head: VerifiedHead, remote: Remote) => TreeView;
  /** Called as soon as a remote has answered, or failed. */
  readonly onAnswer: (answer: Answer) => void;
  readonly signal: AbortSignal;
}

/** Options of {@link askUntilAnswered}. */
export interface AskUntilOptions extends AskOptions {
  readonly budget: RetryBudget;
  /** How often a remote is asked in all. */
  readonly most: number;
  /** Whether a state is as good as another can be: then nobody waits for the other remotes. */
  readonly isEnough: (offer: Offer) => boolean;
}

/**
 * Asks every remote like {@link askRemotes}. As long as none shows enough, those that failed in a way that may pass are
 * asked again after a wait.
 */
export async function askUntilAnswered(options: AskUntilOptions): Promise<Answer[]> {
  const { budget, most, isEnough, signal } = options;
  const answers = new Map(options.remotes.map((remote): [Remote, Answer] => [remote, { remote }]));
  let { remotes } = options;
  const askOnce = async (): Promise<void> => {
    for (const answer of await askRemotes({ ...options, remotes })) answers.set(answer.remote, answer);
    const all = [...answers.values()];
    if (all.some(({ offer }) => offer !== undefined && isEnough(offer))) return;
    const failed = all.map(({ error }) => error).filter(mayPass);
    remotes = all.filter(({ error }) => mayPass(error)).map(({ remote }) => remote);
    failed.sort((a, b) => (a.retryAfterMilliseconds ?? 0) - (b.retryAfterMilliseconds ?? 0));
    if (failed.length > 0) throw failed[0]!;
  };
  // How it failed in the end, the answers tell.
  await budget.run(askOnce, { most, signal }).catch(() => undefined);
  throwIfAborted(signal);
  return [...answers.values()];
}

/**
 * Asks every remote concurrently. Once one has answered, a silent one delays the others only for a short time. Failures are
 * answers, too.
 */
async function askRemotes(options: AskOptions): Promise<Answer[]> {
  const { remotes, limits, signal } = options;
  const asking = anySignal(signal);
  let patience: Timer | undefined;
  const lose = (): void => {
    const message = `No answer within ${limits.patienceMilliseconds} ms after another remote had answered.`;
    asking.abort(new TimeoutError(message, { operation: "reader.sync" }));
  };
  try {
    return await Promise.all(
      remotes.map(async (remote) => {
        const answer = await ask(remote, { ...options, signal: asking.signal });
        // A caller that gave up says nothing about the remote.
        if (answer.error === undefined || !signal.aborted) options.onAnswer(answer);
        if (answer.offer !== undefined) patience ??= startTimer(lose, limits.patienceMilliseconds);
        return answer;
      }),
    );
  } finally {
    stopTimer(patience);
    asking.clear();
  }
}

async function ask(remote: Remote, { logId, limits, known, viewOf, signal }: AskOptions): Promise<Answer> {
  const before = known(remote);
  const { headBytes } = limits;
  try {
    const shown = await resolveRemote(remote, logId, { headBytes, known: before?.revision, signal });
    if (shown.status === "absent") return { remote };
    if (shown.status === "unchanged" && before !== undefined) return { remote, offer: before };
    if (shown.status === "found") {
      const { head, revision } = shown;
      return { remote, offer: { remote, view: viewOf(head, remote), revision } };
    }
    throw new UnreachableError(
      `${remote.label} answered "unchanged" for log ${logId} to a request without a known revision. Try again.`,
      { operation: "reader.sync" },
    );
  } catch (error) {
    return { remote, error };
  }
}
