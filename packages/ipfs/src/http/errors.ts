// What failures of services over HTTP mean: of Kubo's RPC, of routers and of gateways, asked by `fetch` or by a client.
//
// Kubo's RPC answers every failure of a command with status 500 and a text (Kubo RPC, "HTTP status codes"), so that only its
// words tell the cases apart. They are read from where a service's words are kept, never from a message that is for people.

import {
  DeniedError,
  QuotaExhaustedError,
  type RemoteLogError,
  TimeoutError,
  UnreachableError,
  UnsupportedError,
} from "@remote-log/core";
import {
  cleanText,
  connectionFailure,
  HttpFailure,
  type OperationContext,
  unknownOutcome,
} from "@remote-log/core/adapter";

/** What a service says that has no room. */
const FULL = /no space left|storage quota|StorageMax/i;

/** What a service says that ran out of time. */
const LATE = /deadline exceeded|timed? ?out/i;

/** What runtimes call their own time limits. */
const TIMEOUT_CODES: ReadonlySet<unknown> = new Set([
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
]);

/**
 * What a failure of `fetch`, of a service or of a client means. An absent block, an older record and the like are told apart
 * where they are asked for; this is for the rest.
 *
 * The errors of clients may carry whole requests and replies: only their text is kept.
 */
export function translateFailure(error: unknown, context: OperationContext): RemoteLogError {
  const unconnected = connectionFailure(error, context);
  if (unconnected !== undefined) return unconnected;
  const status = statusOf(error);
  const text = textOf(error);
  const said = status === undefined ? text : `it answered ${status}${text === "" ? "" : ` (${text})`}`;
  const failed = `While ${context.action}: ${said}.`;
  const options = { operation: context.operation, cause: new Error(text) };
  if (status === 401 || status === 403) {
    return new DeniedError(
      `${failed} Give the credentials as headers, or allow this origin and these paths (API.HTTPHeaders and ` +
        "API.Authorizations of Kubo).",
      options,
    );
  }
  if (status === 402 || status === 507 || FULL.test(wordsOf(error))) {
    return new QuotaExhaustedError(`${failed} Make room there, or use another node.`, options);
  }
  if (status === 405 || status === 501) {
    return new UnsupportedError(`${failed} ${WRONG_SERVICE}`, { ...options, reason: "wrong-service" });
  }
  const unknown = unknownOutcome(context.operation);
  if (saysTooLate(error)) {
    return new TimeoutError(`${failed}${unknown} Try again, or allow more time.`, options);
  }
  const isWrong = status !== undefined && status < 500 && status !== 429;
  const advice = isWrong ? ` ${WRONG_SERVICE}` : `${status === 429 ? "" : unknown} ${adviceFor(status)}`;
  return new UnreachableError(`${failed}${advice}`, {
    ...options,
    ...(isWrong && { reason: "wrong-service" }),
  });
}

const WRONG_SERVICE =
  "Is it the right URL, and a service of that kind? (Kubo has its RPC at port 5001, and its gateway and router at 8080.)";

function adviceFor(status: number | undefined): string {
  return status === undefined
    ? "Is it running, is the URL right and, in a browser, does it allow this origin (CORS; API.HTTPHeaders of Kubo)?"
    : "Try again; the log of the service may say more.";
}

/** Whether a service, a client or the runtime gave up because time ran out. */
export function saysTooLate(error: unknown): boolean {
  const status = statusOf(error);
  if (status === 408 || status === 504) return true;
  const { name, code, cause } = partsOf(error);
  // Both clients throw a `TimeoutError` when their own time is over, and when the node says that its time is.
  if (name === "TimeoutError" || TIMEOUT_CODES.has(code) || TIMEOUT_CODES.has(partsOf(cause).code))
    return true;
  return LATE.test(wordsOf(error));
}

/** The HTTP status of a failure of ours, or of a client that keeps the reply; `undefined` if no answer came. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpFailure) return error.status;
  const { status } = partsOf(partsOf(error).response);
  return typeof status === "number" ? status : undefined;
}

/**
 * The words of the service itself; empty if it did not answer. kubo-rpc-client and ipfs-http-client throw an `HTTPError` with
 * the reply, or a `TimeoutError`, and have the node's words as its message.
 */
export function wordsOf(error: unknown): string {
  if (error instanceof HttpFailure) return error.text;
  const { name, message } = partsOf(error);
  const isAnswer = statusOf(error) !== undefined || name === "HTTPError" || name === "TimeoutError";
  return isAnswer && typeof message === "string" ? cleanText(message) : "";
}

/** What went wrong, for people: of `fetch`, the reason is in the cause. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return "it failed";
  const { cause } = error;
  const why = cause instanceof Error && cause.message !== "" ? `: ${cause.message}` : "";
  return cleanText(`${error.message}${why}`);
}

interface ErrorParts {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly response?: unknown;
  readonly status?: unknown;
}

function partsOf(value: unknown): ErrorParts {
  return typeof value === "object" && value !== null ? value : {};
}
