import { type Revision, rawSha256, TimeoutError } from "@remote-log/core";
import { withAbort } from "./abort.ts";
import { BucketRequests, type ObjectToPut, refusesConditions } from "./bucket.ts";
import { type FaultContext, fromFailure, missingEtag } from "./errors.ts";
import { etagFor, revisionOf } from "./etag.ts";
import { keyOf } from "./layout.ts";
import { type CheckedOptions, checkOptions, type S3Options } from "./options.ts";
import { isFailure, type ServiceFailure } from "./service-failure.ts";
import { SharedWork } from "./shared-work.ts";
import type { S3Verdict } from "./traits.ts";

/** How long a probe may take that several callers may wait for, in milliseconds. */
const PROBE_MILLISECONDS = 60_000;

const TEXT = "remote-log writes this object to find out whether conditional writes are enforced here.\n";
const FOREIGN_ETAG = '"00000000000000000000000000000000"';

/** Servers that look first and write then, so that two who write at once may both be told that they won. */
const notAtomic = /^versitygw\b/i;

/**
 * Finds out whether a service enforces conditional writes. Some ignore the conditions, some refuse them, and then two
 * writers of one name could overwrite each other unnoticed.
 *
 * It writes one small object, `<prefix>/probe`, which stays: 4 requests the first time in a place, then 2, and none
 * where this process has asked with the same client before. Those who only read need no probe.
 *
 * @returns what the service does, and how that was seen
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used, or a missing bucket
 * @throws DeniedError `ERR_DENIED`, UnreachableError `ERR_UNREACHABLE`, TimeoutError `ERR_TIMEOUT`: nothing is known then
 */
export async function probeS3(options: S3Options & { readonly signal?: AbortSignal }): Promise<S3Verdict> {
  const checked = checkOptions(options, 0);
  const context = { operation: "s3.probe", action: `trying conditional writes in ${checked.place}` };
  try {
    return await probeOnce(checked, context, options.signal);
  } catch (error) {
    throw fromFailure(error, context);
  }
}

/** The verdict of this process, asked for where there is none yet. Callers share one probe, which ends with the last. */
export async function probeOnce(
  options: CheckedOptions,
  context: FaultContext,
  signal: AbortSignal | undefined,
): Promise<S3Verdict> {
  signal?.throwIfAborted();
  const bucket = new BucketRequests(options);
  const { traits } = bucket;
  if (traits.verdict !== undefined) return traits.verdict;
  traits.probing ??= new SharedWork(
    (ended) => probeInTime(bucket, options, context, ended),
    () => {
      traits.probing = undefined;
    },
  );
  traits.verdict = await traits.probing.wait(signal);
  return traits.verdict;
}

async function probeInTime(
  bucket: BucketRequests,
  options: CheckedOptions,
  context: FaultContext,
  ended: AbortSignal,
): Promise<S3Verdict> {
  const timeout = AbortSignal.timeout(PROBE_MILLISECONDS);
  try {
    return await withAbort([ended, timeout], (signal) => probe(bucket, options, context, signal));
  } catch (cause) {
    if (!timeout.aborted) throw cause;
    const message = `No answer came within ${PROBE_MILLISECONDS} ms while ${context.action}. Try again.`;
    throw new TimeoutError(message, { operation: context.operation, cause });
  }
}

async function probe(
  bucket: BucketRequests,
  options: CheckedOptions,
  context: FaultContext,
  signal: AbortSignal,
): Promise<S3Verdict> {
  const body = new TextEncoder().encode(TEXT);
  const object = { key: keyOf(options.prefix, "probe"), body, digest: await rawSha256.digest(body) };
  const attempt = (conditions: Pick<ObjectToPut, "create" | "match">) =>
    outcomeOf(bucket, { ...object, ...conditions }, context, signal);

  const foreign = await attempt({ match: FOREIGN_ETAG });
  if (foreign.status !== "refused") return unenforced(foreign, "If-Match");
  const first = await attempt({ create: true });
  if (first.status === "unknown") return unenforced(first, "If-None-Match");
  if (first.status === "written") {
    const second = await attempt({ create: true });
    if (second.status !== "refused") return unenforced(second, "If-None-Match");
    if ((await attempt({ match: first.revision })).status === "refused") {
      // Else the first update finds out.
      const unquoted = await attempt({ match: etagFor(first.revision, false) });
      if (unquoted.status === "written") bucket.traits.quotes = false;
    }
  } else if (foreign.failure.server === undefined) {
    // Where CORS hides this header it may hide the ETag, too. That has to be known before a name is changed.
    const held = await bucket.head(object.key, signal);
    if (held !== undefined && revisionOf(held.etag) === undefined) throw missingEtag(context);
  }
  const server = foreign.failure.server ?? "";
  if (notAtomic.test(server)) {
    return {
      compareAndSet: "none",
      reason: `The server (${server}) checks conditions before it writes, not while it writes: two writers can win at once.`,
    };
  }
  return { compareAndSet: "atomic", reason: "The service refused the writes whose conditions did not hold." };
}

type Outcome =
  | { readonly status: "written"; readonly revision: Revision }
  | { readonly status: "refused"; readonly failure: ServiceFailure }
  | { readonly status: "unknown"; readonly failure: ServiceFailure };

async function outcomeOf(
  bucket: BucketRequests,
  object: ObjectToPut,
  context: FaultContext,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const revision = revisionOf(await bucket.put(object, signal));
    // What answers without one may be no service at all, and would pass for one that ignores conditions.
    if (revision === undefined) throw missingEtag(context);
    return { status: "written", revision };
  } catch (failure) {
    // 409 is the answer where another probe is at it at the same moment.
    if (isFailure(failure, 412, 409, "NoSuchKey")) return { status: "refused", failure };
    if (refusesConditions(failure)) return { status: "unknown", failure };
    throw failure;
  }
}

function unenforced(outcome: Exclude<Outcome, { status: "refused" }>, header: string): S3Verdict {
  const reason =
    outcome.status === "written"
      ? `The service ignores ${header} when it writes.`
      : `The service does not know ${header} when it writes (${outcome.failure.code || outcome.failure.status}).`;
  return { compareAndSet: "none", reason };
}
