// Names in a bucket: the driver.

import {
  type CompareAndSet,
  type NameResolver,
  type Resolution,
  type Revision,
  rawSha256,
  TooLargeError,
} from "@remote-log/core";
import {
  bytesEqual,
  type Call,
  defineNames,
  isWebPage,
  type NameDriver,
  type OperationContext,
  type ResolveRequest,
  randomBytes,
  webPageCame,
} from "@remote-log/core/adapter";
import { fromFailure, missingEtag, noConditionalWrites, refusesOwnEtag } from "./errors.ts";
import { hexOf, nameKey } from "./layout.ts";
import type { CheckedOptions } from "./place-options.ts";
import { probeOnce } from "./probe-once.ts";
import { backOff, CONFLICTS } from "./service/back-off.ts";
import { etagFor, furtherForms, isRevision, revisionOf } from "./service/etag.ts";
import { BucketRequests, type ObjectToPut, type ReadObject } from "./service/requests.ts";
import { isFailure } from "./service/service-failure.ts";

/** The metadata that tells a write of our own from one of somebody else with the same bytes. */
const WRITE_ID = "remote-log-write";

/** Names in a bucket, as callers see them. */
export type S3Names = NameResolver & Required<Pick<NameResolver, "close">>;

/**
 * Names in a bucket, by whatever client.
 *
 * @param release - called once, when it is closed and nothing is running
 */
export function namesOf(
  options: CheckedOptions,
  compareAndSet: CompareAndSet | "probed" = "atomic",
  release?: () => void,
): S3Names {
  return defineNames(new BucketNames(options, compareAndSet, release));
}

class BucketNames implements NameDriver {
  readonly name = "s3";
  readonly place: string;
  readonly preposition = "in";
  readonly capabilities: NameDriver["capabilities"];
  readonly translate = fromFailure;
  readonly close: () => void;
  readonly #options: CheckedOptions;
  readonly #bucket: BucketRequests;

  constructor(
    options: CheckedOptions,
    compareAndSet: CompareAndSet | "probed",
    release: () => void = () => undefined,
  ) {
    const { place, largestContent } = options;
    this.place = place;
    this.#options = options;
    this.#bucket = new BucketRequests(options);
    this.capabilities = { compareAndSet, readYourWrites: true, largestContent };
    this.close = release;
  }

  async update(
    name: string,
    body: Uint8Array,
    expected: Revision | null,
    call: Call,
  ): Promise<Revision | undefined> {
    const object = { key: nameKey(this.#options.prefix, name), body, digest: await rawSha256.digest(body) };
    const isForeign = expected !== null && !isRevision(expected);
    if (isForeign && this.capabilities.compareAndSet === "atomic") return undefined;
    if (!(await this.#compares(call))) return checkedEtag(await this.#bucket.put(object, call), call.context);
    if (isForeign) return undefined;
    // One of an older version of this adapter may have the mark of a coding.
    const revision = expected === null ? null : (revisionOf(expected) ?? expected);
    return this.#compareAndSet(object, revision, call);
  }

  async probeCompareAndSet({ signal, context }: Call): Promise<CompareAndSet> {
    return (await probeOnce(this.#options, context, signal)).compareAndSet;
  }

  async #compares({ signal, context }: Call): Promise<boolean> {
    const asked = this.capabilities.compareAndSet;
    if (asked === "none") return false;
    const { compareAndSet, reason } = await probeOnce(this.#options, context, signal);
    if (compareAndSet !== "atomic" && asked === "atomic") throw noConditionalWrites(context, reason);
    return compareAndSet === "atomic";
  }

  async resolve(name: string, { known, limit }: ResolveRequest, call: Call): Promise<Resolution> {
    const asked = known !== undefined && isRevision(known) ? revisionOf(known) : undefined;
    const found = await this.#read(nameKey(this.#options.prefix, name), limit, asked, call);
    if (found === undefined) return { status: "absent" };
    if (found === "unchanged") return { status: "unchanged", revision: known ?? "" };
    return { status: "found", content: found.content, revision: checkedEtag(found.etag, call.context) };
  }

  async #compareAndSet(
    object: ObjectToPut,
    expected: Revision | null,
    call: Call,
  ): Promise<Revision | undefined> {
    const { traits } = this.#bucket;
    const { signal, context } = call;
    const writeId = hexOf(randomBytes(16, "names.update"));
    // The forms of the ETag that are still to be tried: services differ in which they take back.
    let forms: readonly string[] | undefined;
    let match = expected === null ? undefined : etagFor(expected, traits.quotes);
    for (let attempts = 1; ; attempts++) {
      try {
        const condition = match === undefined ? { create: true } : { match };
        const metadata = { [WRITE_ID]: writeId };
        const etag = await this.#bucket.put({ ...object, ...condition, metadata }, call);
        if (match !== undefined && expected?.startsWith('"')) traits.quotes = match.startsWith('"');
        return checkedEtag(etag, context);
      } catch (error) {
        if (isFailure(error, 409) && attempts < CONFLICTS) {
          // Another write was running. The next answer tells whether it was carried out.
          await backOff(attempts, signal);
          continue;
        }
        if (!isFailure(error, 412, "NoSuchKey")) throw error;
      }
      // The reply of a write that succeeded may have been lost, and the request sent again by the client or by a proxy.
      // Then it is our own write that broke the condition.
      const held = await this.#read(object.key, object.body.length, undefined, call).catch(
        // Whatever is longer is not what we sent.
        (error: unknown) => (error instanceof TooLargeError ? undefined : Promise.reject(error)),
      );
      if (held === undefined || held === "unchanged") return undefined;
      const revision = checkedEtag(held.etag, context);
      if (isOwnWrite(held, writeId, object.body)) return revision;
      if (expected === null || revision !== expected) return undefined;
      forms ??= [expected, ...furtherForms(expected, held.etag)].filter((form) => form !== match);
      [match, ...forms] = forms;
      if (match === undefined) throw refusesOwnEtag(context);
    }
  }

  async #read(
    key: string,
    limit: number,
    known: Revision | undefined,
    call: Call,
  ): Promise<ReadObject | "unchanged" | undefined> {
    try {
      const read = await this.#bucket.get(key, { limit, known, what: "the name" }, call);
      if (read !== "unchanged" && isWebPage(read.content))
        throw webPageCame(call.context.operation, "the name");
      return read;
    } catch (error) {
      if (isFailure(error, "NoSuchKey")) return undefined;
      throw error;
    }
  }
}

// If the service keeps no metadata, or a browser may not see it, equal bytes have to do.
function isOwnWrite(held: ReadObject, writeId: string, body: Uint8Array): boolean {
  const found = held.metadata?.[WRITE_ID];
  return found === undefined ? bytesEqual(held.content, body) : found === writeId;
}

function checkedEtag(etag: string | undefined, context: OperationContext): Revision {
  const revision = revisionOf(etag);
  if (revision === undefined) throw missingEtag(context);
  return revision;
}
