/// <reference types="node" />
// A proxy for services that speak another protocol than HTTP over TCP: PostgreSQL, Redis, NATS, one of your own.

import { type AddressInfo, createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { FaultControl } from "../fixture.ts";
import { allFaults } from "./options.ts";
import { stopWith } from "./stop-with.ts";
import { TcpExchange } from "./tcp-exchange.ts";
import type { TcpFault, TcpFaultProxyOptions } from "./tcp-options.ts";

/** Brings about the faults of the suite, and two further ones for tests of your own. */
export interface TcpFaultControl extends FaultControl {
  /**
   * From now on every request meets the fault. It resolves once clients in this process have seen what was reset.
   *
   * @throws TypeError if the proxy was not given what it needs for it
   */
  begin(fault: TcpFault): Promise<void>;
  /** The fault is over. What it held back on connections that are still there comes now. */
  end(): void;
  /** How many bytes of endless replies have been sent so far. */
  sent(): number;
  /** How many requests have met a fault so far. A connection that was refused is one, and so is one that was reset. */
  met(): number;
}

/** A proxy between an adapter and its real service, which can make the service fail. */
export interface TcpFaultProxy {
  /** Where the proxy listens: `"127.0.0.1"`. */
  readonly host: string;
  /** The port that it listens on, to be used instead of the service's. */
  readonly port: number;
  /** Makes the service fail, for the clients of this proxy alone. */
  readonly faults: TcpFaultControl;
  /** How many requests have begun so far, whatever became of them. Refused connections are among them. */
  readonly requests: () => number;
  /** Ends every connection, and the proxy. Stopping twice is no error. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a proxy for a protocol over TCP on a free port of 127.0.0.1. It passes on every byte as it came, and brings
 * about the faults of the suite on the requests that `isRequest` tells it of. Greetings, logins, pings and notifications
 * are neither counted nor broken. It takes less than a millisecond to start: give every case a proxy of its own.
 *
 * A stream loses nothing in its middle: it is late, or it ends. So this is what the faults are here:
 *
 * - `"unreachable"`: every connection is reset when the fault begins, and each new one at once
 * - `"reply-lost"`: the request is carried out, and the connection is reset instead of its reply
 * - `"failing"`, `"denied"`, `"quota"`: the client gets what `replies` says, and the service hears nothing
 * - `"silent"`: the request is carried out, and nothing more comes on its connection. After the end of the fault all of
 *   that comes, late. A client that gave up and kept the connection mistakes it for the reply to its next request.
 * - `"dripping"`: the reply comes a byte at a time, and its last byte does not come. After the end of the fault the rest
 *   comes at once.
 * - `"endless"`, `"endless-failing"`, `"endless-denied"`: the client gets what `withoutEnd` returns for the reply, or for
 *   that of `replies`, as fast as it reads; at most 64 MiB, and no end. That stays so after the end of the fault, until the
 *   client closes the connection.
 * - `"corrupt"`, `"truncated"`, `"extended"`: the client gets what `changeContent` returns for the reply
 * - `"cut"` (no fault of the suite): half of the reply comes, and then the end of the connection
 * - `"lag"` (no fault of the suite): the reply comes late, by `lagMs`
 *
 * A request meets the fault that lasts when it begins, also if its reply comes after the end of that.
 *
 * @throws TypeError if the target has no port, or if `kinds` names a fault that can't be made with what is given
 *
 * @example
 * ```ts
 * import { startTcpFaultProxy } from "@remote-log/conformance/fault-proxy";
 *
 * // A protocol of lines: "GET key", "PUT key value", "PING"; replies begin with "+" or "-", a pong is "PONG".
 * const lineLength = (bytes: Uint8Array) => bytes.indexOf(0x0a) + 1; // 0 as long as there is no end of a line
 * const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
 *
 * const proxy = await startTcpFaultProxy({
 *   target: "tcp://127.0.0.1:7000",
 *   messageLength: lineLength,
 *   isRequest: (line) => /^(GET|PUT) /.test(textOf(line)),
 *   isReply: (line) => /^[+-]/.test(textOf(line)),
 *   replies: { failing: "-BUSY\n", denied: "-DENIED\n", quota: "-FULL\n" },
 * });
 * console.log(proxy.port, proxy.faults.kinds);
 * await proxy.stop();
 * ```
 */
export async function startTcpFaultProxy(options: TcpFaultProxyOptions): Promise<TcpFaultProxy> {
  const { host, port } = addressOf(options.target);
  const possible = possibleFaults(options);
  const kinds = options.kinds ?? allFaults.filter((one) => possible.includes(one));
  for (const kind of kinds) checkPossible(kind, possible);
  const exchanges = new Set<TcpExchange>();
  let fault: TcpFault | undefined;
  let connections = 0;
  let requests = 0;
  let met = 0;
  let sent = 0;
  const onSent = (bytes: number): void => {
    sent += bytes;
  };
  const onRequest = (): void => {
    requests++;
    if (fault !== undefined) met++;
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client: Socket) => {
    client.on("error", () => undefined); // "close" follows.
    if (fault === "unreachable") {
      onRequest();
      client.resetAndDestroy();
      return;
    }
    const state = { host, port, options, fault: () => fault, onRequest, onSent };
    const exchange = new TcpExchange(client, ++connections, state);
    exchanges.add(exchange);
    client.on("close", () => exchanges.delete(exchange));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const exchange of exchanges) exchange.destroy();
    });
    return stopping;
  };
  const listening = server.address() as AddressInfo;
  if (options.signal !== undefined) stopWith(options.signal, stop);
  if (options.signal?.aborted === true) await stop();

  return {
    host: "127.0.0.1",
    port: listening.port,
    faults: {
      kinds,
      async begin(kind) {
        checkPossible(kind, possible);
        fault = kind;
        if (kind !== "unreachable") return;
        // What is sent on a connection that was reset comes to nobody: it has met the fault here.
        met += exchanges.size;
        for (const exchange of exchanges) exchange.reset();
        // The first turn of the event loop may be over before the resets arrive.
        for (let turn = 0; turn < 2; turn++) await setImmediate();
      },
      end() {
        fault = undefined;
        for (const exchange of exchanges) exchange.release();
      },
      met: () => met,
      sent: () => sent,
    },
    requests: () => requests,
    stop,
  };
}

/** Every fault that can be made with what is given. */
function possibleFaults(options: TcpFaultProxyOptions): TcpFault[] {
  const { replies, changeContent, messageLength, withoutEnd } = options;
  const needsNothing = ["unreachable", "reply-lost", "silent", "dripping", "cut", "lag"] as const;
  const said = (["failing", "denied", "quota"] as const).filter((one) => replies?.[one] !== undefined);
  const changes = changeContent !== undefined && messageLength !== undefined;
  const endless = withoutEnd !== undefined && messageLength !== undefined;
  return [
    ...needsNothing,
    ...said,
    ...(changes ? (["corrupt", "truncated", "extended"] as const) : []),
    ...(endless ? (["endless"] as const) : []),
    ...(endless && replies?.failing !== undefined ? (["endless-failing"] as const) : []),
    ...(endless && replies?.denied !== undefined ? (["endless-denied"] as const) : []),
  ];
}

/** What the author has to give for a fault, if it is not what changes contents. */
const needs: Partial<Record<TcpFault, string>> = {
  failing: "replies.failing",
  denied: "replies.denied",
  quota: "replies.quota",
  endless: "withoutEnd and messageLength",
  "endless-failing": "withoutEnd, messageLength and replies.failing",
  "endless-denied": "withoutEnd, messageLength and replies.denied",
};

function checkPossible(fault: TcpFault, possible: readonly TcpFault[]): void {
  if (possible.includes(fault)) return;
  const needed = needs[fault] ?? "changeContent and messageLength";
  throw new TypeError(`The proxy can't bring about "${fault}": give it ${needed}.`);
}

function addressOf(target: TcpFaultProxyOptions["target"]): { host: string; port: number } {
  const { host, port } =
    typeof target === "string" || target instanceof URL ? ofUrl(new URL(target)) : target;
  if (host !== "" && Number.isInteger(port) && port > 0 && port < 65_536) return { host, port };
  throw new TypeError(
    "The target has no host or no port: it is { host, port }, or of the form tcp://host:port.",
  );
}

function ofUrl({ hostname, port }: URL): { host: string; port: number } {
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}
