import { IntegrityError, TimeoutError, TooLargeError } from "@remote-log/core";
import {
  discardBody,
  failFast,
  HttpFailure,
  type OperationContext,
  readBody,
  Semaphore,
  withDeadline,
} from "@remote-log/core/adapter";
import { type Chunk, checkChunk } from "../chunk/content-chunk.ts";
import { toHex } from "../chunk/hex.ts";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";
import { notBee, readAnswer } from "../node/answer.ts";
import { uploadDeferred } from "./deferred.ts";
import { DirectUploads } from "./direct.ts";
import type { BeeApi } from "../node/bee-api.ts";
import { type Stamp, withoutStamp } from "../postage/stamp.ts";

/** How chunks are written, and how patient their user is. */
export interface ChunksOptions {
  /** `"direct"`: the node answers when the network has a chunk. `"deferred"`: at once, and its tag tells the rest. */
  readonly upload: "direct" | "deferred";
  /** How long the network may take to take a chunk; deferred: how long nothing may come of any. In milliseconds. */
  readonly uploadMilliseconds: number;
  /** How long the node may take to answer anything else, in milliseconds. */
  readonly answerMilliseconds: number;
}

/** What an operation needs besides what it is about. */
export interface ChunkRequest {
  readonly signal: AbortSignal;
  readonly context: OperationContext;
}

/** What is written together. */
export interface Upload {
  /** Chunks of contents, leaves first: each level is stored before the next one is begun. */
  readonly levels: readonly (readonly Chunk[])[];
  /** Comes last. */
  readonly ownerChunk?: OwnerChunk;
}

/** One request that writes a chunk. */
export interface ChunkWrite {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly address: Uint8Array;
  /** The address in hexadecimal, which the node has to answer with. */
  readonly reference: string;
}

/** How much of a chunk is read. */
export interface ChunkLimits {
  readonly limit?: number;
  readonly maxBytes?: number;
}

/** The most bytes that a chunk holds. */
const LARGEST_PAYLOAD = 4096;

/** A head of certain lengths has one zero more in its chunk. */
const PADDING = 1;

/** The most bytes that a chunk of contents has: span and payload. */
export const LARGEST_CHUNK: number = 8 + LARGEST_PAYLOAD;

const CHUNKS = "/chunks";

/** Requests at once: a node hands on what it is given, and reads what others have side by side. */
const WRITES_AT_ONCE = 16;
const READS_AT_ONCE = 64;

/** Chunks on a node: written with a stamp and compared with what it answers; what is read is the caller's to verify. */
export class Chunks {
  readonly #api: BeeApi;
  readonly #stamp: Stamp | undefined;
  readonly #options: ChunksOptions;
  readonly #writes = new Semaphore(WRITES_AT_ONCE);
  readonly #reads = new Semaphore(READS_AT_ONCE);
  readonly #direct: DirectUploads;

  /** @param stamp - pays for what is written; without it nothing can be */
  constructor(api: BeeApi, stamp: Stamp | undefined, options: ChunksOptions) {
    this.#api = api;
    this.#stamp = stamp;
    this.#options = options;
    this.#direct = new DirectUploads({
      milliseconds: options.uploadMilliseconds,
      send: (write, request) => this.#send(write, {}, request),
      shows: (write, request) => this.#shows(write, request),
    });
  }

  /** Whether the node shows chunks that were written here, and that it could not push yet. */
  get showsUnpushed(): boolean {
    return this.#options.upload === "deferred";
  }

  /**
   * Writes chunks, in the order of their levels. Resolves when the network has all of them.
   *
   * @throws UnsupportedError `ERR_UNSUPPORTED` without a stamp
   * @throws IntegrityError `ERR_INTEGRITY` where the node answered with another address than that of the chunk
   * @throws TimeoutError `ERR_TIMEOUT` where the network does not take them in time
   * @throws InvalidInputError, QuotaExhaustedError as {@link Stamp.use} does
   * @throws HttpFailure for what says nothing about the batch
   */
  async upload({ levels, ownerChunk }: Upload, request: ChunkRequest): Promise<void> {
    if (this.#stamp === undefined) throw withoutStamp(request.context);
    const writes = levels.map((level) => unique(level.map(writeOf)));
    if (ownerChunk !== undefined) writes.push([writeOfOwner(ownerChunk)]);
    if (this.#options.upload === "direct") {
      // What a name holds is read back by those who update it.
      await this.#inOrder(writes, request, (write, inner) =>
        write.path === CHUNKS ? this.#direct.upload(write, inner) : this.#send(write, {}, inner),
      );
      return;
    }
    // Before the tag is made: with a batch that can't be used, the node should keep nothing.
    await this.#stamp.check(request);
    await uploadDeferred({ writes: writes.flat().length, ...this.#options, api: this.#api, request }, (tag) =>
      this.#inOrder(writes, request, (write, inner) => this.#send(write, { "swarm-tag": tag }, inner)),
    );
  }

  /**
   * Reads what the node has, or finds, under an address. It may be anything: nothing of it is verified.
   *
   * @param limits - `limit`: the most bytes that a chunk of the wanted kind has; `maxBytes`: the most bytes that the
   * content or the head may have of which the chunk is the first
   * @throws HttpFailure of status 404 where the node says that there is none, of 500 where it could not find out
   * @throws UnreachableError `ERR_UNREACHABLE` where something else than a node answered
   * @throws IntegrityError `ERR_INTEGRITY` where there is more than a chunk has
   * @throws TooLargeError `ERR_TOO_LARGE` where there is more than `maxBytes`; no more was read
   * @throws TimeoutError `ERR_TIMEOUT`
   */
  async getChunk(
    address: Uint8Array,
    { limit = LARGEST_CHUNK, maxBytes = LARGEST_PAYLOAD }: ChunkLimits,
    { signal, context }: ChunkRequest,
  ): Promise<Uint8Array> {
    const { answerMilliseconds: milliseconds } = this.#options;
    const { operation } = context;
    const reference = toHex(address);
    return this.#reads.run(signal, () =>
      withDeadline({ milliseconds, operation, backend: this.#api.place, signal }, async (inner) => {
        const path = `/chunks/${reference}`;
        const response = await this.#api
          .request({ method: "GET", path, signal: inner, context })
          .catch((error: unknown) => {
            throw isForeign404(error) ? notBee(context, error) : error;
          });
        if (isPage(response)) {
          await discardBody(response);
          throw notBee(context);
        }
        const what = `the chunk ${reference}`;
        const allowed = limit - Math.max(0, LARGEST_PAYLOAD - maxBytes - PADDING);
        return readBody(response, { limit: allowed, operation, what }).catch((error: unknown) => {
          if (!(error instanceof TooLargeError)) throw error;
          throw allowed < limit ? tooLarge(maxBytes, context) : notChunk(reference, limit, context);
        });
      }),
    );
  }

  #inOrder(
    levels: readonly (readonly ChunkWrite[])[],
    { signal, context }: ChunkRequest,
    write: (write: ChunkWrite, request: ChunkRequest) => Promise<void>,
  ): Promise<void> {
    return levels.reduce(async (before, level) => {
      await before;
      await failFast(signal, level, (one, inner) => write(one, { signal: inner, context }));
    }, Promise.resolve());
  }

  /** Sends a chunk, and compares what the node says that it stored. */
  async #send(
    { path, query = {}, body, reference }: ChunkWrite,
    headers: Readonly<Record<string, string>>,
    request: ChunkRequest,
  ): Promise<void> {
    const { signal, context } = request;
    const { upload, uploadMilliseconds, answerMilliseconds } = this.#options;
    const milliseconds = upload === "direct" ? uploadMilliseconds : answerMilliseconds;
    const deadline = { milliseconds, operation: context.operation, backend: this.#api.place, signal };
    const answer = await this.#stamp?.use(request, (stamped) =>
      this.#writes.run(signal, () =>
        withDeadline(deadline, async (inner) => {
          const sent = { method: "POST", path, query, headers: { ...stamped, ...headers }, body } as const;
          return readAnswer(await this.#api.request({ ...sent, signal: inner, context }), context);
        }).catch((error: unknown) => {
          throw error instanceof TimeoutError && upload === "direct" ? this.#tooSlow(error, context) : error;
        }),
      ),
    );
    const answered = answer?.["reference"];
    if (answered === reference) return;
    // Only what looks like a reference is repeated: it is the text of somebody else.
    const shown =
      typeof answered === "string" && /^[0-9a-f]{1,128}$/i.test(answered) ? answered : "something else";
    throw new IntegrityError(
      `While ${context.action}, it answered with ${shown}, and the chunk is ${reference}: what it ` +
        "has stored is something else. Check what stands between here and the node.",
      { operation: context.operation },
    );
  }

  /** Whether the network shows a chunk of contents. */
  async #shows({ address }: ChunkWrite, request: ChunkRequest): Promise<boolean> {
    try {
      checkChunk(address, await this.getChunk(address, {}, request), request.context);
      return true;
    } catch (error) {
      if (error instanceof HttpFailure && error.status === 404) return false;
      throw error;
    }
  }

  #tooSlow(cause: TimeoutError, { operation, action }: OperationContext): TimeoutError {
    return new TimeoutError(
      `While ${action}: the network did not take a chunk within ${this.#options.uploadMilliseconds} ms. Has the node ` +
        'peers (GET /peers)? Try again, allow more time (uploadMilliseconds), or set upload: "deferred", with which the ' +
        "node keeps the chunk until it finds some.",
      { operation, cause },
    );
  }
}

function writeOf({ address, data }: Chunk): ChunkWrite {
  return { path: CHUNKS, body: data, address, reference: toHex(address) };
}

function writeOfOwner({ address, id, owner, signature, wrapped }: OwnerChunk): ChunkWrite {
  return {
    path: `/soc/${toHex(owner)}/${toHex(id)}`,
    query: { sig: toHex(signature) },
    body: wrapped.data,
    address,
    reference: toHex(address),
  };
}

/** A 404 of something else, such as a proxy that does not know the path, says nothing about a chunk. */
function isForeign404(error: unknown): boolean {
  return error instanceof HttpFailure && error.status === 404 && !/chunk not found/i.test(error.message);
}

/** A page for people, such as one that wants a password, says nothing about a chunk, either. */
function isPage({ headers }: Response): boolean {
  return /^text\/html\b/i.test(headers.get("content-type") ?? "");
}

/** A content may have the same piece many times. */
function unique(writes: readonly ChunkWrite[]): readonly ChunkWrite[] {
  return [...new Map(writes.map((write) => [write.reference, write])).values()];
}

function tooLarge(limit: number, { operation, action }: OperationContext): TooLargeError {
  return new TooLargeError(
    `While ${action}: it has more than the ${limit} bytes that are taken. No more was read.`,
    {
      operation,
      limit,
    },
  );
}

function notChunk(reference: string, limit: number, { operation, action }: OperationContext): IntegrityError {
  return new IntegrityError(
    `While ${action}: under the address of the chunk ${reference} it has more than ${limit} bytes, and no chunk has. ` +
      "Nothing of them was used.",
    { operation },
  );
}
