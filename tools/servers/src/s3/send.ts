// Sends an answer, or as much of it as a fault lets through.

import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { FaultList, FaultTarget } from "./faults.ts";
import type { Reply } from "./reply.ts";
import type { OpenRecord } from "./request-log.ts";

/** What an answer is sent with. */
export interface SendContext {
  readonly faults: FaultList;
  readonly target: FaultTarget;
  readonly record: OpenRecord;
  /** An answer to `HEAD` has no body. */
  readonly isHead: boolean;
}

/** Sends an answer, or what a fault makes of it. */
export async function send(outgoing: ServerResponse, reply: Reply, context: SendContext): Promise<void> {
  const { faults, target, record, isHead } = context;
  const body = isHead ? undefined : reply.body;
  const headers = { ...reply.headers };
  if (body !== undefined) headers["content-length"] = String(body.length);
  else if (!isHead && reply.status !== 204 && reply.status !== 304) headers["content-length"] = "0";
  record.status = reply.status;
  outgoing.writeHead(reply.status, headers);
  if (body === undefined || reply.isContent !== true) {
    record.bytesOut = body?.length ?? 0;
    outgoing.end(body);
    return;
  }
  const corrupt = faults.take("corrupt-body", target);
  const content = corrupt === undefined ? body : withWrongBit(body, corrupt.at ?? 0);
  const truncated = faults.take("truncated-body", target);
  const end = Math.min(truncated?.bytes ?? content.length, content.length);
  const slow = faults.take("slow-body", target);
  const step = slow?.bytes ?? Math.max(1, end);
  for (let at = 0; at < end; at += step) {
    if (at > 0 && slow !== undefined) await delay(slow.everyMs, undefined, { ref: false });
    if (outgoing.destroyed) return;
    const piece = content.subarray(at, Math.min(at + step, end));
    record.bytesOut += piece.length;
    outgoing.write(piece);
  }
  if (truncated === undefined) {
    outgoing.end();
  } else {
    outgoing.flushHeaders();
    outgoing.socket?.destroySoon();
  }
}

function withWrongBit(content: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(content);
  if (at < copy.length) copy[at] = copy[at]! ^ 1;
  return copy;
}
