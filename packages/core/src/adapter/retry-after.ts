// What a service says of when to come back: the header Retry-After (RFC 9110 §10.2.3).

import { isRemoteLogError } from "../errors/index.ts";
import { timeNow } from "../runtime/clock.ts";

/** The longest that is kept: more than a day is nothing to wait for, and some services send nonsense. */
const LONGEST = 86_400_000;

/**
 * Reads the header `Retry-After`: seconds, or a date.
 *
 * @returns milliseconds from now on, at most those of a day; `undefined` if it says nothing that can be read
 */
export function parseRetryAfter(header: string | null | undefined): number | undefined {
  const text = header?.trim() ?? "";
  const milliseconds = /^\d{1,12}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - timeNow();
  return Number.isNaN(milliseconds) ? undefined : Math.min(Math.max(milliseconds, 0), LONGEST);
}

/** Keeps in a translated error what the service asked for: in the failure itself, or in the reply that came with it. */
export function keepRetryAfter(failure: unknown, translated: unknown): unknown {
  if (!isRemoteLogError(translated) || translated.retryAfterMilliseconds !== undefined) return translated;
  const value = askedBy(failure);
  if (value !== undefined) {
    Object.defineProperty(translated, "retryAfterMilliseconds", { value, enumerable: true });
  }
  return translated;
}

function askedBy(failure: unknown): number | undefined {
  if (typeof failure !== "object" || failure === null) return undefined;
  const { retryAfterMilliseconds, response } = failure as {
    readonly retryAfterMilliseconds?: unknown;
    readonly response?: { readonly headers?: unknown };
  };
  if (typeof retryAfterMilliseconds === "number") return retryAfterMilliseconds;
  const headers = response?.headers;
  return typeof Headers === "function" && headers instanceof Headers
    ? parseRetryAfter(headers.get("retry-after"))
    : undefined;
}
