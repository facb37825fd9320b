// Why a postage batch can't pay: each error with a typed reason, so that callers can tell the cases apart.

import { InvalidInputError, QuotaExhaustedError, UnsupportedError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import { buy, dilute, foreign, MUTABLE, TOO_NEW } from "./advice.ts";
import type { Batch } from "./batch.ts";

/**
 * Why a postage batch can't pay, as the `reason` of an error:
 *
 * - `"batch-missing"`: no batch was given (`ERR_UNSUPPORTED`)
 * - `"batch-unknown"`: the node knows of no such batch: it has expired, never was, or is very new (`ERR_QUOTA`)
 * - `"batch-foreign"`: another node bought it (`ERR_QUOTA`)
 * - `"batch-not-usable"`: it is too new (`ERR_QUOTA`, may be tried again)
 * - `"batch-full"`: the bucket of a chunk is full (`ERR_QUOTA`)
 * - `"batch-mutable"`: it is mutable, and mutable batches are not allowed (`ERR_INVALID_INPUT`)
 */
export type BatchReason =
  | "batch-missing"
  | "batch-unknown"
  | "batch-foreign"
  | "batch-not-usable"
  | "batch-full"
  | "batch-mutable";

/** The batch is full. */
export function batchFull(
  id: string,
  batch: Batch | undefined,
  { operation, action }: OperationContext,
  cause: unknown,
): QuotaExhaustedError {
  return new QuotaExhaustedError(
    `While ${action}: the batch ${id} is full where this chunk belongs. ` +
      (batch === undefined ? "Dilute it, or buy another." : dilute(batch)),
    { operation, reason: "batch-full" satisfies BatchReason, cause },
  );
}

/** The node does not know the batch. */
export function batchUnknown(
  id: string,
  { operation, action }: OperationContext,
  cause?: unknown,
): QuotaExhaustedError {
  return new QuotaExhaustedError(
    `While ${action}: the node knows of no batch ${id}: it has expired, never was, or was bought a moment ago. ` +
      `The network drops what was stored with a batch that has expired. ${buy()}`,
    { operation, reason: "batch-unknown" satisfies BatchReason, cause },
  );
}

/** Another node bought the batch. */
export function batchForeign(
  id: string,
  place: string,
  { operation, action }: OperationContext,
  cause?: unknown,
): QuotaExhaustedError {
  return new QuotaExhaustedError(`While ${action}: the batch ${id} ${foreign(place)}.`, {
    operation,
    reason: "batch-foreign" satisfies BatchReason,
    cause,
  });
}

/** The batch did not become usable in time. */
export function batchTooNew(
  id: string,
  milliseconds: number,
  { operation, action }: OperationContext,
  cause?: unknown,
): QuotaExhaustedError {
  return new QuotaExhaustedError(
    `While ${action}: the batch ${id} did not become usable within ${milliseconds} ms: ` +
      `${TOO_NEW}. Try again later, or allow more time (usableMilliseconds).`,
    { operation, reason: "batch-not-usable" satisfies BatchReason, retry: "safe", cause },
  );
}

/** The batch is mutable, and that was not allowed. */
export function batchMutable(
  { id, depth }: Batch,
  { operation, action }: OperationContext,
): InvalidInputError {
  return new InvalidInputError(
    `While ${action}: the batch ${id} is mutable: ${MUTABLE} Nothing was sent. ${buy(depth)} If what is stored with it ` +
      "may be lost, set allowMutable: true.",
    { operation, reason: "batch-mutable" satisfies BatchReason },
  );
}

/** No batch was given. */
export function withoutBatch({ operation, action }: OperationContext): UnsupportedError {
  return new UnsupportedError(
    `While ${action}: no postage batch was given, and nothing can be stored without one. Give the id of one as \`stamp\`.`,
    { operation, reason: "batch-missing" satisfies BatchReason },
  );
}
