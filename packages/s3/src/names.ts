import {
  type NameCapabilities,
  NameConflictError,
  type NameResolver,
  type Resolution,
  type ResolveOptions,
  type Revision,
  rawSha256,
  TooLargeError,
  UnsupportedError,
  type UpdateOptions,
} from "@remote-log/core";
import { backOff, CONFLICTS } from "./back-off.ts";
import { BucketRequests, type ReadObject } from "./bucket.ts";
import { type FaultContext, missingEtag } from "./errors.ts";
import { etagFor, isRevision, revisionOf } from "./etag.ts";
import { hexOf, keyOf, nameAction, nameKey } from "./layout.ts";
import { Lifetime } from "./lifetime.ts";
import { LARGEST_NAME } from "./limits.ts";
import { type CheckedOptions, checkOptions, type S3NamesOptions } from "./options.ts";
import { probeOnce } from "./probe.ts";
import { isFailure } from "./service-failure.ts";

/** The metadata that tells a write of our own from one of somebody else with the same bytes. */
const WRITE_ID = "remote-log-write";

/**
 * Names in a bucket, each in an object that is called by the SHA-256 of the name in UTF-8: `<prefix>/names/<64 hex>`.
 * Any name does, whatever its length and its characters. A revision is the object's ETag.
 *
 * Compare-and-set is atomic where the service enforces conditional writes, which the first update of a process checks
 * (see `probeS3`); reading checks nothing and writes nothing.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function s3Names(options: S3NamesOptions): Omit<Required<NameResolver>, "watch"> {
  return new BucketNames(checkOptions(options, LARGEST_NAME), options.compareAndSet);
}

/** What {@link s3Names} makes. */
export class BucketNames implements NameResolver {
  readonly name = "s3";
  readonly capabilities: NameCapabilities;
  readonly #options: CheckedOptions;
  readonly #bucket: BucketRequests;
  readonly #lifetime: Lifetime;

  /** @param release - called once, when it is closed and nothing is under way */
  constructor(options: CheckedOptions, compareAndSet: "atomic" | "none" = "atomic", release?: () => void) {
    this.#options = options;
    this.#bucket = new BucketRequests(options);
    this.#lifetime = new Lifetime("name resolver", release);
    this.capabilities = Object.freeze({
      compareAndSet,
      readYourWrites: true,
      largestContent: options.largestContent,
      watch: false,
    });
  }

  async update(name: string, content: Uint8Array, options: UpdateOptions): Promise<Revision> {
    const { expected } = options;
    const context = this.#context("names.update", "updating", name, content.length);
    const { prefix, largestContent: limit } = this.#options;
    return this.#lifetime.run(context, options.signal, async (signal) => {
      // The caller may change its bytes as soon as it has this promise.
      const body = content.length > limit ? undefined : new Uint8Array(content);
      const key = keyOf(prefix, "names", await nameKey(name, context));
      if (body === undefined) {
        throw new TooLargeError(
          `A content of ${content.length} bytes is too large for a name: the limit is ${limit}. Store it as a ` +
            "content, and let the name point at it.",
          { operation: context.operation, limit },
        );
      }
      const object = { key, body, digest: await rawSha256.digest(body) };
      if (this.capabilities.compareAndSet === "none") {
        return checkedEtag(await this.#bucket.put(object, signal), context);
      }
      if (expected !== null && !isRevision(expected)) throw conflict(context, expected);
      await this.#checkAtomic(context, signal);
      return this.#compareAndSet(object, expected, context, signal);
    });
  }

  async resolve(name: string, options: ResolveOptions = {}): Promise<Resolution> {
    const context = this.#context("names.resolve", "resolving", name);
    return this.#lifetime.run(context, options.signal, async (signal) => {
      const key = keyOf(this.#options.prefix, "names", await nameKey(name, context));
      const known = options.known !== undefined && isRevision(options.known) ? options.known : undefined;
      const limit = Math.min(options.maxBytes ?? Number.POSITIVE_INFINITY, this.#options.largestContent);
      const found = await this.#read(key, limit, known, context, signal);
      if (found === undefined) return { status: "absent" };
      if (found === "unchanged") return { status: "unchanged", revision: known ?? "" };
      return { status: "found", content: found.content, revision: checkedEtag(found.etag, context) };
    });
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  async #checkAtomic(context: FaultContext, signal: AbortSignal | undefined): Promise<void> {
    const { compareAndSet, reason } = await probeOnce(this.#options, context, signal);
    if (compareAndSet === "atomic") return;
    throw new UnsupportedError(
      `While ${context.action}, it was found that compare-and-set does not work here. ${reason} Nothing was changed. ` +
        "If the log has one writer alone, say so: open the remote with `openS3Remote`, or with " +
        '`compareAndSet: "none"`, or put compare-and-set=none into its URI.',
      { operation: context.operation },
    );
  }

  async #compareAndSet(
    object: { readonly key: string; readonly body: Uint8Array; readonly digest: Uint8Array },
    expected: Revision | null,
    context: FaultContext,
    signal: AbortSignal | undefined,
  ): Promise<Revision> {
    const { traits } = this.#bucket;
    const writeId = hexOf(crypto.getRandomValues(new Uint8Array(16)));
    let quotes = traits.quotes;
    for (let tries = 1; ; tries++) {
      try {
        const condition = expected === null ? { create: true } : { match: etagFor(expected, quotes) };
        const etag = await this.#bucket.put(
          { ...object, ...condition, metadata: { [WRITE_ID]: writeId } },
          signal,
        );
        traits.quotes = quotes;
        return checkedEtag(etag, context);
      } catch (error) {
        if (isFailure(error, 409) && tries < CONFLICTS) {
          // Another write was under way. The next answer tells whether it was carried out.
          await backOff(tries, signal);
          continue;
        }
        if (!isFailure(error, 412, "NoSuchKey")) throw error;
      }
      // A reply may have been lost, and the request sent again by the client or by a proxy: then what did not hold is
      // the condition of a write that had succeeded.
      const held = await this.#read(object.key, object.body.length, undefined, context, signal).catch(
        // Whatever is longer is not what we sent.
        (error: unknown) => (error instanceof TooLargeError ? undefined : Promise.reject(error)),
      );
      if (held !== undefined && held !== "unchanged") {
        const revision = checkedEtag(held.etag, context);
        if (isOwnWrite(held, writeId, object.body)) return revision;
        if (revision === expected && quotes) {
          quotes = false;
          continue;
        }
        if (revision === expected) throw refusesOwnEtag(context);
      }
      throw conflict(context, expected);
    }
  }

  async #read(
    key: string,
    limit: number,
    known: Revision | undefined,
    context: FaultContext,
    signal: AbortSignal | undefined,
  ): Promise<ReadObject | "unchanged" | undefined> {
    try {
      return await this.#bucket.get(key, { limit, known, signal, context, what: "the name" });
    } catch (error) {
      if (isFailure(error, "NoSuchKey")) return undefined;
      throw error;
    }
  }

  #context(operation: string, verb: string, name: string, bytes = 0): FaultContext {
    return { operation, action: nameAction(verb, name, this.#options.place), bytes };
  }
}

// Where the service keeps no metadata, or a browser may not see it, equal bytes have to do.
function isOwnWrite(held: ReadObject, writeId: string, body: Uint8Array): boolean {
  const found = held.metadata?.[WRITE_ID];
  if (found !== undefined) return found === writeId;
  return held.content.length === body.length && held.content.every((byte, i) => byte === body[i]);
}

function checkedEtag(etag: string | undefined, context: FaultContext): Revision {
  const revision = revisionOf(etag);
  if (revision === undefined) throw missingEtag(context);
  return revision;
}

function conflict(context: FaultContext, expected: Revision | null): NameConflictError {
  const should = expected === null ? "does not exist yet" : `holds the revision ${JSON.stringify(expected)}`;
  return new NameConflictError(
    `While ${context.action}, it was expected that the name ${should}, and that is not so. It was left as it ` +
      "is. Resolve it to see what it holds.",
    { operation: context.operation },
  );
}

function refusesOwnEtag({ operation, action }: FaultContext): UnsupportedError {
  return new UnsupportedError(
    `While ${action}, the service refused the very ETag that the name has, with and without its quotes. Nothing was ` +
      'changed. Use `compareAndSet: "none"`: the log then has one writer.',
    { operation },
  );
}
