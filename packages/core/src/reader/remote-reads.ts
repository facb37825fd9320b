// Reads from remotes: a number at once, and again after failures that may pass, if no other remote can answer.

import { mayPass, type Retry, RetryBudget, type RunOptions, TIMEOUT_COST } from "../async/retry.ts";
import { Semaphore } from "../async/semaphore.ts";
import type { Remote } from "../remote/remote.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import type { ReadGate } from "../tree/read-gate.ts";
import { type Answer, type AskUntilOptions, askUntilAnswered } from "./ask-remotes.ts";
import type { Contacts } from "./contacts.ts";
import type { KeptObjects } from "./kept-objects.ts";

/** How often one read is repeated by default. */
const RETRIES = 6;

/** How a reader repeats what failed in a way that may pass. */
export interface Retrying {
  /** How often one read is repeated at most. Default: 6. */
  readonly retries?: number | undefined;
  /** Called before each wait. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

/** Options of {@link RemoteReads}. */
interface ReadsOptions extends Retrying {
  /** What is kept of what is read. Default: nothing. */
  readonly kept?: KeptObjects | undefined;
}

/** Options of {@link RemoteReads.ask}. */
type ReadStateOptions = Omit<AskUntilOptions, "budget" | "most" | "onAnswer"> & { readonly repeats: boolean };

/** The reads of a reader, each through the gate of its remote. */
export class RemoteReads {
  readonly #gates = new Map<StorageBackend, RemoteGate>();
  readonly #concurrency: number;
  readonly #most: number;
  readonly #onRetry: Retrying["onRetry"];
  readonly #kept: KeptObjects | undefined;
  readonly #asking: RetryBudget;
  readonly #contacts: Contacts;
  /** The storages that are known to have what is read: while one of them answers, nobody waits for another. */
  able: readonly StorageBackend[] = [];

  /**
   * @param concurrency - the most reads from one remote at once
   * @param contacts - takes in how each remote answers
   */
  constructor(concurrency: number, contacts: Contacts, { retries = RETRIES, onRetry, kept }: ReadsOptions) {
    this.#kept = kept;
    this.#concurrency = concurrency;
    this.#contacts = contacts;
    this.#most = retries + 1;
    this.#onRetry = onRetry;
    this.#asking = new RetryBudget({ failsAsOne: false, onRetry });
  }

  /**
   * Asks every remote for its state.
   *
   * @param options - `repeats`: whether remotes are asked again that failed in a way that may pass
   */
  async ask(options: ReadStateOptions): Promise<Answer[]> {
    const most = options.repeats ? this.#most : 1;
    const onAnswer = ({ remote, error }: Answer): void => this.#contacts.asked(remote, error);
    const answers = await askUntilAnswered({ ...options, onAnswer, budget: this.#asking, most });
    this.#noteAnswers(answers);
    return answers;
  }

  /** The gate that every read from a remote goes through. */
  gate({ storage }: Remote): ReadGate {
    let gate = this.#gates.get(storage);
    if (gate === undefined) {
      // A connection that breaks or stalls takes all with it that are under way: each of them may be repeated.
      const retries = TIMEOUT_COST * this.#concurrency;
      const budget = new RetryBudget({ failsAsOne: false, refunds: true, retries, onRetry: this.#onRetry });
      const maySucceed = (): boolean => !this.#othersAnswer(storage);
      const onEnd = (error: unknown): void => this.#contacts.read(storage, error);
      const options = { most: this.#most, maySucceed, onEnd };
      gate = new RemoteGate(new Semaphore(this.#concurrency), budget, options);
      const readThrough = this.#kept?.readThrough;
      if (readThrough !== undefined) gate = Object.assign(gate, { readThrough });
      this.#gates.set(storage, gate);
    }
    return gate;
  }

  // Those with the largest state are able.
  #noteAnswers(answers: readonly Answer[]): void {
    const views = answers.flatMap(({ offer }) => offer?.view ?? []);
    const size = Math.max(0, ...views.map((view) => view.size));
    this.able = views.flatMap((view) => (view.size === size ? view.storage : []));
    for (const { storage } of views) {
      const gate = this.#gates.get(storage);
      if (gate !== undefined) gate.fails = false;
    }
  }

  #othersAnswer(storage: StorageBackend): boolean {
    return this.able.some((other) => other !== storage && this.#gates.get(other)?.fails !== true);
  }
}

interface GateOptions extends RunOptions {
  /** Called with how a read failed in the end, or with `undefined` if it succeeded. */
  readonly onEnd: (error: unknown) => void;
}

class RemoteGate implements ReadGate {
  readonly #semaphore: Semaphore;
  readonly #budget: RetryBudget;
  readonly #options: GateOptions;
  /** Whether the last read failed in a way that may pass. */
  fails = false;

  /** @param options - of each read */
  constructor(semaphore: Semaphore, budget: RetryBudget, options: GateOptions) {
    this.#semaphore = semaphore;
    this.#budget = budget;
    this.#options = options;
  }

  once<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return this.#semaphore.run(signal, work);
  }

  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const { onEnd, ...options } = this.#options;
    const read = async (): Promise<T> => {
      try {
        const result = await this.#semaphore.run(signal, work);
        this.fails = false;
        return result;
      } catch (error) {
        this.fails ||= mayPass(error);
        throw error;
      }
    };
    try {
      const result = await this.#budget.run(read, { ...options, signal });
      onEnd(undefined);
      return result;
    } catch (error) {
      // A caller that gave up says nothing about the remote.
      if (signal?.aborted !== true) onEnd(error);
      throw error;
    }
  }
}
