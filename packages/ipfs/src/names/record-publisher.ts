// Publishes records on all routes that can, and continues in the background on the slow ones.

import type { Lifetime, OperationContext } from "@remote-log/core/adapter";
import { abortReason, abortWith, throwIfAborted } from "@remote-log/core/adapter";
import type { IpnsRecord } from "../record/ipns-record.ts";
import { mostTelling } from "../routes/most-telling.ts";
import type { PublishingRoute } from "../routes/route.ts";
import { conflict, withoutRoute } from "./errors.ts";
import type { NameState } from "./name-state.ts";
import type { CheckedNamesOptions } from "./options.ts";
import { enoughOutcomes, outdoneBy, type PutOutcome, putOnRoute } from "./put-on-routes.ts";

/** Puts records on all routes that can publish. */
export class RecordPublisher {
  readonly #routes: readonly PublishingRoute[];
  readonly #options: CheckedNamesOptions;
  readonly #lifetime: Lifetime;

  constructor(options: CheckedNamesOptions, lifetime: Lifetime) {
    this.#routes = options.routes.filter((route): route is PublishingRoute => route.put !== undefined);
    this.#options = options;
    this.#lifetime = lifetime;
  }

  /** @throws UnsupportedError `ERR_UNSUPPORTED`, with the reason `"read-only"`, if no route can publish */
  check(context: OperationContext): void {
    if (this.#routes.length === 0) throw withoutRoute(context);
  }

  /**
   * Publishes a new record. It is published once one route took it. Slow routes continue in the background until the next
   * record of the name, or the end of the lifetime.
   *
   * @param signal - a signal of this operation alone
   * @throws NameConflictError `ERR_NAME_CONFLICT` if a route shows a higher record
   * @throws the failure that tells most, if no route took it
   */
  async publish(
    state: NameState,
    record: IpnsRecord,
    context: OperationContext,
    signal: AbortSignal,
  ): Promise<void> {
    const publishing = new AbortController();
    signal.addEventListener("abort", () => abortWith(publishing, abortReason(signal)), { once: true });
    state.background?.abort();
    state.background = undefined;
    // Each in an operation of its own, which can continue after the update is over.
    const outcomes = this.#routes.map((route) =>
      this.#lifetime
        .run(context, publishing.signal, (inner) => this.#put(route, record, inner))
        .catch((error: unknown): PutOutcome => ({ route: route.name, status: "failed", error })),
    );
    try {
      const come = await enoughOutcomes(outcomes, this.#options.patienceMilliseconds);
      throwIfAborted(signal);
      judge(state, record, come, context);
      state.background = publishing;
    } catch (error) {
      abortWith(publishing, error);
      throw error;
    }
  }

  /** Puts a record on every route again, and waits for all of them; throws as {@link RecordPublisher.publish} does. */
  async putAgain(
    state: NameState,
    record: IpnsRecord,
    context: OperationContext,
    signal: AbortSignal,
  ): Promise<readonly PutOutcome[]> {
    const outcomes = await Promise.all(this.#routes.map((route) => this.#put(route, record, signal)));
    throwIfAborted(signal);
    judge(state, record, outcomes, context);
    return outcomes;
  }

  #put(route: PublishingRoute, record: IpnsRecord, signal: AbortSignal): Promise<PutOutcome> {
    return putOnRoute(route, record, { milliseconds: this.#options.publishMilliseconds, signal });
  }
}

function judge(
  state: NameState,
  record: IpnsRecord,
  outcomes: readonly PutOutcome[],
  context: OperationContext,
): void {
  const other = outdoneBy(outcomes);
  if (other !== undefined) {
    state.saw(other);
    throw conflict(record.sequence, other.sequence, context);
  }
  if (outcomes.some(({ status }) => status === "taken")) return;
  throw mostTelling(outcomes.flatMap((one) => (one.status === "failed" ? [one.error] : [])));
}
