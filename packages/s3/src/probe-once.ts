// Finds out whether a service enforces conditional writes, by trying.

import { type Revision, rawSha256 } from "@remote-log/core";
import {
  type Call,
  encodeUtf8,
  type OperationContext,
  RetryBudget,
  throwIfAborted,
  withDeadline,
} from "@remote-log/core/adapter";
import { fromFailure, missingEtag } from "./errors.ts";
import { probeKey } from "./layout.ts";
import { RETRIES } from "./limits.ts";
import type { CheckedOptions } from "./place-options.ts";
import { etagFor, revisionOf } from "./service/etag.ts";
import { BucketRequests, type ObjectToPut } from "./service/requests.ts";
import { isFailure, refusesConditions, type ServiceFailure } from "./service/service-failure.ts";
import type { S3Verdict } from "./service/traits.ts";

/** How long a probe may take, in milliseconds. Several callers may wait for it. */
const PROBE_MILLISECONDS = 60_000;

const TEXT = "remote-log writes this object to find out whether conditional writes are enforced here.\n";
const FOREIGN_ETAG = '"00000000000000000000000000000000"';

/** Servers that check first and write then: two concurrent writers may both be told that they won. */
const notAtomic = /^versitygw\b/i;

/**
 * Asks a place, by whatever client, again after failures that may pass.
 *
 * @throws what a request may fail with: nothing is known then
 */
export async function probePlace(
  checked: CheckedOptions,
  signal: AbortSignal | undefined,
): Promise<S3Verdict> {
  const context = { operation: "s3.probe", action: `trying conditional writes in ${checked.place}` };
  return new RetryBudget({ signal, retries: RETRIES }).run(async () => {
    try {
      return await probeOnce(checked, context, signal);
    } catch (error) {
      throw fromFailure(error, context);
    }
  });
}

/** The verdict of this process. If there is none yet, all who ask share one probe, which ends with the last of them. */
export async function probeOnce(
  options: CheckedOptions,
  context: OperationContext,
  signal: AbortSignal | undefined,
): Promise<S3Verdict> {
  throwIfAborted(signal);
  const bucket = new BucketRequests(options);
  const { traits } = bucket;
  if (traits.verdict !== undefined) return traits.verdict;
  traits.verdict = await traits.probing.run("", signal, (ended) => {
    const { operation } = context;
    const deadline = { milliseconds: PROBE_MILLISECONDS, operation, backend: options.place, signal: ended };
    return withDeadline(deadline, (inner) => probe(bucket, options.prefix, { signal: inner, context }));
  });
  return traits.verdict;
}

async function probe(bucket: BucketRequests, prefix: string, call: Call): Promise<S3Verdict> {
  const body = encodeUtf8(TEXT);
  const object = { key: probeKey(prefix), body, digest: await rawSha256.digest(body) };
  const attempt = (conditions: Pick<ObjectToPut, "create" | "match">) =>
    outcomeOf(bucket, { ...object, ...conditions }, call);

  const foreign = await attempt({ match: FOREIGN_ETAG });
  if (foreign.status !== "refused") return unenforced(foreign, "If-Match");
  const first = await attempt({ create: true });
  if (first.status === "unknown") return unenforced(first, "If-None-Match");
  if (first.status === "written") {
    const second = await attempt({ create: true });
    if (second.status !== "refused") return unenforced(second, "If-None-Match");
    if ((await attempt({ match: first.revision })).status === "refused") {
      // If that is refused, too, the first update finds out.
      const unquoted = await attempt({ match: etagFor(first.revision, false) });
      if (unquoted.status === "written") bucket.traits.quotes = false;
    }
  } else if (foreign.failure.server === undefined) {
    // If CORS hides this header it may hide the ETag, too. That has to be known before a name is changed.
    const held = await bucket.head(object.key, call);
    if (held !== undefined && revisionOf(held.etag) === undefined) throw missingEtag(call.context);
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

async function outcomeOf(bucket: BucketRequests, object: ObjectToPut, call: Call): Promise<Outcome> {
  try {
    const revision = revisionOf(await bucket.put(object, call));
    // What answers without one may be no service at all, and would pass for one that ignores conditions.
    if (revision === undefined) throw missingEtag(call.context);
    return { status: "written", revision };
  } catch (failure) {
    // 409 is the answer if another probe runs at the same moment.
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
