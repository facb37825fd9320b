// Bodies of replies: read up to a limit, and never further.

import { concatBytes } from "../bytes.ts";
import { TooLargeError } from "../errors/index.ts";

/** A reply with a body: that of `fetch`, or of a client that reads its service's answers as a stream. */
export interface BodyLike {
  /** The headers, which may declare the length. */
  readonly headers?: { get(name: string): string | null };
  /** The body, as a stream of the web or as pieces one after the other (a stream of Node.js); none is empty. */
  readonly body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | null;
}

/** Options of {@link readBody}. */
export interface ReadBodyOptions {
  /** The maximum number of bytes to accept. */
  readonly limit: number;
  /** The operation, for the error: `"storage.get"`. */
  readonly operation: string;
  /** What is read, for the error: `"the content b…"`. */
  readonly what: string;
  /** How many bytes the service says that there are, if the client tells in another way than by `content-length`. */
  readonly declared?: number | undefined;
}

/**
 * Reads the body of a reply to its end, into memory of its own. It ends early, with the connection closed, past the limit:
 * at once if the service says that there is more, or else when more has come.
 *
 * @throws TooLargeError `ERR_TOO_LARGE`; not more than the limit was kept
 * @throws whatever the stream fails with
 */
export async function readBody(reply: BodyLike, options: ReadBodyOptions): Promise<Uint8Array> {
  const declared = options.declared ?? declaredLength(reply);
  if (declared !== undefined && declared > options.limit) {
    await discardBody(reply);
    throw tooLarge(declared, options);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of piecesOf(reply.body)) {
    length += piece.length;
    if (length > options.limit) throw tooLarge(length, options);
    pieces.push(piece);
  }
  return concatBytes(pieces);
}

/** Gives up a body that nobody reads, and its connection with it. */
export async function discardBody({ body }: BodyLike): Promise<void> {
  // Some runtimes have no bodies at all.
  if (!body) return;
  try {
    if ("getReader" in body) await body.cancel();
    // A stream of Node.js that nobody has begun to read does not end with its iterator.
    else if ("destroy" in body) destroy(body as Destroyable);
    else await body[Symbol.asyncIterator]().return?.();
  } catch {
    // It was broken already.
  }
}

/** A stream of Node.js. */
interface Destroyable {
  destroy(): void;
  on?(event: "error", listener: () => void): void;
}

function destroy(stream: Destroyable): void {
  // An early end may be an error for its source, and one that nobody listens to ends the process.
  stream.on?.("error", () => undefined);
  stream.destroy();
}

// Not every browser can iterate over a stream, but each can read it.
async function* piecesOf(body: BodyLike["body"]): AsyncGenerator<Uint8Array, void, undefined> {
  if (!body) return;
  if (!("getReader" in body)) {
    yield* body;
    return;
  }
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // After the end, or an error, it does nothing.
    await reader.cancel().catch(() => undefined);
  }
}

function declaredLength({ headers }: BodyLike): number | undefined {
  if (headers === undefined) return undefined;
  // If something on the way compressed it, the header counts other bytes than those that come.
  const encoding = headers.get("content-encoding") ?? "identity";
  const text = headers.get("content-length");
  return text !== null && encoding === "identity" && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function tooLarge(bytes: number, { limit, operation, what }: ReadBodyOptions): TooLargeError {
  return new TooLargeError(
    `Reading ${what} was stopped: it has ${bytes} bytes or more, and at most ${limit} are accepted.`,
    { operation, limit },
  );
}
