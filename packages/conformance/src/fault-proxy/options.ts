// The options of the proxy for HTTP.

import type { Fault } from "../fixture.ts";

/** A request, as far as an answer may depend on it. */
export interface FaultRequest {
  /** Its method, in capitals: `"PUT"`. */
  readonly method: string;
  /** Its path with its query, as the client sent it: `"/bucket/key?x-id=PutObject"`. */
  readonly path: string;
}

/** The answer with which a service says what is wrong. */
export interface FaultReply {
  /** The status, 400 to 599. */
  readonly status: number;
  /** Headers besides `Content-Length`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body. It is not sent in answer to a HEAD. Default: empty. */
  readonly body?: string;
}

/** How a service says the three things that it can say of itself. */
export interface FaultReplies {
  /** "I can't do it now." Default: an empty 503. */
  readonly failing?: FaultReply | ((request: FaultRequest) => FaultReply);
  /** "You may not." Default: an empty 403. */
  readonly denied?: FaultReply | ((request: FaultRequest) => FaultReply);
  /** "There is no room left." Default: an empty 507. */
  readonly quota?: FaultReply | ((request: FaultRequest) => FaultReply);
}

/** Options of `startFaultProxy`. */
export interface FaultProxyOptions {
  /** Origin of the real server: `"http://127.0.0.1:9000"`. Only `http:`; a path is not looked at. */
  readonly target: string | URL;
  /**
   * How this service answers under the faults `"failing"`, `"denied"` and `"quota"`; and how its answers begin under
   * `"endless-failing"` and `"endless-denied"`.
   */
  readonly replies?: FaultReplies | undefined;
  /**
   * Whether a request reads a content: only the answers to those are changed under `"corrupt"`, `"truncated"` and
   * `"extended"`, and drip in their body under `"dripping"`, as those to a GET do. Default: every GET.
   */
  readonly reads?: ((request: FaultRequest) => boolean) | undefined;
  /** The faults that make sense for this service. Default: all thirteen. */
  readonly kinds?: readonly Fault[] | undefined;
  /** Stops the proxy when it fires: the signal that `create` of a fixture is given. */
  readonly signal?: AbortSignal | undefined;
}

/** Every fault, in the order of the type. */
export const allFaults: readonly Fault[] = [
  "unreachable",
  "reply-lost",
  "failing",
  "denied",
  "quota",
  "silent",
  "dripping",
  "endless",
  "endless-failing",
  "endless-denied",
  "corrupt",
  "truncated",
  "extended",
];
