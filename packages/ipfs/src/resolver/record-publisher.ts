import type { Lifetime, OperationContext } from "@remote-log/core/adapter";
import type { IpnsRecord } from "../record/ipns-record.ts";
import { mostTelling } from "./ask-routes.ts";
import { conflict, withoutRoute } from "./errors.ts";
import type { NameState } from "./name-state.ts";
import type { CheckedNamesOptions } from "./options.ts";
import {
  enoughOutcomes,
  outdoneBy,
  type PublishingRoute,
  type PutOutcome,
  publishingRoutes,
  putOnRoute,
} from "./put-on-routes.ts";

/** Puts records on all routes that can publish. */
export class RecordPublisher {
  readonly #routes: readonly PublishingRoute[];
  readonly #options: CheckedNamesOptions;
  readonly #lifetime: Lifetime;

  constructor(options: CheckedNamesOptions, lifetime: Lifetime) {
    this.#routes = publishingRoutes(options.routes);
    this.#options = options;
    this.#lifetime = lifetime;
  }

  /** @throws UnsupportedError `ERR_UNSUPPORTED` where no route can publish */
  check(context: OperationContext): void {
    if (this.#routes.length === 0) throw withoutRoute(context);
  }

  /**
   * Publishes a new record. It is published when one route took it; those that are slow go on in the background, until
   * the next record of the name, or the end of the lifetime.
   *
   * @param signal - a signal of this operation alone
   * @throws NameConflictError `ERR_NAME_CONFLICT` where a route shows a record that stands above it
   * @throws the failure that says most, where no route took it
   */
  async publish(
    state: NameState,
    record: IpnsRecord,
    context: OperationContext,
    signal: AbortSignal,
  ): Promise<void> {
    const publishing = new AbortController();
    signal.addEventListener("abort", () => publishing.abort(signal.reason), { once: true });
    state.background?.abort();
    state.background = undefined;
    // Each by itself: it can go on when the update is over.
    const outcomes = this.#routes.map((route) =>
      this.#lifetime
        .run(context, publishing.signal, (inner) => this.#put(route, record, inner))
        .catch((error: unknown): PutOutcome => ({ route: route.name, status: "failed", error })),
    );
    try {
      const come = await enoughOutcomes(outcomes, this.#options.patienceMilliseconds);
      signal.throwIfAborted();
      judge(state, record, come, context);
      state.background = publishing;
    } catch (error) {
      publishing.abort(error);
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
    signal.throwIfAborted();
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
