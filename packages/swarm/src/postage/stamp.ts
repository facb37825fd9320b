import { InvalidInputError, QuotaExhaustedError, UnreachableError, UnsupportedError } from "@remote-log/core";
import {
  delay,
  HttpFailure,
  type OperationContext,
  SingleFlight,
  withDeadline,
} from "@remote-log/core/adapter";
import { buy, dilute, foreign, healthOf, MUTABLE, type SwarmHealth, TOO_NEW } from "./health.ts";
import { type Batch, readBatch } from "./batch.ts";
import type { BeeApi } from "../node/bee-api.ts";

/** Which batch pays, and how patient its user is. */
export interface StampOptions {
  /** 64 hexadecimal digits in lower case. */
  readonly id: string;
  /** Whether a mutable batch is taken. */
  readonly allowMutable: boolean;
  /** How long to wait for a new batch to become usable, in milliseconds. */
  readonly usableMilliseconds: number;
  /** How long the node may take to tell about the batch, in milliseconds. */
  readonly answerMilliseconds: number;
}

/** What an operation needs besides what it is about. */
export interface StampRequest {
  readonly signal: AbortSignal;
  readonly context: OperationContext;
}

/** How long what was seen of a batch is believed, in milliseconds: an hour. */
const KNOWN_MILLISECONDS = 60 * 60 * 1000;

/** Between two looks at a batch that is not usable yet, in milliseconds: first, and at most. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5000;

/** The postage batch that pays for what an object writes. */
export class Stamp {
  /** 64 hexadecimal digits in lower case. */
  readonly id: string;
  readonly #api: BeeApi;
  readonly #options: StampOptions;
  readonly #checking = new SingleFlight<void>();
  /** When it was last seen to be as it should be. */
  #checkedAt: number | undefined;

  constructor(api: BeeApi, options: StampOptions) {
    this.id = options.id;
    this.#api = api;
    this.#options = options;
  }

  /**
   * Makes sure that the batch can be written with: asks the node before the first write, and when the last answer is an
   * hour old. Writes at once share one request. A batch that is too new is waited for.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a mutable batch that is not allowed; reason `"batch-mutable"`
   * @throws QuotaExhaustedError `ERR_QUOTA` with a reason: `"batch-unknown"` if the node does not know the batch, because
   * it has expired, never was or is too new; `"batch-foreign"` if it belongs to another node; `"batch-not-usable"` if it
   * did not become usable in time
   */
  async check({ signal, context }: StampRequest): Promise<void> {
    const age = Date.now() - (this.#checkedAt ?? Number.NEGATIVE_INFINITY);
    if (age >= 0 && age < KNOWN_MILLISECONDS) return;
    await this.#checking.run(this.id, signal, (shared) => this.#look({ signal: shared, context }));
  }

  /**
   * Writes with the batch: checks it first, tries again while it is not usable yet, and tells what a refusal means.
   *
   * @param write - sends the request, with these headers
   * @throws what {@link Stamp.check} throws
   * @throws QuotaExhaustedError `ERR_QUOTA` if the batch is full, reason `"batch-full"`, or was refused, with the reasons
   * of {@link Stamp.check}
   * @throws what the request throws, where that has nothing to do with the batch
   */
  async use<T>(
    request: StampRequest,
    write: (headers: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T> {
    await this.check(request);
    const until = performance.now() + this.#options.usableMilliseconds;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await write({ "swarm-postage-batch-id": this.id });
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        if (error.status !== 422 || performance.now() + pause > until)
          throw await this.#explain(error, request);
      }
      await delay(pause, request.signal);
    }
  }

  /**
   * How the batch is.
   *
   * @throws QuotaExhaustedError `ERR_QUOTA` for a batch that has expired, or that nobody knows; reason `"batch-unknown"`
   */
  async health(request: StampRequest): Promise<SwarmHealth> {
    const batch = await this.#read(request);
    if (batch === undefined) throw this.#unknown(request.context);
    return healthOf(batch, { place: this.#api.place, now: Date.now() });
  }

  async #look(request: StampRequest): Promise<void> {
    const { usableMilliseconds, allowMutable } = this.#options;
    const { context } = request;
    const until = performance.now() + usableMilliseconds;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const batch = await this.#read(request);
      if (batch === undefined) throw this.#unknown(context);
      if (!batch.immutable && !allowMutable) throw mutable(batch, context);
      if (batch.state === "usable") break;
      if (batch.state === "foreign") throw this.#foreign(context);
      if (performance.now() + pause > until) throw this.#tooNew(context);
      await delay(pause, request.signal);
    }
    this.#checkedAt = Date.now();
  }

  #read({ signal, context }: StampRequest): Promise<Batch | undefined> {
    const { answerMilliseconds: milliseconds } = this.#options;
    const { operation } = context;
    return withDeadline({ milliseconds, operation, backend: this.#api.place, signal }, (inner) =>
      readBatch(this.#api, this.id, { signal: inner, context }),
    );
  }

  /** What it means that a write was refused. Bee tells too little about single-owner chunks: then the batch is looked at. */
  async #explain(failure: HttpFailure, request: StampRequest): Promise<unknown> {
    const { status } = failure;
    const { context } = request;
    if (status === 402) {
      this.#checkedAt = undefined;
      return this.#full(await this.#read(request).catch(() => undefined), context, failure);
    }
    if (status === 422) return this.#tooNew(context, failure);
    if (status === 404 && /batch/i.test(failure.message)) {
      this.#checkedAt = undefined;
      const batch = await this.#read(request).catch(() => undefined);
      return batch?.state === "foreign" ? this.#foreign(context, failure) : this.#unknown(context, failure);
    }
    if (status === 400) {
      const batch = await this.#read(request).catch(() => undefined);
      if (batch?.utilization === 1) return this.#full(batch, context, failure);
      const said = failure.message === "" ? "" : ` (${failure.message})`;
      return new UnreachableError(
        `While ${context.action}: it answered 400${said}, and the batch ${this.id} is not full. Try again; the log of the ` +
          "node may say more.",
        { operation: context.operation, cause: failure },
      );
    }
    return failure;
  }

  #full(
    batch: Batch | undefined,
    { operation, action }: OperationContext,
    cause: unknown,
  ): QuotaExhaustedError {
    return new QuotaExhaustedError(
      `While ${action}: the batch ${this.id} is full where this chunk belongs. ` +
        (batch === undefined ? "Dilute it, or buy another." : dilute(batch)),
      { operation, reason: "batch-full", cause },
    );
  }

  #unknown({ operation, action }: OperationContext, cause?: unknown): QuotaExhaustedError {
    return new QuotaExhaustedError(
      `While ${action}: the node knows of no batch ${this.id}: it has expired, never was, or was bought a moment ago. ` +
        `The network drops what was stored with a batch that has expired. ${buy()}`,
      { operation, reason: "batch-unknown", cause },
    );
  }

  #foreign({ operation, action }: OperationContext, cause?: unknown): QuotaExhaustedError {
    return new QuotaExhaustedError(`While ${action}: the batch ${this.id} ${foreign(this.#api.place)}.`, {
      operation,
      reason: "batch-foreign",
      cause,
    });
  }

  #tooNew({ operation, action }: OperationContext, cause?: unknown): QuotaExhaustedError {
    return new QuotaExhaustedError(
      `While ${action}: the batch ${this.id} did not become usable within ${this.#options.usableMilliseconds} ms: ` +
        `${TOO_NEW}. Try again later, or allow more time (usableMilliseconds).`,
      { operation, reason: "batch-not-usable", retry: "safe", cause },
    );
  }
}

function mutable({ id, depth }: Batch, { operation, action }: OperationContext): InvalidInputError {
  return new InvalidInputError(
    `While ${action}: the batch ${id} is mutable: ${MUTABLE} Nothing was sent. ${buy(depth)} If what is stored with it ` +
      "may be lost, set allowMutable: true.",
    { operation, reason: "batch-mutable" },
  );
}

/** Nobody would pay. */
export function withoutStamp({ operation, action }: OperationContext): UnsupportedError {
  return new UnsupportedError(
    `While ${action}: no postage batch was given, and nothing can be stored without one. Give the id of one as \`stamp\`.`,
    { operation },
  );
}
