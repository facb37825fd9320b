// Bodies of replies: read up to a limit, and never further.

import { onAbort, raceSignal, throwIfAborted } from "../async/signals.ts";
import { type RemoteLogError, TooLargeError } from "../errors/index.ts";
import { webPageCame } from "../errors/web-page.ts";
import { ByteCollector } from "./byte-collector.ts";

/** A reply with a body: that of `fetch`, or of a client that reads its service's answers as a stream. */
export interface BodyLike {
  /** The headers, which may declare the length. */
  readonly headers?: { get(name: string): string | null };
  /**
   * The body, as a stream of the web or as pieces one after the other (a stream of Node.js); `null` is an empty one. Replies
   * of React Native's `fetch` have no such stream: then it is absent, and the bytes are had from `arrayBuffer`.
   */
  readonly body?: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | null;
  /** The whole body at once; asked only if `body` is `undefined`. */
  arrayBuffer?(): Promise<ArrayBuffer>;
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
  /** Ends the reading, and gives the body up. Default: the body ends by itself when its request is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the body of a reply to its end, into memory of its own. It ends early, with the connection closed, past the limit:
 * at once if the service says that there is more, or else when more has come. In whatever pieces the body comes, at most twice
 * the limit is in memory.
 *
 * @throws TooLargeError `ERR_TOO_LARGE`; not more than the limit was kept
 * @throws UnreachableError `ERR_UNREACHABLE`, reason `"web-page"`, if that is a web page by its type
 * @throws the reason of the signal
 * @throws whatever the stream fails with
 */
export async function readBody(reply: BodyLike, options: ReadBodyOptions): Promise<Uint8Array> {
  const declared = options.declared ?? declaredLength(reply);
  if (declared !== undefined && declared > options.limit) {
    await discardBody(reply);
    throw refused(reply, declared, options);
  }
  const collector = new ByteCollector(declared);
  const body = reply.body === undefined ? wholeBody(reply) : reply.body;
  for await (const piece of piecesOf(body, options.signal)) {
    const length = collector.length + piece.length;
    if (length > options.limit) throw refused(reply, length, options);
    collector.add(piece);
  }
  return collector.bytes();
}

// A runtime without streams has the whole body in memory before anybody sees how much it is.
function wholeBody(reply: BodyLike): AsyncIterable<Uint8Array> | null {
  if (reply.arrayBuffer === undefined) return null;
  return (async function* () {
    yield new Uint8Array(await reply.arrayBuffer!());
  })();
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

async function* piecesOf(
  body: BodyLike["body"],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!body) return;
  const source = "getReader" in body ? sourceOfWeb(body) : sourceOfPieces(body);
  // What is read when the signal fires may never come: it is given up, and nobody waits for it.
  const stop = onAbort(signal, () => void source.end());
  let isOver = false;
  try {
    for (;;) {
      const { done, value } = await raceSignal(source.next(), signal);
      throwIfAborted(signal);
      isOver = done === true || value === undefined;
      if (value === undefined) return;
      yield value;
    }
  } finally {
    stop();
    if (!isOver && signal?.aborted !== true) await source.end();
  }
}

/** Where the pieces of a body come from. */
interface Source {
  next(): Promise<{ readonly done?: boolean; readonly value?: Uint8Array | undefined }>;
  /** Gives the rest up. It never rejects. */
  end(): Promise<unknown>;
}

// Not every browser can iterate over a stream, but each can read it.
function sourceOfWeb(body: ReadableStream<Uint8Array>): Source {
  const reader = body.getReader();
  return { next: () => reader.read(), end: () => reader.cancel().catch(() => undefined) };
}

function sourceOfPieces(body: AsyncIterable<Uint8Array>): Source {
  const iterator: AsyncIterator<Uint8Array, unknown> = body[Symbol.asyncIterator]();
  return {
    next: async () => {
      const step = await iterator.next();
      return step.done === true ? { done: true } : { value: step.value };
    },
    async end() {
      // A stream of Node.js that somebody waits for does not end with its iterator, but at once.
      if ("destroy" in body) destroy(body as unknown as Destroyable);
      else await iterator.return?.().catch(() => undefined);
    },
  };
}

function declaredLength({ headers }: BodyLike): number | undefined {
  if (headers === undefined) return undefined;
  // If something on the way compressed it, the header counts other bytes than those that come.
  const encoding = headers.get("content-encoding") ?? "identity";
  const text = headers.get("content-length");
  return text !== null && encoding === "identity" && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

// What is too large and a page for people is most likely no answer of the service that was asked.
function refused(
  { headers }: BodyLike,
  bytes: number,
  { limit, operation, what }: ReadBodyOptions,
): RemoteLogError {
  if (/^text\/html\b/i.test(headers?.get("content-type") ?? "")) return webPageCame(operation, what);
  return new TooLargeError(
    `Reading ${what} was stopped: it has ${bytes} bytes or more, and at most ${limit} are accepted.`,
    { operation, limit },
  );
}
