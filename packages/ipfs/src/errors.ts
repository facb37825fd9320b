import {
  DeniedError,
  QuotaExhaustedError,
  type RemoteLogError,
  TimeoutError,
  UnreachableError,
  UnsupportedError,
} from "@remote-log/core";
import { cleanText, HttpFailure, type OperationContext } from "@remote-log/core/adapter";

/**
 * What a failure of `fetch`, of a service or of a client means. Blocks that are not there, records that are older and
 * the like are told apart where they are asked for; this is for the rest.
 *
 * The errors of clients may carry whole requests and replies: only their text is kept.
 */
export function translateFailure(error: unknown, context: OperationContext): RemoteLogError {
  const status = statusOf(error);
  const text = textOf(error);
  const said = status === undefined ? text : `it answered ${status}${text === "" ? "" : ` (${text})`}`;
  const failed = `While ${context.action}: ${said}.`;
  const options = { operation: context.operation, cause: new Error(text) };
  if (status === 401 || status === 403) {
    return new DeniedError(
      `${failed} Give the credentials as headers, or have this origin and these paths allowed ` +
        "(API.HTTPHeaders and API.Authorizations of Kubo).",
      options,
    );
  }
  if (status === 402 || status === 507 || /no space left|storage quota|StorageMax/i.test(text)) {
    return new QuotaExhaustedError(`${failed} Make room there, or take another node.`, options);
  }
  if (status === 405 || status === 501) {
    return new UnsupportedError(`${failed} ${WRONG_SERVICE}`, options);
  }
  if (status === 408 || status === 504 || /deadline exceeded|timed? ?out/i.test(text)) {
    return new TimeoutError(`${failed} Try again, or allow more time.`, options);
  }
  return new UnreachableError(`${failed} ${adviceFor(status)}`, options);
}

const WRONG_SERVICE =
  "Is it the right URL, and a service of that kind? (Kubo has its RPC at port 5001, and gateway and router at 8080.)";

function adviceFor(status: number | undefined): string {
  if (status === undefined) {
    return "Is it running, is the URL right and, in a browser, does it allow this origin (CORS; API.HTTPHeaders of Kubo)?";
  }
  if (status < 500 && status !== 429) return WRONG_SERVICE;
  return "The outcome of a write is unknown. Try again; its log may say more.";
}

/** The HTTP status of a failure of ours, or of a client that keeps the reply; `undefined` where no answer came. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpFailure) return error.status;
  const { response } = (error ?? {}) as { response?: { status?: unknown } };
  return typeof response?.status === "number" ? response.status : undefined;
}

/** What went wrong, in words: of `fetch`, the reason is in the cause. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return "it failed";
  const { cause } = error;
  const why = cause instanceof Error && cause.message !== "" ? `: ${cause.message}` : "";
  return cleanText(`${error.message}${why}`);
}
