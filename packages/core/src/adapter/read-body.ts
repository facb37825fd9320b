import { TooLargeError } from "../errors/index.ts";

/** Options of {@link readBody}. */
export interface ReadBodyOptions {
  /** The most bytes to take. */
  readonly limit: number;
  /** The operation, for the error: `"storage.get"`. */
  readonly operation: string;
  /** What is read, for the error: `"the content b…"`. */
  readonly what: string;
}

/**
 * Reads the body of a reply of `fetch` to its end, into memory of its own. It ends early, with the connection closed,
 * past the limit: at once where the service says that there is more, or else when more has come.
 *
 * @throws TooLargeError `ERR_TOO_LARGE`; not more than the limit was kept
 * @throws whatever the stream fails with
 */
export async function readBody(response: Response, options: ReadBodyOptions): Promise<Uint8Array> {
  const declared = declaredLength(response);
  if (declared !== undefined && declared > options.limit) {
    await discardBody(response);
    throw tooLarge(declared, options);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  // Not every browser can iterate over a stream, but each can read it.
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done || value === undefined) break;
      length += value.length;
      if (length > options.limit) throw tooLarge(length, options);
      pieces.push(value);
    }
  } finally {
    // After the end, or an error, it does nothing.
    await reader?.cancel().catch(() => undefined);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Gives up a body that nobody reads, and its connection with it. */
export async function discardBody(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

function declaredLength(response: Response): number | undefined {
  // Where something on the way compressed it, the header counts other bytes than those that come.
  const encoding = response.headers.get("content-encoding") ?? "identity";
  const text = response.headers.get("content-length");
  return text !== null && encoding === "identity" && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function tooLarge(bytes: number, { limit, operation, what }: ReadBodyOptions): TooLargeError {
  return new TooLargeError(
    `Reading ${what} was stopped: it has ${bytes} bytes or more, and at most ${limit} are accepted.`,
    { operation, limit },
  );
}
