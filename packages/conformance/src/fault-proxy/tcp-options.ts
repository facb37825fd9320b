// What the author of an adapter says of a protocol, so that the proxy can make faults in it.

import type { Fault } from "../fixture.ts";

/** Who sent a piece of a connection. */
export type TcpSender = "client" | "server";

/** One connection of a client through the proxy. The same object comes with every message of it. */
export interface TcpConnection {
  /** 1 for the first connection of the proxy, and so on. */
  readonly number: number;
  /** Yours: what your functions want to remember of this connection. Empty at first. */
  readonly state: Record<string, unknown>;
}

/** What the service would say to a request: bytes, or a text that is sent as UTF-8. */
export type TcpReply =
  | Uint8Array
  | string
  | ((request: Uint8Array, connection: TcpConnection) => Uint8Array | string);

/** How a service says the three things that it can say of itself. What is not given is no fault of the proxy. */
export interface TcpReplies {
  /** "I can't do it now." */
  readonly failing?: TcpReply;
  /** "You may not." */
  readonly denied?: TcpReply;
  /** "There is no room left." */
  readonly quota?: TcpReply;
}

/** A fault that makes sense on a connection, beside those of the suite: for tests of your own. */
export type TcpFault =
  | Fault
  /** The connection ends in the middle of the reply. */
  | "cut"
  /** The reply comes late, by `lagMs`. */
  | "lag";

/** Options of `startTcpFaultProxy`. */
export interface TcpFaultProxyOptions {
  /** The real service: `{ host, port }`, or a URL with both, such as `"tcp://127.0.0.1:5432"`. Without TLS. */
  readonly target: string | URL | { readonly host: string; readonly port: number };
  /**
   * Says what a message of the client is.
   *
   * - `true`: it begins a request. Requests are counted, and meet the fault that lasts when they begin.
   * - `"part"`: it belongs to the request before it, and shares its fate.
   * - `false`: it is something else: a greeting, a login, a ping, a subscription. It passes under every fault for which
   *   there is a connection at all.
   *
   * Called once for each message, in order, also without a fault, so that it can keep what it needs in
   * `connection.state`. The bytes are a whole message if `messageLength` is given. Otherwise they are what came at
   * once: a message may be cut anywhere, and two may come together. What is not a request then counts as a part of the
   * request before it.
   */
  readonly isRequest: (bytes: Uint8Array, connection: TcpConnection) => boolean | "part";
  /**
   * Whether a message of the server is the reply to a request: the message with the outcome or the content, once for
   * each request. Replies come in the order of the requests. What is not a reply passes: a greeting, a notification,
   * the answer to a ping. For the bytes, and when it is called, see `isRequest`.
   */
  readonly isReply: (bytes: Uint8Array, connection: TcpConnection) => boolean;
  /**
   * How long the message is that the bytes begin with, counted from their first byte; it may say so before all of it is
   * there. 0: its length can't be told from so few bytes. With it every other function is given whole messages.
   * Recommended: without it an answer that comes in two pieces is taken for two.
   */
  readonly messageLength?:
    | ((bytes: Uint8Array, sender: TcpSender, connection: TcpConnection) => number)
    | undefined;
  /**
   * What the service says under `"failing"`, `"denied"` and `"quota"`, and under `"endless-failing"` and
   * `"endless-denied"`. It does nothing else then.
   */
  readonly replies?: TcpReplies | undefined;
  /**
   * Gives a reply whose content was changed: finds the content in the reply, calls `change` with it, and returns the
   * reply with what `change` gave in its place, and with the lengths that fit. A reply without a content it returns as
   * it is. Without it, or without `messageLength`, there is no `"corrupt"`, `"truncated"` and `"extended"`.
   */
  readonly changeContent?:
    | ((
        reply: Uint8Array,
        change: (content: Uint8Array) => Uint8Array,
        connection: TcpConnection,
      ) => Uint8Array)
    | undefined;
  /**
   * Gives what a reply is like that never ends: how it begins, and the bytes that follow again and again, so that no
   * client can tell that the reply is over. In a protocol of lines it begins with all but the end of the line; in one
   * with lengths, with a length that is as large as can be. The reply is that of the service, or one of `replies`. Without
   * it, or without `messageLength`, there is no `"endless"`, `"endless-failing"` and `"endless-denied"`. Leave it out if
   * your client library hands over a reply only as a whole, so that nothing of yours could refuse it earlier.
   */
  readonly withoutEnd?:
    | ((
        reply: Uint8Array,
        connection: TcpConnection,
      ) => { readonly begin: Uint8Array; readonly more: Uint8Array })
    | undefined;
  /**
   * Whether a reply that drips has an end. Default: false, its last byte does not come before the fault is over. Say
   * true if your client library hands over a reply only as a whole, so that nothing of yours could refuse it earlier.
   */
  readonly dripEnds?: boolean | undefined;
  /** How late a reply comes under `"lag"`, in milliseconds. Default: 500. */
  readonly lagMs?: number | undefined;
  /** The faults that make sense for this service. Default: all that can be made with what is given here. */
  readonly kinds?: readonly Fault[] | undefined;
  /** Stops the proxy when it fires: the signal that `create` of a fixture is given. */
  readonly signal?: AbortSignal | undefined;
}
