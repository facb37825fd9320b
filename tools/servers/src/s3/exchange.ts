// One request to the server and its answer, from the first byte to the log.

import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type CorsRule, corsHeaders, preflightReply } from "./cors.ts";
import { ClientGone, S3Failure } from "./failure.ts";
import type { FaultList, FaultTarget } from "./faults.ts";
import { perform, type Settings } from "./operations.ts";
import { failureReply, type Reply } from "./reply.ts";
import { parseRequest, type S3Request } from "./request.ts";
import type { BoundedRequestLog, OpenRecord } from "./request-log.ts";
import { send } from "./send.ts";

/** All that the requests of a server share. */
export interface ServerState extends Settings {
  readonly faults: FaultList;
  readonly requests: BoundedRequestLog;
  readonly cors: () => CorsRule | undefined;
}

/** Answers one request, or does with it what a fault says. */
export async function exchange(
  state: ServerState,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const record = state.requests.begin();
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  outgoing.setHeader("x-amz-request-id", requestId);
  outgoing.setHeader("x-amz-id-2", "remote-log");
  outgoing.setHeader("server", "remote-log-s3");
  // By the server's own clock, which clients set theirs by.
  outgoing.setHeader("date", new Date(state.now()).toUTCString());
  let request: S3Request | undefined;
  let target: FaultTarget = { operation: "Other", bucket: "", key: "", conditional: false };
  let reply: Reply | undefined;
  try {
    request = parseRequest(incoming);
    target = targetOf(request);
    Object.assign(record, { operation: target.operation, bucket: target.bucket, key: target.key });
    reply = await answer(state, incoming, request, target, record);
  } catch (error) {
    if (error instanceof ClientGone) return;
    reply = failureReply(asFailure(error), incoming.url?.split("?")[0] ?? "/", requestId);
  }
  if (reply === undefined) return;
  if (state.faults.take("reply-lost", target) !== undefined) {
    incoming.socket.destroy();
    return;
  }
  // What is left of a body that nobody wants.
  incoming.resume();
  const cors = request === undefined ? {} : corsHeaders(state.cors(), request.headers, request.method);
  const isHead = incoming.method === "HEAD";
  await send(
    outgoing,
    { ...reply, headers: { ...cors, ...reply.headers } },
    { faults: state.faults, target, record, isHead },
  );
}

/** @returns `undefined` if a fault says that there is no answer */
async function answer(
  state: ServerState,
  incoming: IncomingMessage,
  request: S3Request,
  target: FaultTarget,
  record: OpenRecord,
): Promise<Reply | undefined> {
  const { faults } = state;
  if (faults.take("connection-cut", target) !== undefined) {
    incoming.socket.destroy();
    return undefined;
  }
  if (faults.take("never-answers", target) !== undefined) {
    incoming.resume();
    return undefined;
  }
  if (request.operation === "Preflight") return preflightReply(state.cors(), request);
  const fault = faults.take("error", target);
  if (fault === undefined || fault.committed === true) {
    const reply = await perform(state, incoming, request, target, record);
    if (fault === undefined) return reply;
  }
  throw new S3Failure(fault.status, fault.code, fault.message, {
    fields: { ...(target.bucket !== "" && { Bucket: target.bucket }), ...fault.fields },
    headers: fault.headers ?? {},
  });
}

function targetOf({ operation, bucket, key, headers }: S3Request): FaultTarget {
  const isWrite = operation === "PutObject" || operation === "DeleteObject";
  const hasCondition = headers["if-match"] !== undefined || headers["if-none-match"] !== undefined;
  return { operation, bucket, key, conditional: isWrite && hasCondition };
}

function asFailure(error: unknown): S3Failure {
  if (error instanceof S3Failure) return error;
  // A mistake of the server itself: it has to be seen.
  console.error(error);
  return new S3Failure(500, "InternalError", "We encountered an internal error. Please try again.");
}
