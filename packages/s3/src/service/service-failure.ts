// A request that failed, before it is known what that means: what the service said of it, and nothing of the request.

import { cleanText } from "@remote-log/core/adapter";

/** What is known of a request that a service did not carry out, or did not answer. */
export interface FailureParts {
  /**
   * The service's code for it (`"NoSuchKey"`), or the runtime's (`"ECONNREFUSED"`), or `"RegionMissing"` and
   * `"ChecksumMismatch"` for what the SDK says in words alone, or {@link ANSWER_TOO_LONG} or {@link WEB_PAGE}; empty if there is
   * none.
   */
  readonly code: string;
  /** What the service said, or the runtime if no answer came. */
  readonly text: string;
  /** The HTTP status; `undefined` if no answer came. */
  readonly status?: number | undefined;
  /** How the service calls itself (the header `Server`), as far as it is known. */
  readonly server?: string | undefined;
  /** The region of the bucket, if the service names it. */
  readonly region?: string | undefined;
  /** The service's id of the request, for its support. */
  readonly requestId?: string | undefined;
  /** How long the service asked to be left alone, in milliseconds. */
  readonly retryAfterMilliseconds?: number | undefined;
}

/** The code of a failure whose answer was given up because it was too long. */
export const ANSWER_TOO_LONG = "AnswerTooLong";

/** The code of a failure whose answer was a page in HTML that said that all is well. */
export const WEB_PAGE = "WebPage";

/**
 * A failed request. It holds nothing but what is listed here: the errors of the SDK carry what the service sent back, and
 * that may be the caller's signature and session token.
 */
export class ServiceFailure extends Error {
  override readonly name = "ServiceFailure";
  readonly code: string;
  /**
   * The service's own words, cleaned; those of the runtime if no answer came. What no code tells is told by them: look for
   * it here and not in `message`, which is for people.
   */
  readonly text: string;
  readonly status: number | undefined;
  readonly server: string | undefined;
  readonly region: string | undefined;
  readonly requestId: string | undefined;
  /** How long the service asked to be left alone, in milliseconds; the shell keeps it in the error. */
  readonly retryAfterMilliseconds: number | undefined;

  constructor(parts: FailureParts) {
    const text = cleanText(parts.text);
    super(text);
    this.text = text;
    // Codes are single words. What else a service puts there, nobody has to see.
    this.code = /^\w{1,60}$/.test(parts.code) ? parts.code : "";
    this.status = parts.status;
    this.server = parts.server === undefined ? undefined : cleanText(parts.server);
    this.region = parts.region;
    this.retryAfterMilliseconds = parts.retryAfterMilliseconds;
    this.requestId = parts.requestId === undefined ? undefined : cleanText(parts.requestId);
  }
}

/** Whether an error is a failure with one of the given statuses or codes. */
export function isFailure(error: unknown, ...wanted: readonly (number | string)[]): error is ServiceFailure {
  if (!(error instanceof ServiceFailure)) return false;
  return wanted.some((one) => (typeof one === "number" ? error.status === one : error.code === one));
}

/** Whether a service refused conditions as such, rather than finding that they do not hold. */
export function refusesConditions(error: unknown): error is ServiceFailure {
  return isFailure(error, 501) || (isFailure(error, 400) && /if-(none-)?match|condition/i.test(error.text));
}
