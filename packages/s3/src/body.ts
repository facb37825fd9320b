import { TooLargeError } from "@remote-log/core";

/** How a body is read. */
export interface ReadOptions {
  /** The most bytes to take. */
  readonly limit: number;
  /** How many bytes the service says there are. */
  readonly declared: number | undefined;
  /** The operation, for the error. */
  readonly operation: string;
  /** What is read, for the error: `"the content b…"`. */
  readonly what: string;
}

/** The body of a reply, as the SDK and as `fetch` give it. */
export type Body =
  | (AsyncIterable<Uint8Array> & { destroy?(): void })
  | { transformToWebStream(): ReadableStream<Uint8Array> }
  | ReadableStream<Uint8Array>;

/**
 * Reads a body to its end. It ends early, with the connection closed, past the limit: at once where the service
 * says that there is more, or else when more has come.
 *
 * @throws TooLargeError `ERR_TOO_LARGE`
 */
export async function readBody(body: Body | undefined, options: ReadOptions): Promise<Uint8Array> {
  const { limit, declared } = options;
  if (declared !== undefined && declared > limit) {
    await discard(body);
    throw tooLarge(declared, options);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of piecesOf(body)) {
    length += piece.length;
    if (length > limit) throw tooLarge(length, options);
    pieces.push(piece);
  }
  // Into memory of its own: a piece may be a view of what the runtime uses for others.
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Gives up a body that nobody reads, and its connection with it. */
export async function discard(body: Body | undefined): Promise<void> {
  if (body === undefined) return;
  if ("destroy" in body && body.destroy !== undefined) {
    // Without it Node would take the early end for an error that nobody listens to.
    (body as unknown as { on?(event: "error", listener: () => void): void }).on?.("error", () => undefined);
    body.destroy();
    return;
  }
  const stream = streamOf(body);
  await stream?.cancel().catch(() => undefined);
}

async function* piecesOf(body: Body | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  if (body === undefined) return;
  const stream = streamOf(body);
  if (stream === undefined) {
    // A stream of Node: leaving the loop destroys it.
    yield* body as AsyncIterable<Uint8Array>;
    return;
  }
  const reader = stream.getReader();
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

// Not every browser can iterate over a stream, but each can read it.
function streamOf(body: Body): ReadableStream<Uint8Array> | undefined {
  if ("getReader" in body) return body;
  if (Symbol.asyncIterator in body) return undefined;
  return body.transformToWebStream();
}

function tooLarge(bytes: number, { limit, operation, what }: ReadOptions): TooLargeError {
  return new TooLargeError(
    `Reading ${what} was stopped: it has ${bytes} bytes or more, and at most ${limit} are accepted.`,
    { operation, limit },
  );
}
