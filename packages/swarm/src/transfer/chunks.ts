// Chunks to and from a node: `POST /chunks`, `POST /soc` and `GET /chunks` of the Bee API.

import { TimeoutError, TooLargeError } from "@remote-log/core";
import {
  type Call,
  discardBody,
  failFast,
  HttpFailure,
  isWebPage,
  readBody,
  Semaphore,
  webPageCame,
  withDeadline,
} from "@remote-log/core/adapter";
import { CHUNK_BYTES, LARGEST_CHUNK } from "../chunk/bmt.ts";
import { type Chunk, checkChunk } from "../chunk/content-chunk.ts";
import { toHex } from "../chunk/hex.ts";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";
import { notBee } from "../node/answer.ts";
import type { BeeApi } from "../node/bee-api.ts";
import { withoutBatch } from "../postage/errors.ts";
import type { Stamp } from "../postage/stamp.ts";
import { type ChunkWrite, contentWrite, ownerWrite } from "./chunk-write.ts";
import { uploadDeferred } from "./deferred.ts";
import { DirectUploads } from "./direct.ts";
import { notChunk, otherStored, tooLarge, tooSlow } from "./errors.ts";

/** How chunks are written, and how patient their user is. */
export interface ChunksOptions {
  /** `"direct"`: the node answers when the network has a chunk. `"deferred"`: at once, and its tag tells the rest. */
  readonly upload: "direct" | "deferred";
  /**
   * How long the network may take to accept a chunk, in milliseconds; with deferred uploads, how long an upload may make no
   * progress.
   */
  readonly uploadMilliseconds: number;
  /** How long the node may take to answer anything else, in milliseconds. */
  readonly answerMilliseconds: number;
}

/** What is written together. */
export interface Upload {
  /** Chunks of contents, leaves first: each level is stored before the next one is begun. */
  readonly levels: readonly (readonly Chunk[])[];
  /** Comes last. */
  readonly ownerChunk?: OwnerChunk;
}

/** How much of a chunk is read. */
export interface ChunkLimits {
  /** The most bytes that a chunk of the wanted kind has. Default: those of a chunk of content. */
  readonly limit?: number | undefined;
  /** The most bytes that the content or the head may have of which the chunk is the first. Default: any number. */
  readonly maxBytes?: number | undefined;
}

/** A head of certain lengths has one zero more in its chunk. */
const PADDING = 1;

/** Requests at once: a node passes on what it is given, and reads what others have side by side. */
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
      send: (write, call) => this.#send(write, undefined, call),
      shows: (write, call) => this.#shows(write, call),
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
   * @throws IntegrityError `ERR_INTEGRITY` if the node answered with another address than that of the chunk
   * @throws TimeoutError `ERR_TIMEOUT` if the network does not accept them in time
   * @throws InvalidInputError, QuotaExhaustedError as {@link Stamp.use} does
   * @throws HttpFailure for what says nothing about the batch
   */
  async upload({ levels, ownerChunk }: Upload, call: Call): Promise<void> {
    if (this.#stamp === undefined) throw withoutBatch(call.context);
    const writes = levels.map((level) => unique(level.map(contentWrite)));
    if (ownerChunk !== undefined) writes.push([ownerWrite(ownerChunk)]);
    if (this.#options.upload === "direct") {
      // An update of a name is read back by whoever writes it.
      await this.#inOrder(writes, call, (write, inner) =>
        write.kind === "content" ? this.#direct.upload(write, inner) : this.#send(write, undefined, inner),
      );
      return;
    }
    // Before the tag is made: with a batch that can't pay, the node should keep nothing.
    await this.#stamp.check(call);
    await uploadDeferred({ writes: writes.flat().length, ...this.#options, api: this.#api, call }, (tag) =>
      this.#inOrder(writes, call, (write, inner) => this.#send(write, tag, inner)),
    );
  }

  /**
   * Reads what the node has, or finds, under an address. It may be anything: nothing of it is verified.
   *
   * @returns `undefined` only if the node says that there is none
   * @throws HttpFailure of status 500 if the node could not find out
   * @throws UnreachableError `ERR_UNREACHABLE` if something other than a node answered
   * @throws IntegrityError `ERR_INTEGRITY` if there is more than a chunk has
   * @throws TooLargeError `ERR_TOO_LARGE` if there is more than `maxBytes`; no more was read
   * @throws TimeoutError `ERR_TIMEOUT`
   */
  async getChunk(
    address: Uint8Array,
    { limit = LARGEST_CHUNK, maxBytes = CHUNK_BYTES }: ChunkLimits,
    { signal, context }: Call,
  ): Promise<Uint8Array | undefined> {
    const { answerMilliseconds: milliseconds } = this.#options;
    const { operation } = context;
    const reference = toHex(address);
    return this.#reads.run(signal, () =>
      withDeadline({ milliseconds, operation, backend: this.#api.place, signal }, async (inner) => {
        const response = await this.#ask(reference, { signal: inner, context });
        if (response === undefined) return undefined;
        const what = `the chunk ${reference}`;
        const allowed = limit - Math.max(0, CHUNK_BYTES - maxBytes - PADDING);
        const data = await readBody(response, { limit: allowed, operation, what }).catch((error: unknown) => {
          if (!(error instanceof TooLargeError)) throw error;
          throw allowed < limit ? tooLarge(maxBytes, context) : notChunk(reference, limit, context);
        });
        // No chunk begins like this: a span has zeros there, and an id is a hash.
        if (isWebPage(data)) throw webPageCame(operation, what);
        return data;
      }),
    );
  }

  /** Asks for a chunk; `undefined` only if a node answered that it is not there. */
  async #ask(reference: string, call: Call): Promise<Response | undefined> {
    try {
      const response = await this.#api.request({ method: "GET", path: `/chunks/${reference}` }, call);
      if (!isPage(response)) return response;
      await discardBody(response);
    } catch (error) {
      if (!(error instanceof HttpFailure) || error.status !== 404) throw error;
      if (/chunk not found/i.test(error.text)) return undefined;
      // A 404 of something else, such as a proxy that does not know the path, says nothing about a chunk.
      throw notBee(call.context, error);
    }
    throw notBee(call.context);
  }

  #inOrder(
    levels: readonly (readonly ChunkWrite[])[],
    { signal, context }: Call,
    write: (write: ChunkWrite, call: Call) => Promise<void>,
  ): Promise<void> {
    return levels.reduce(async (before, level) => {
      await before;
      await failFast(signal, level, (one, inner) => write(one, { signal: inner, context }));
    }, Promise.resolve());
  }

  /** Sends a chunk, and compares what the node says that it stored. */
  async #send(write: ChunkWrite, tag: string | undefined, call: Call): Promise<void> {
    const { signal, context } = call;
    const { upload, uploadMilliseconds, answerMilliseconds } = this.#options;
    const milliseconds = upload === "direct" ? uploadMilliseconds : answerMilliseconds;
    const deadline = { milliseconds, operation: context.operation, backend: this.#api.place, signal };
    const stamp = this.#stamp;
    if (stamp === undefined) throw withoutBatch(context);
    const answered = await stamp.use(call, () =>
      this.#writes.run(signal, () =>
        withDeadline(deadline, (inner) =>
          write.send(this.#api, { stamp: stamp.id, tag }, { signal: inner, context }),
        ).catch((error: unknown) => {
          throw error instanceof TimeoutError && upload === "direct"
            ? tooSlow(uploadMilliseconds, error, context)
            : error;
        }),
      ),
    );
    if (answered !== write.reference) throw otherStored(answered, write, context);
  }

  /** Whether the network shows a chunk of contents. */
  async #shows({ address }: ChunkWrite, call: Call): Promise<boolean> {
    const data = await this.getChunk(address, {}, call);
    if (data !== undefined) checkChunk(address, data, call.context);
    return data !== undefined;
  }
}

/** A page for people, such as one that wants a password, says nothing about a chunk. */
function isPage({ headers }: Response): boolean {
  return /^text\/html\b/i.test(headers.get("content-type") ?? "");
}

/** A content may have the same piece many times. */
function unique(writes: readonly ChunkWrite[]): readonly ChunkWrite[] {
  return [...new Map(writes.map((write) => [write.reference, write])).values()];
}
