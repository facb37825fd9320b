// What a failure of `fetch`, of a client or of a node means. What is not there, and batches that can't pay, are told apart
// where they are asked for; this is for the rest.

import {
  DeniedError,
  QuotaExhaustedError,
  type RemoteLogError,
  TimeoutError,
  TooLargeError,
  UnreachableError,
  UnsupportedError,
} from "@remote-log/core";
import { cleanText, HttpFailure, type OperationContext, unknownOutcome } from "@remote-log/core/adapter";
import { LARGEST_CHUNK } from "./chunk/bmt.ts";

/** Translates a failure: what the drivers of this package give the shell. */
export function translateFailure(error: unknown, context: OperationContext): RemoteLogError {
  const status = error instanceof HttpFailure ? error.status : undefined;
  const text = textOf(error);
  const said = status === undefined ? text : `it answered ${status}${text === "" ? "" : ` (${text})`}`;
  const failed = `While ${context.action}: ${said}.`;
  const options = { operation: context.operation, cause: new Error(text) };
  if (status === 401 || status === 403) {
    return new DeniedError(
      `${failed} Give the headers that authorize you as \`headers\`. Public gateways take no writes.`,
      options,
    );
  }
  if (status === 402 || status === 507) {
    return new QuotaExhaustedError(
      `${failed} Top the batch up or dilute it, or make room at the node.`,
      options,
    );
  }
  if (status === 405 || status === 501) {
    return new UnsupportedError(`${failed} ${WRONG_SERVICE} Public gateways take no writes.`, options);
  }
  if (status === 413) {
    const limit = LARGEST_CHUNK - 1;
    return new TooLargeError(
      `${failed} A chunk has at most ${LARGEST_CHUNK} bytes: allow bodies of that size in the proxy before the node.`,
      { ...options, limit },
    );
  }
  const unknown = unknownOutcome(context.operation);
  if (status === 408 || status === 504) {
    return new TimeoutError(`${failed}${unknown} Try again.`, options);
  }
  const taken = status === undefined || status >= 500 ? unknown : "";
  return new UnreachableError(`${failed}${taken} ${adviceFor(status)}`, options);
}

const WRONG_SERVICE = "Is it the right URL, and a Bee node? (Bee has its API at port 1633.)";

function adviceFor(status: number | undefined): string {
  if (status === undefined) {
    return "Is it running, is the URL right and, in a browser, does it allow this origin (cors-allowed-origins of Bee)?";
  }
  if (status < 500 && status !== 429) return WRONG_SERVICE;
  return "Try again; its log may say more.";
}

/** What went wrong, in words: `fetch` puts the reason into the cause. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return "it failed";
  const { cause } = error;
  const why = cause instanceof Error && cause.message !== "" ? `: ${cause.message}` : "";
  return cleanText(`${error.message}${why}`);
}
