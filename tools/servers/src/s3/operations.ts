// Carries out an operation.

import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { decodeBody, readBody } from "./body.ts";
import { createBucket, deleteBucket, headBucket } from "./buckets.ts";
import { claimedChecksum, verifyChecksum, verifyMd5 } from "./checksums.ts";
import { checkWrite, type WriteCondition, writeCondition } from "./conditions.ts";
import { accessDenied, conditionalRequestConflict, noSuchBucket, S3Failure } from "./failure.ts";
import type { FaultList, FaultTarget } from "./faults.ts";
import { listObjects } from "./listing.ts";
import { newObject, putReply, readReply } from "./objects.ts";
import type { Reply } from "./reply.ts";
import type { S3Request } from "./request.ts";
import type { OpenRecord } from "./request-log.ts";
import { type Account, type Signed, verifySignature } from "./signature.ts";
import type { ObjectStore, StoredObject } from "./store.ts";

/** What operations work on. */
export interface Settings {
  readonly store: ObjectStore;
  readonly faults: FaultList;
  readonly account: Account;
  readonly region: string;
  readonly publicRead: ReadonlySet<string>;
  readonly publicList: ReadonlySet<string>;
  readonly maximumObjectBytes: number;
  readonly now: () => number;
}

/** One request under way. */
interface Call extends Settings {
  readonly request: S3Request;
  readonly target: FaultTarget;
  readonly signed: Signed | undefined;
  /** Reads the body; asks for it once. */
  readonly body: () => Promise<Uint8Array>;
}

const LONGEST_KEY = 1024;
const CHECK_THEN_WRITE_GAP_MS = 25;

/** Does what a request asks for. @throws S3Failure if the answer is an error */
export async function perform(
  settings: Settings,
  incoming: IncomingMessage,
  request: S3Request,
  target: FaultTarget,
  record: OpenRecord,
): Promise<Reply> {
  const { account, region, now } = settings;
  const signed = await verifySignature(request, { account, region, now: now() });
  if (signed === undefined) checkPublic(settings, request);
  const body = (): Promise<Uint8Array> =>
    readBody(incoming, request, settings.maximumObjectBytes, (count) => {
      record.bytesIn += count;
    });
  return dispatch({ ...settings, request, target, signed, body });
}

async function dispatch(call: Call): Promise<Reply> {
  const { request, store, region, signed } = call;
  const { operation, bucket, key } = request;
  if (operation === "Other" || operation === "Preflight") throw unknownOperation(request);
  const length = Buffer.byteLength(key);
  if (length > LONGEST_KEY) {
    throw new S3Failure(400, "KeyTooLongError", "Your key is too long", {
      fields: { Size: String(length), MaxSizeAllowed: String(LONGEST_KEY) },
    });
  }
  if (operation !== "CreateBucket" && !store.hasBucket(bucket)) throw noSuchBucket(bucket);
  if (operation === "PutObject") return putObject(call);
  if (operation === "DeleteObject") return deleteObject(call);
  const { content } = await decodeBody(request, await call.body(), signed);
  await call.faults.take("held", call.target)?.until;
  switch (operation) {
    case "CreateBucket":
      verifyMd5(request.headers, content);
      return createBucket(store, bucket, region, content);
    case "HeadBucket":
      return headBucket(region);
    case "DeleteBucket":
      return deleteBucket(store, bucket);
    case "ListObjectsV2":
      return listObjects(store, request);
    case "GetObject":
    case "HeadObject":
      return readObject(call);
  }
}

function readObject({ request, store, faults, target, signed, publicList }: Call): Reply {
  const state = store.read(request.bucket, request.key);
  const isStale = state.changes > 0 && faults.take("stale-read", target) !== undefined;
  const object = isStale ? state.previous : state.current;
  // Who may not list is not told what is missing.
  if (object === undefined && signed === undefined && !publicList.has(request.bucket)) throw accessDenied();
  return readReply(request, object);
}

async function putObject(call: Call): Promise<Reply> {
  const { request, signed, now } = call;
  const claimed = claimedChecksum(request.headers);
  const commit = prepareCommit(call);
  const body = await call.body();
  const { content, trailers } = await decodeBody(request, body, signed);
  verifyMd5(request.headers, body);
  const object = newObject(request.headers, content, verifyChecksum(claimed, content, trailers), now());
  await commit(object);
  return putReply(object);
}

async function deleteObject(call: Call): Promise<Reply> {
  const commit = prepareCommit(call);
  await decodeBody(call.request, await call.body(), call.signed);
  await commit(undefined);
  return { status: 204, headers: {} };
}

/**
 * Begins a write: looks at what there is before the body comes.
 *
 * @returns what ends it: checks the condition and writes, in one step
 */
function prepareCommit(call: Call): (object: StoredObject | undefined) => Promise<void> {
  const { request, store, faults, target } = call;
  const { bucket, key } = request;
  const isIgnored = target.conditional && faults.take("conditions-ignored", target) !== undefined;
  const condition = isIgnored ? undefined : writeCondition(request);
  const before = store.read(bucket, key);
  const early = condition === undefined ? undefined : faults.take("check-then-write", target);
  if (early !== undefined && condition !== undefined) check(call, condition, before.current);
  return async (object) => {
    await faults.take("held", target)?.until;
    if (early !== undefined) await delay(early.gapMs ?? CHECK_THEN_WRITE_GAP_MS);
    // From here on there is no await: nothing comes between the check and the write.
    if (condition !== undefined && early === undefined) {
      const now = store.read(bucket, key);
      if (now.changes !== before.changes && faults.take("conflict-on-race", target) !== undefined) {
        throw conditionalRequestConflict(condition.header, key);
      }
      check(call, condition, now.current);
    }
    store.write(bucket, key, object);
  };
}

function check(call: Call, condition: WriteCondition, object: StoredObject | undefined): void {
  const { request, faults, target } = call;
  const quotedRefused =
    condition.header === "If-Match" && faults.take("quoted-etag-refused", target) !== undefined;
  checkWrite(condition, request.key, object, { quotedRefused });
}

function checkPublic({ publicRead, publicList }: Settings, { operation, bucket }: S3Request): void {
  const isRead = operation === "GetObject" || operation === "HeadObject";
  const isList = operation === "ListObjectsV2" || operation === "HeadBucket";
  if (!(isRead && publicRead.has(bucket)) && !(isList && publicList.has(bucket))) throw accessDenied();
}

/** What S3 has and this server does not is 501; a method that S3 has not either is 405. */
function unknownOperation({ method, bucket, key, query }: S3Request): S3Failure {
  if (["GET", "PUT", "HEAD", "DELETE"].includes(method) || (method === "POST" && query.size > 0)) {
    return new S3Failure(501, "NotImplemented", "This server does not have that operation.");
  }
  const resource = key !== "" ? "OBJECT" : bucket !== "" ? "BUCKET" : "SERVICE";
  return new S3Failure(
    405,
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
    {
      fields: { Method: method, ResourceType: resource },
      headers: { allow: resource === "OBJECT" ? "HEAD, GET, PUT, DELETE" : "HEAD, GET, DELETE, PUT" },
    },
  );
}
