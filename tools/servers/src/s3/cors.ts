// Which pages of other origins may use the server (CORS of the Fetch standard).

import { S3Failure } from "./failure.ts";
import type { Reply } from "./reply.ts";
import type { Headers, S3Request } from "./request.ts";

/** Which pages of other origins may use a server. */
export interface CorsRule {
  /** Origins, each with at most one `*` in it. */
  readonly allowedOrigins: readonly string[];
  /** Default: `GET`, `HEAD`, `PUT`, `DELETE`. */
  readonly allowedMethods?: readonly string[];
  /** Headers of requests, each with at most one `*` in it. Default: all. */
  readonly allowedHeaders?: readonly string[];
  /** Headers of answers that a page sees. Default: `ETag` alone; `[]` is a mistake that is often made. */
  readonly exposeHeaders?: readonly string[];
  /** How long a browser may remember the answer to a preflight. Default: nothing is said. */
  readonly maxAgeSeconds?: number;
}

const METHODS = ["GET", "HEAD", "PUT", "DELETE"];

/** The answer to a preflight. @throws S3Failure 403 `AccessForbidden` if the rule does not allow the request */
export function preflightReply(rule: CorsRule | undefined, { headers }: S3Request): Reply {
  const method = headers["access-control-request-method"];
  const requested = (headers["access-control-request-headers"] ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  if (rule === undefined) throw forbidden("CORSResponse: CORS is not enabled for this bucket.");
  const answer = method === undefined ? {} : corsHeaders(rule, headers, method);
  const patterns = rule.allowedHeaders ?? ["*"];
  const areAllowed = requested.every((name) => patterns.some((pattern) => fits(pattern.toLowerCase(), name)));
  if (Object.keys(answer).length === 0 || !areAllowed) {
    throw forbidden(
      "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request " +
        "method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the " +
        "resource's CORS spec.",
    );
  }
  return {
    status: 200,
    headers: {
      ...answer,
      ...(requested.length > 0 && { "access-control-allow-headers": requested.join(", ") }),
      ...(rule.maxAgeSeconds !== undefined && { "access-control-max-age": String(rule.maxAgeSeconds) }),
    },
  };
}

/**
 * The headers that let a page read an answer.
 *
 * @param method - the method that the page uses
 * @returns none if the rule does not allow it
 */
export function corsHeaders(
  rule: CorsRule | undefined,
  headers: Headers,
  method: string,
): Readonly<Record<string, string>> {
  const origin = headers["origin"];
  if (rule === undefined || origin === undefined) return {};
  const methods = rule.allowedMethods ?? METHODS;
  const pattern = rule.allowedOrigins.find((allowed) => fits(allowed, origin));
  if (pattern === undefined || !methods.includes(method)) return {};
  const expose = rule.exposeHeaders ?? ["ETag"];
  return {
    "access-control-allow-origin": pattern === "*" ? "*" : origin,
    ...(pattern !== "*" && { "access-control-allow-credentials": "true" }),
    "access-control-allow-methods": methods.join(", "),
    ...(expose.length > 0 && { "access-control-expose-headers": expose.join(", ") }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
}

function fits(pattern: string, text: string): boolean {
  const [start = "", end] = pattern.split("*", 2);
  if (end === undefined) return pattern === text;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}

function forbidden(message: string): S3Failure {
  return new S3Failure(403, "AccessForbidden", message);
}
