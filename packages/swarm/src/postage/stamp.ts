// The postage batch that pays for uploads (Book of Swarm, postage stamps): it is checked before a write, and refusals of
// uploads are explained by it.

import { UnreachableError } from "@remote-log/core";
import {
  type Call,
  delay,
  HttpFailure,
  monotonicNow,
  SingleFlight,
  timeNow,
  withDeadline,
} from "@remote-log/core/adapter";
import type { BeeApi } from "../node/bee-api.ts";
import { type Batch, readBatch } from "./batch.ts";
import { batchForeign, batchFull, batchMutable, batchTooNew, batchUnknown } from "./errors.ts";
import { healthOf, type SwarmHealth } from "./health.ts";

/** Which batch pays, and how patient its user is. */
export interface StampOptions {
  /** 64 hexadecimal digits in lower case. */
  readonly id: string;
  /** Whether a mutable batch may pay. */
  readonly allowMutable: boolean;
  /** How long to wait for a new batch to become usable, in milliseconds. */
  readonly usableMilliseconds: number;
  /** How long the node may take to tell about the batch, in milliseconds. */
  readonly answerMilliseconds: number;
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
  /** When the batch was last seen to be usable. */
  #checkedAt: number | undefined;

  constructor(api: BeeApi, options: StampOptions) {
    this.id = options.id;
    this.#api = api;
    this.#options = options;
  }

  /**
   * Makes sure that the batch can pay: asks the node before the first write, and again once the last answer is an hour old.
   * Concurrent writes share one request. A batch that is too new is waited for.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a mutable batch that is not allowed; reason `"batch-mutable"`
   * @throws QuotaExhaustedError `ERR_QUOTA` with a reason: `"batch-unknown"` if the node does not know the batch, because
   * it has expired, never was or is too new; `"batch-foreign"` if it belongs to another node; `"batch-not-usable"` if it
   * did not become usable in time
   */
  async check({ signal, context }: Call): Promise<void> {
    const age = timeNow() - (this.#checkedAt ?? Number.NEGATIVE_INFINITY);
    if (age >= 0 && age < KNOWN_MILLISECONDS) return;
    await this.#checking.run(this.id, signal, (shared) => this.#look({ signal: shared, context }));
  }

  /**
   * Writes with the batch: checks it first, tries again while it is not usable yet, and explains a refusal.
   *
   * @param write - sends a request that the batch pays for
   * @throws what {@link Stamp.check} throws
   * @throws QuotaExhaustedError `ERR_QUOTA` if the batch is full, reason `"batch-full"`, or was refused, with the reasons
   * of {@link Stamp.check}
   * @throws what the request throws, if that has nothing to do with the batch
   */
  async use<T>(call: Call, write: () => Promise<T>): Promise<T> {
    await this.check(call);
    const until = monotonicNow() + this.#options.usableMilliseconds;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        if (error.status !== 422 || monotonicNow() + pause > until) throw await this.#explain(error, call);
      }
      await delay(pause, call.signal);
    }
  }

  /**
   * The state of the batch.
   *
   * @throws QuotaExhaustedError `ERR_QUOTA` for a batch that has expired, or that nobody knows; reason `"batch-unknown"`
   */
  async health(call: Call): Promise<SwarmHealth> {
    const batch = await this.#read(call);
    if (batch === undefined) throw batchUnknown(this.id, call.context);
    return healthOf(batch, { place: this.#api.place, now: timeNow() });
  }

  async #look(call: Call): Promise<void> {
    const { usableMilliseconds, allowMutable } = this.#options;
    const { context } = call;
    const until = monotonicNow() + usableMilliseconds;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const batch = await this.#read(call);
      if (batch === undefined) throw batchUnknown(this.id, context);
      if (!batch.immutable && !allowMutable) throw batchMutable(batch, context);
      if (batch.state === "usable") break;
      if (batch.state === "foreign") throw batchForeign(this.id, this.#api.place, context);
      if (monotonicNow() + pause > until) throw batchTooNew(this.id, usableMilliseconds, context);
      await delay(pause, call.signal);
    }
    this.#checkedAt = timeNow();
  }

  #read({ signal, context }: Call): Promise<Batch | undefined> {
    const { answerMilliseconds: milliseconds } = this.#options;
    const { operation } = context;
    return withDeadline({ milliseconds, operation, backend: this.#api.place, signal }, (inner) =>
      readBatch(this.#api, this.id, { signal: inner, context }),
    );
  }

  /** Why an upload was refused. Bee says too little about single-owner chunks: then the batch is looked at. */
  async #explain(failure: HttpFailure, call: Call): Promise<unknown> {
    const { status, text } = failure;
    const { context } = call;
    if (status === 402) {
      this.#checkedAt = undefined;
      return batchFull(this.id, await this.#read(call).catch(() => undefined), context, failure);
    }
    if (status === 422) return batchTooNew(this.id, this.#options.usableMilliseconds, context, failure);
    if (status === 404 && /batch/i.test(text)) {
      this.#checkedAt = undefined;
      const batch = await this.#read(call).catch(() => undefined);
      if (batch?.state !== "foreign") return batchUnknown(this.id, context, failure);
      return batchForeign(this.id, this.#api.place, context, failure);
    }
    if (status === 400) {
      const batch = await this.#read(call).catch(() => undefined);
      if (batch?.utilization === 1) return batchFull(this.id, batch, context, failure);
      const said = text === "" ? "" : ` (${text})`;
      return new UnreachableError(
        `While ${context.action}: it answered 400${said}, and the batch ${this.id} is not full. Try again; the log of the ` +
          "node may say more.",
        { operation: context.operation, cause: failure },
      );
    }
    return failure;
  }
}
