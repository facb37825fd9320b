/// <reference lib="esnext.disposable" preserve="true" />

// An engine with the clock of this device and a transport.

import {
  abortWith,
  checkOptionTypes,
  checkWhole,
  delay,
  optionKinds,
  random,
  timeNow,
} from "@remote-log/core/adapter";
import { type Engine, type EngineStatus, openEngine } from "../engine/engine.ts";
import type { DeliveredMessage, MvdsEvent, SyncOptions } from "../engine/options.ts";
import type { SendOptions, SentMessage } from "../engine/sending.ts";
import { type LogOptions, type LogReport, NodeLogs } from "../log/node-logs.ts";
import type { Transport } from "../transport/transport.ts";

/** Options of {@link openNode}. */
export interface NodeOptions extends SyncOptions {
  /** Carries the payloads. It stays the caller's, who closes it after the node. Default: none; then messages travel by logs alone. */
  readonly transport?: Transport | undefined;
  /** The remote logs of the node and its peers, through which those meet who are never online together. Default: none. */
  readonly logs?: LogOptions | undefined;
  /** How long an epoch is, in milliseconds. Default 1,000. */
  readonly epochMilliseconds?: number | undefined;
  /** The time of day, in seconds since 1970. Default: that of the device. */
  readonly now?: (() => number) | undefined;
  /** Gives numbers from 0 to below 1, for back-offs: nothing secret comes of them. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The longest time that timers can wait, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1;

/**
 * Opens a node: it sends messages to the members of their groups until they are acknowledged, and delivers what arrives. What an
 * earlier run left, it takes up again.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @throws JournalLockedError `ERR_JOURNAL_LOCKED` if another process has the database open, JournalError `ERR_JOURNAL`
 *
 * @example
 * ```ts
 * import { memoryNetwork, openNode } from "@remote-log/mvds";
 * import { MemoryLevel } from "memory-level";
 *
 * const network = memoryNetwork();
 * const node = await openNode({
 *   database: new MemoryLevel(), // on a real device: new ClassicLevel(path)
 *   transport: network.transport("alice"),
 *   onMessage: ({ peer, body }) => console.log(peer, new TextDecoder().decode(body)),
 * });
 * const group = new Uint8Array(32).fill(7);
 * await node.setGroup(group, ["bob", "carol"]);
 * await node.send(group, new TextEncoder().encode("hello")); // durable; sent until Bob and Carol have it
 * await node.close();
 * ```
 */
export async function openNode(options: NodeOptions): Promise<MvdsNode> {
  const { callback, number, record, required, withMethods } = optionKinds;
  const kinds = {
    transport: withMethods(
      ["send", "receive"],
      "a transport: an object with the methods `send` and `receive`",
    ),
    logs: record,
    epochMilliseconds: number,
    now: callback,
    random: callback,
  };
  checkOptionTypes(options, kinds, { name: "openNode", operation: "mvds.open" });
  if (options.logs !== undefined) {
    const logKinds: optionKinds.KindsOf<LogOptions> = {
      writer: required(
        withMethods(
          ["appendAll", "entries"],
          "a `Writer`, such as `await openWriter(…)` of @remote-log/core returns",
        ),
      ),
      readers: required(
        withMethods(["get", "entries"], "a `Map` with a `Reader` for each peer, by its name"),
      ),
      pollMilliseconds: number,
    };
    checkOptionTypes(options.logs, logKinds, { name: "`logs`", operation: "mvds.open" });
  }
  const { transport, logs, now = secondsNow, random: chance = random, ...others } = options;
  const { epochMilliseconds = 1000 } = options;
  const pollMilliseconds = logs?.pollMilliseconds ?? 60_000;
  checkWhole({ epochMilliseconds, pollMilliseconds }, { operation: "mvds.open", largest: LONGEST_WAIT });
  const engine = await openEngine({ ...others, now, random: chance });
  try {
    const nodeLogs = logs && new NodeLogs(logs, engine.logSteps, now);
    const node = new MvdsNode(engine, nodeLogs, options.onEvent ?? (() => undefined));
    node.start(transport, { epochMilliseconds, pollMilliseconds });
    return node;
  } catch (error) {
    await engine.close().catch(() => undefined);
    throw error;
  }
}

/** A node of 2/MVDS. After `close` its methods reject with `ClosedError` (`ERR_CLOSED`). */
export class MvdsNode {
  /** The machine below, for what a node does not do by itself. */
  readonly engine: Engine;
  readonly #logs: NodeLogs | undefined;
  readonly #tell: (event: MvdsEvent) => void;
  readonly #closing = new AbortController();
  readonly #sending = new Map<string, Promise<void>>();
  #loops: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** @internal Made by `openNode`. */
  constructor(engine: Engine, logs: NodeLogs | undefined, tell: (event: MvdsEvent) => void) {
    this.engine = engine;
    this.#logs = logs;
    this.#tell = tell;
  }

  /** @internal Begins to send and to receive. */
  start(
    transport: Transport | undefined,
    {
      epochMilliseconds,
      pollMilliseconds,
    }: { readonly epochMilliseconds: number; readonly pollMilliseconds: number },
  ): void {
    const loops = [this.#tick(transport, epochMilliseconds)];
    if (transport !== undefined) loops.push(this.#receive(transport, epochMilliseconds));
    if (this.#logs !== undefined) loops.push(this.#poll(pollMilliseconds));
    this.#loops = Promise.all(loops);
    // What an earlier run did not deliver.
    void this.engine.settled();
  }

  /** How far it is. */
  status(): EngineStatus {
    return this.engine.status();
  }

  /** The groups, each with the peers that belong to it. */
  groups(): ReturnType<Engine["groups"]> {
    return this.engine.groups();
  }

  /**
   * Says who belongs to a group besides this node; see {@link Engine.setGroup}.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT`, JournalError `ERR_JOURNAL`, ClosedError `ERR_CLOSED`
   *
   * @example
   * ```ts
   * import type { MvdsNode } from "@remote-log/mvds";
   *
   * export async function add(node: MvdsNode, group: Uint8Array, peer: string): Promise<void> {
   *   const { members = [] } = node.groups().find(({ groupId }) => groupId.every((byte, i) => byte === group[i])) ?? {};
   *   await node.setGroup(group, [...members, peer]);
   * }
   * ```
   */
  setGroup(groupId: Uint8Array, members: readonly string[]): Promise<void> {
    return this.engine.setGroup(groupId, members);
  }

  /**
   * Forgets a group and all of its messages.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if it is no id; JournalError `ERR_JOURNAL`, ClosedError `ERR_CLOSED`
   */
  removeGroup(groupId: Uint8Array): Promise<void> {
    return this.engine.removeGroup(groupId);
  }

  /**
   * Sends a message to the members of a group. Durable when it resolves; see {@link Engine.send}. If the node has logs, it is appended to its own a
   * moment later, or when the node is opened again.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if the group or a parent is not known, TooLargeError `ERR_TOO_LARGE` if it does not fit into a
   * payload; JournalError `ERR_JOURNAL`, ClosedError `ERR_CLOSED`
   *
   * @example
   * ```ts
   * import type { MvdsNode } from "@remote-log/mvds";
   *
   * export async function say(node: MvdsNode, group: Uint8Array, text: string): Promise<void> {
   *   await node.send(group, new Uint8Array([1]), { ephemeral: true }); // "is typing", for those who are there
   *   await node.send(group, new TextEncoder().encode(text)); // for all, sooner or later
   * }
   * ```
   */
  async send(groupId: Uint8Array, body: Uint8Array, options?: SendOptions): Promise<SentMessage> {
    const sent = await this.engine.send(groupId, body, options);
    this.#logs?.flush().catch((error: unknown) => this.#logFailed(error));
    return sent;
  }

  /**
   * Reads the logs of the peers now: takes what is new there, sends to nobody any more what their logs show that they have, and says in the node's
   * own log how far it has read. A node does so by itself when it is opened, and at each poll. Without logs it does nothing.
   *
   * @returns how far it got with each; an error of one log does not keep the others from being read
   * @throws JournalError `ERR_JOURNAL` if the database or the node's own log failed
   *
   * @example
   * ```ts
   * import type { MvdsNode } from "@remote-log/mvds";
   *
   * export async function sync(node: MvdsNode): Promise<void> {
   *   for (const { peer, messages, error } of await node.syncLogs())
   *     console.log(peer, error === undefined ? `${messages} new` : `can't be read: ${error}`);
   * }
   * ```
   */
  async syncLogs({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<LogReport[]> {
    return (await this.#logs?.sync(signal)) ?? [];
  }

  /** A message that is kept; `undefined` if it is not known, or was forgotten. */
  message(id: Uint8Array): Promise<DeliveredMessage | undefined> {
    return this.engine.message(id);
  }

  /** Says that a peer has come online, if the transport does not say so by itself. */
  peerOnline(peer: string): Promise<void> {
    return this.engine.peerOnline(peer);
  }

  /** Ends sending and receiving, and closes the database. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      abortWith(this.#closing, undefined);
      await this.#loops;
      await Promise.all(this.#sending.values());
      await this.engine.close();
    })();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #poll(pollMilliseconds: number): Promise<void> {
    const { signal } = this.#closing;
    do {
      try {
        for (const { peer, error } of await this.syncLogs({ signal })) {
          if (error !== undefined && !signal.aborted) this.#tell({ kind: "log-failed", peer, error });
        }
      } catch (error) {
        this.#logFailed(error);
      }
    } while (await this.#waits(pollMilliseconds));
    // What was sent a moment ago.
    await this.#logs?.flush().catch((error: unknown) => this.#logFailed(error));
  }

  #logFailed(error: unknown): void {
    this.#tell({ kind: "log-failed", error });
  }

  async #tick(transport: Transport | undefined, epochMilliseconds: number): Promise<void> {
    while (await this.#waits(epochMilliseconds)) {
      try {
        // While a payload is on its way to a peer, none is made for it.
        const payloads = await this.engine.tick({ skip: new Set(this.#sending.keys()) });
        if (transport === undefined) continue;
        for (const { peer, payload } of payloads)
          this.#sending.set(peer, this.#send(transport, peer, payload));
      } catch (error) {
        this.#tell({ kind: "stopped", error });
        return;
      }
    }
  }

  async #send(transport: Transport, peer: string, payload: Uint8Array): Promise<void> {
    const { signal } = this.#closing;
    try {
      await transport.send(peer, payload, { signal });
    } catch (error) {
      if (!signal.aborted) this.#tell({ kind: "send-failed", peer, error });
    } finally {
      this.#sending.delete(peer);
    }
  }

  async #receive(transport: Transport, epochMilliseconds: number): Promise<void> {
    const { signal } = this.#closing;
    do {
      try {
        for await (const { peer, payload } of transport.receive({ signal })) {
          if (signal.aborted) return;
          try {
            await (payload === undefined ? this.engine.peerOnline(peer) : this.engine.receive(peer, payload));
          } catch {
            // The database failed: the next epoch tells.
            return;
          }
        }
      } catch (error) {
        if (!signal.aborted) this.#tell({ kind: "receive-failed", error });
      }
    } while (await this.#waits(epochMilliseconds));
  }

  /** Waits; `false` if the node is being closed. */
  async #waits(milliseconds: number): Promise<boolean> {
    const { signal } = this.#closing;
    if (!signal.aborted) await delay(milliseconds, signal).catch(() => undefined);
    return !signal.aborted;
  }
}

function secondsNow(): number {
  return Math.floor(timeNow() / 1000);
}
