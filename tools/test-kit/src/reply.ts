// What a scripted server can answer: whole answers, and answers that never come, never end or are cut.

import { setTimeout as wait } from "node:timers/promises";

/** A body: at once, or piece by piece as fast as the client reads. */
export type ReplyBody = Uint8Array | string | AsyncIterable<Uint8Array>;

/** An answer to one request. */
export interface Reply {
  /** Default: 200. */
  readonly status?: number;
  /** Default: what Node sends by itself. */
  readonly headers?: Readonly<Record<string, string | number | readonly string[]>>;
  /** Default: empty. It is sent chunked unless `headers` has a `content-length`. */
  readonly body?: ReplyBody;
  /**
   * What happens after the body. Default: `"complete"`.
   *
   * - `"complete"`: the answer ends
   * - `"cut"`: the connection is destroyed
   * - `"hold"`: nothing more is sent, and the connection stays open
   * - `"unanswered"`: the connection is destroyed before anything is sent, the status included
   */
  readonly ending?: "complete" | "cut" | "hold" | "unanswered";
}

/** An answer of the service behind a scripted server. */
export interface ForwardedReply extends Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** An answer that never begins. The request is read, and the connection stays open until the client leaves. */
export const NEVER: Promise<Reply> = new Promise(() => undefined);

/** A whole answer of a status, a content type and a body. */
export function answer(status: number, type: string, body: ReplyBody = ""): Reply {
  return { status, headers: { "content-type": type }, body };
}

/** A redirect to another URL. */
export function redirect(status: 301 | 302 | 303 | 307 | 308, location: string): Reply {
  return { status, headers: { location } };
}

/** The connection is destroyed before anything was answered, or after the given part of an answer. */
export function cut(after?: Reply): Reply {
  return after === undefined ? { ending: "unanswered" } : { ...after, ending: "cut" };
}

/** An answer that begins, and then stops without an end. */
export function begun(type: string, body: string | Uint8Array = "x"): Reply {
  return { headers: { "content-type": type }, body, ending: "hold" };
}

/** A body without end, sent as fast as the client reads it. Each request gets one of its own. */
export function endless(type: string): Reply {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const piece = new Uint8Array(10_000).fill(0x78);
    for (;;) yield piece;
  }
  return { headers: { "content-type": type }, body: { [Symbol.asyncIterator]: pieces } };
}

/** A body that comes in small pieces with pauses between them. Defaults: 1 byte each 10 milliseconds. */
export function drip(
  type: string,
  body: Uint8Array,
  { size = 1, milliseconds = 10 }: { readonly size?: number; readonly milliseconds?: number } = {},
): Reply {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < body.length; at += size) {
      if (at > 0) await wait(milliseconds);
      yield body.subarray(at, at + size);
    }
  }
  const headers = { "content-type": type, "content-length": body.length };
  return { headers, body: { [Symbol.asyncIterator]: pieces } };
}
