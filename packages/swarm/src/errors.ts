import {
  DeniedError,
  NotFoundError,
  QuotaExhaustedError,
  type RemoteLogError,
  TimeoutError,
  TooLargeError,
  UnreachableError,
  UnsupportedError,
} from "@remote-log/core";
import { cleanText, HttpFailure, type OperationContext } from "@remote-log/core/adapter";
import { LARGEST_CHUNK } from "./transfer/chunks.ts";

/**
 * What a failure of `fetch` or of a node means. Chunks that are not there and batches that can't be used are told apart
 * where they are asked for; this is for the rest.
 */
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
      `${failed} A chunk has up to ${LARGEST_CHUNK} bytes: allow bodies of that size in the proxy before the node.`,
      { ...options, limit },
    );
  }
  if (status === 408 || status === 504) {
    return new TimeoutError(`${failed} The outcome of a write is unknown. Try again.`, options);
  }
  return new UnreachableError(`${failed} ${adviceFor(status)}`, options);
}

/**
 * What it means that a node could not give a chunk, where it answered at all: that it is not there.
 *
 * @param what - what is missing, for the message: `"content b…"`
 * @returns `undefined` where the failure says nothing about the chunk
 */
export function missingChunk(
  error: unknown,
  what: string,
  { operation, action }: OperationContext,
): NotFoundError | undefined {
  if (!(error instanceof HttpFailure) || error.status !== 404) return undefined;
  return new NotFoundError(
    `While ${action}: there is no ${what}. It may not have reached the network yet, or its stamp has expired; a node ` +
      "with few peers may not find it.",
    { operation, retry: "safe", cause: new Error(textOf(error)) },
  );
}

const WRONG_SERVICE = "Is it the right URL, and a Bee node? (Bee has its API at port 1633.)";

function adviceFor(status: number | undefined): string {
  if (status === undefined) {
    return "Is it running, is the URL right and, in a browser, does it allow this origin (cors-allowed-origins of Bee)?";
  }
  if (status < 500 && status !== 429) return WRONG_SERVICE;
  return "The outcome of a write is unknown. Try again; its log may say more.";
}

/** What went wrong, in words: of `fetch`, the reason is in the cause. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return "it failed";
  const { cause } = error;
  const why = cause instanceof Error && cause.message !== "" ? `: ${cause.message}` : "";
  return cleanText(`${error.message}${why}`);
}
