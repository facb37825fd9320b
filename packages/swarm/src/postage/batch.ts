// What a node knows of a postage batch: `GET /stamps/<id>` and `GET /batches/<id>` of the Bee API.

import { type Call, HttpFailure, type OperationContext } from "@remote-log/core/adapter";
import { notBee, readAnswer } from "../node/answer.ts";
import type { BeeApi } from "../node/bee-api.ts";

/** What a node knows of a postage batch. */
export interface Batch {
  /** 64 hexadecimal digits in lower case. */
  readonly id: string;
  /** `"usable"`; `"new"`: the node can stamp with it later; `"foreign"`: it was bought by another node. */
  readonly state: "usable" | "new" | "foreign";
  readonly immutable: boolean;
  /** It has room for at most 2^depth chunks. */
  readonly depth: number;
  /** How full its fullest bucket is, 0 to 1; `undefined` if the node does not know. */
  readonly utilization: number | undefined;
  /** How long it is paid for, in milliseconds; `undefined` if the node does not know. */
  readonly remainingMilliseconds: number | undefined;
}

/**
 * Asks a node what it knows of a batch: one request, or two if it can't stamp with it.
 *
 * @returns `undefined` if the node knows of no such batch: it has expired, or never was
 * @throws HttpFailure for what says nothing about the batch
 * @throws UnreachableError `ERR_UNREACHABLE` if something else answered
 */
export async function readBatch(api: BeeApi, id: string, call: Call): Promise<Batch | undefined> {
  const { context } = call;
  try {
    const response = await api.request({ method: "GET", path: `/stamps/${id}` }, call);
    return batchOf(id, "usable", await readAnswer(response, context), context);
  } catch (error) {
    if (!(error instanceof HttpFailure) || ![400, 404].includes(error.status)) throw error;
    if (!isAboutBatch(error)) throw notBee(context, error);
    // The node either knows nothing of it, or knows it from the chain and can't stamp with it (yet).
    const state = error.status === 400 ? "new" : "foreign";
    return readForeign(api, id, state, call);
  }
}

async function readForeign(
  api: BeeApi,
  id: string,
  state: Batch["state"],
  call: Call,
): Promise<Batch | undefined> {
  const { context } = call;
  try {
    const response = await api.request({ method: "GET", path: `/batches/${id}` }, call);
    return batchOf(id, state, await readAnswer(response, context), context);
  } catch (error) {
    if (!(error instanceof HttpFailure) || error.status !== 404) throw error;
    if (!isAboutBatch(error)) throw notBee(context, error);
    return undefined;
  }
}

/** Whether the node speaks of the batch. That something has no page at this path says nothing about it. */
function isAboutBatch({ text }: HttpFailure): boolean {
  return /batch|issuer/i.test(text);
}

function batchOf(
  id: string,
  state: Batch["state"],
  answer: Readonly<Record<string, unknown>>,
  context: OperationContext,
): Batch {
  const { batchID, depth, bucketDepth, utilization, batchTTL, usable = true } = answer;
  const immutable = answer["immutableFlag"] ?? answer["immutable"];
  if (
    batchID !== id ||
    typeof immutable !== "boolean" ||
    typeof usable !== "boolean" ||
    !isCount(depth) ||
    !isCount(bucketDepth) ||
    typeof batchTTL !== "number"
  ) {
    throw notBee(context);
  }
  // Each chunk belongs to one of 2^bucketDepth buckets, by the first bits of its address.
  const room = 2 ** (depth - bucketDepth);
  return {
    id,
    state: usable ? state : "new",
    immutable,
    depth,
    utilization: isCount(utilization) ? Math.min(1, utilization / room) : undefined,
    remainingMilliseconds: batchTTL === -1 ? undefined : Math.max(0, batchTTL * 1000),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
