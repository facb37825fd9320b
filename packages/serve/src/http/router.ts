// Which URL is what.

import type { IncomingMessage } from "node:http";
import type { Cosigner } from "@remote-log/core/cosign";
import type { ServedLog } from "../served-log.ts";
import { type Answer, NOT_FOUND, PREFLIGHT, readBodyOf } from "./answers.ts";
import { metricsOf } from "./metrics.ts";
import { objectAnswer } from "./objects.ts";
import { tileAnswer } from "./tiles.ts";
import { addCheckpoint, LONGEST_REQUEST } from "./witness.ts";

/** What is served. */
export interface Routes {
  readonly logs: readonly ServedLog[];
  readonly witness?: Cosigner | undefined;
}

/** The answer to a request. */
export async function route(request: IncomingMessage, { logs, witness }: Routes): Promise<Answer> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (request.method === "OPTIONS") return PREFLIGHT;
  if (request.method === "POST") {
    if (pathname !== "/add-checkpoint" || witness === undefined) return NOT_FOUND;
    const body = await readBodyOf(request, LONGEST_REQUEST);
    return body === undefined
      ? { status: 413, body: "It is too long.\n" }
      : addCheckpoint(witness, logs, body);
  }
  if (request.method !== "GET" && request.method !== "HEAD")
    return { status: 405, headers: { allow: "GET, HEAD, OPTIONS" } };
  if (pathname === "/healthz") return { status: 200, body: "ok\n" };
  if (pathname === "/metrics")
    return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: metricsOf(logs) };
  const [, kind, id, path] = /^\/(logs|tlog|witness)\/([0-9a-f]{64})\/(.+)$/.exec(pathname) ?? [];
  const log = logs.find((one) => (kind === "logs" ? one.logId : one.originHash) === id);
  if (log === undefined || path === undefined) return NOT_FOUND;
  const answer = log.requests.take() ? await answerOf(kind, log, path, { request, witness }) : TOO_MANY;
  log.counts.requests.set(answer.status, (log.counts.requests.get(answer.status) ?? 0) + 1);
  return answer;
}

const TOO_MANY: Answer = {
  status: 429,
  body: "There are too many requests for this log.\n",
  headers: { "retry-after": "10" },
};

async function answerOf(
  kind: string | undefined,
  log: ServedLog,
  path: string,
  { request, witness }: { readonly request: IncomingMessage; readonly witness: Cosigner | undefined },
): Promise<Answer> {
  if (kind === "logs") return objectAnswer(log.folder, path, request);
  if (kind === "tlog") return tileAnswer(log, path);
  const note = path === "checkpoint" ? await witness?.signed(log.origin) : undefined;
  return note === undefined ? NOT_FOUND : { status: 200, body: note };
}
