// 2/MVDS as a machine without a clock, chance or a network of its own: whoever runs it brings them.

import { ClosedError, hasCode, InvalidInputError } from "@remote-log/core";
import { checkArgument, checkOptionTypes, optionKinds } from "@remote-log/core/adapter";
import { bytesOf, uint64Bytes } from "../bytes.ts";
import { decodePayload, type Payload } from "../wire/payload.ts";
import { takePayload } from "./incoming.ts";
import { epochKey } from "./keys.ts";
import { LogSteps, readIgnoredAgain } from "./log-steps.ts";
import { forgetOldest, removeGroup, setGroup, wake } from "./membership.ts";
import { factsOf, messageOf } from "./messages.ts";
import { type DeliveredMessage, type EngineOptions, fillOptions } from "./options.ts";
import { makePayloads, type Outgoing } from "./outgoing.ts";
import { type SendOptions, type SentMessage, sendMessage } from "./sending.ts";
import { State } from "./state.ts";
import { Step, Store } from "./store.ts";

/** How far an engine is. */
export interface EngineStatus {
  /** The present epoch. */
  readonly epoch: number;
  /** How many offers, requests and messages wait for each peer; peers for which nothing waits are left out. */
  readonly waiting: Readonly<Record<string, number>>;
  /** How many messages wait for the application. */
  readonly undelivered: number;
  /** How many messages are not in the node's own log yet. */
  readonly unlogged: number;
}

/** Options of {@link Engine.tick}. */
export interface TickOptions {
  /** Peers for which no payload is made in this epoch: one is on its way to them still, say. Default: none. */
  readonly skip?: ReadonlySet<string> | undefined;
}

const tickKinds: optionKinds.KindsOf<TickOptions> = {
  skip: optionKinds.withMethods(["has"], "a Set of the names of peers"),
};

/**
 * Opens an engine: 2/MVDS without a clock, chance or a network. Whoever runs it calls `tick` once an epoch and sends what that
 * returns, and `receive` with what arrives. `openNode` does that by the clock of the device; a simulator does it by its own.
 * The same calls in the same order give the same bytes.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @throws JournalLockedError `ERR_JOURNAL_LOCKED`, JournalError `ERR_JOURNAL`
 *
 * @example
 * ```ts
 * import { openEngine } from "@remote-log/mvds";
 * import { MemoryLevel } from "memory-level";
 *
 * const alice = await openEngine({
 *   database: new MemoryLevel(),
 *   now: () => 1_800_000_000,
 *   random: () => 0.5,
 *   onMessage: ({ body }) => console.log(new TextDecoder().decode(body)),
 * });
 * const group = new Uint8Array(32).fill(7);
 * await alice.setGroup(group, ["bob"]);
 * await alice.send(group, new TextEncoder().encode("hello"));
 * for (const { peer, payload } of await alice.tick()) console.log(`${payload.length} bytes for ${peer}`);
 * await alice.close();
 * ```
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const filled = fillOptions(options);
  const store = await Store.open(filled.database);
  try {
    return new Engine(await State.load(filled, store));
  } catch (error) {
    await store.close().catch(() => undefined);
    throw error;
  }
}

/**
 * 2/MVDS as a machine. Its methods take turns. After a failed write it must be opened again: everything rejects with the error of
 * that write. After `close`, with `ClosedError` (`ERR_CLOSED`).
 */
export class Engine {
  /** @internal What the logs of a node need of its engine. */
  readonly logSteps: LogSteps;
  readonly #state: State;
  #turn: Promise<unknown> = Promise.resolve();
  #delivery: Promise<void> = Promise.resolve();
  #delivering = false;
  #failure: { readonly error: unknown } | undefined;
  #closed: Promise<void> | undefined;

  /** @internal Made by `openEngine`. */
  constructor(state: State) {
    this.#state = state;
    this.logSteps = new LogSteps(
      state,
      (work) => this.#step(work),
      () => this.settled(),
    );
  }

  /** How far it is. */
  status(): EngineStatus {
    const { epoch, records, inbox, passing, outbox } = this.#state;
    return {
      epoch,
      waiting: Object.fromEntries(records.peers.map((peer) => [peer, records.count(peer)])),
      undelivered: inbox.size + passing.length,
      unlogged: outbox.size,
    };
  }

  /** The groups, each with the peers that belong to it. */
  groups(): { readonly groupId: Uint8Array; readonly members: readonly string[] }[] {
    return this.#state.groups.all.map(({ id, members }) => ({ groupId: id.slice(), members: [...members] }));
  }

  /**
   * Says who belongs to a group besides this node: they alone may send and request its messages. It is kept. Whoever is new is sent what is sent
   * from now on, and may request the rest; whoever has left is sent nothing any more.
   *
   * @param groupId - 32 bytes
   * @param members - names of peers, as the transport knows them
   * @throws InvalidInputError `ERR_INVALID_INPUT`
   */
  async setGroup(groupId: Uint8Array, members: readonly string[]): Promise<void> {
    await this.#step(async (step) => {
      await setGroup(this.#state, step, groupId, members);
      await readIgnoredAgain(this.#state, step);
    });
  }

  /**
   * Forgets a group and all of its messages. One that is not known is no error.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if it is no id
   */
  async removeGroup(groupId: Uint8Array): Promise<void> {
    checkArgument(groupId, optionKinds.bytes, { name: "The id of a group", operation: "mvds.removeGroup" });
    await this.#step(async (step) => {
      const group = this.#state.groups.of(groupId);
      if (group !== undefined) await removeGroup(this.#state, step, group);
    });
  }

  /**
   * Sends a message to the members of a group. Durable when it resolves; the next `tick` sends it for the first time.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if the group or a parent is not known
   * @throws TooLargeError `ERR_TOO_LARGE` if it does not fit into a payload
   */
  async send(groupId: Uint8Array, body: Uint8Array, options: SendOptions = {}): Promise<SentMessage> {
    return this.#step((step) => sendMessage(this.#state, step, groupId, body, options));
  }

  /**
   * Takes a payload of a peer. Resolves when the application has handled what it delivers, so `onMessage` must not wait for it.
   * A payload that can't be decoded, or is no `Uint8Array`, is told as an event.
   */
  async receive(peer: string, payload: Uint8Array): Promise<void> {
    await this.#step(async (step) => {
      const decoded = this.#decode(step, peer, payload);
      if (decoded !== undefined) await takePayload(this.#state, step, peer, decoded);
    });
    await this.settled();
  }

  /**
   * Begins the next epoch. Returns what to send in it: one payload at most for each peer.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
   */
  async tick(options: TickOptions = {}): Promise<Outgoing[]> {
    checkOptionTypes(options, tickKinds, { name: "tick", operation: "mvds.tick" });
    const { skip } = options;
    const payloads = await this.#step(async (step) => {
      const state = this.#state;
      state.epoch++;
      const made = await makePayloads(state, step, skip);
      // While nothing waits, the epoch need not be kept.
      if (state.records.peers.length > 0) step.put(epochKey, uint64Bytes(state.epoch));
      return made;
    });
    // What the application could not handle before is tried again.
    if (!this.#delivering) void this.#deliver();
    return payloads;
  }

  /** Says that a peer has come online: what waits for it is due, and the back-off begins anew. */
  async peerOnline(peer: string): Promise<void> {
    await this.#step(async (step) => wake(this.#state, step, peer));
  }

  /** A message that is kept; `undefined` if it is not known, or was forgotten. */
  async message(id: Uint8Array): Promise<DeliveredMessage | undefined> {
    return this.#inTurn(() => this.#load(id));
  }

  /** Resolves when all that was received has been handed to the application, or the handling of a message failed. */
  async settled(): Promise<void> {
    await this.#deliver();
  }

  /** Closes the engine and its database, after what was begun. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#turn.catch(() => undefined);
      await this.#delivery;
      await this.#turn.catch(() => undefined);
      await this.#state.store.close();
    })();
    return this.#closed;
  }

  #inTurn<T>(work: () => Promise<T>, internal = false): Promise<T> {
    if (this.#closed !== undefined && !internal)
      return Promise.reject(new ClosedError("The node is closed.", { operation: "mvds.call" }));
    const turn = this.#turn.then(async () => {
      if (this.#failure !== undefined) throw this.#failure.error;
      return work();
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  // What is refused because of what a caller passed changes nothing: it is checked before anything is changed. All else that is thrown
  // within a step leaves memory and database apart, so nothing is done on top of it.
  #step<T>(work: (step: Step) => Promise<T>, internal = false): Promise<T> {
    return this.#inTurn(async () => {
      const { store, options } = this.#state;
      try {
        const step = new Step(store);
        const result = await work(step);
        await store.commit(step);
        const forgetting = new Step(store);
        await forgetOldest(this.#state, forgetting);
        await store.commit(forgetting);
        for (const event of [...step.events, ...forgetting.events]) options.onEvent(event);
        return result;
      } catch (error) {
        if (!hasCode(error, "ERR_INVALID_INPUT", "ERR_TOO_LARGE")) this.#failure ??= { error };
        throw error;
      }
    }, internal);
  }

  #decode(step: Step, peer: string, payload: Uint8Array): Payload | undefined {
    const { dialect, limits } = this.#state.options;
    try {
      checkArgument(payload, optionKinds.bytes, { name: "A payload", operation: "mvds.receive" });
      return decodePayload(payload, dialect, { maxBytes: limits.maxPayloadBytes });
    } catch (error) {
      if (!hasCode(error, "ERR_MALFORMED", "ERR_INVALID_INPUT")) throw error;
      step.tell({ kind: "malformed", peer, error });
      return undefined;
    }
  }

  #deliver(): Promise<void> {
    this.#delivery = this.#delivery.then(async () => {
      this.#delivering = true;
      try {
        await this.#drain();
      } finally {
        this.#delivering = false;
      }
    });
    return this.#delivery;
  }

  async #drain(): Promise<void> {
    const { inbox, passing, options } = this.#state;
    while (this.#failure === undefined && this.#closed === undefined) {
      const waiting = passing[0];
      const next = inbox.first;
      if (waiting === undefined && next === undefined) return;
      const id = waiting?.id ?? bytesOf(next!);
      try {
        const message =
          waiting === undefined
            ? await this.#inTurn(() => this.#load(id), true)
            : { ...waiting.message, id, peer: waiting.peer };
        if (message !== undefined) await options.onMessage(message);
      } catch (error) {
        options.onEvent({ kind: "delivery-failed", id, error });
        return;
      }
      if (waiting === undefined) await this.#done(next!);
      else passing.shift();
    }
  }

  async #done(id: string): Promise<void> {
    try {
      await this.#step(async (step) => this.#state.inbox.remove(step, id), true);
    } catch {
      // The next call rejects with it.
    }
  }

  async #load(id: Uint8Array): Promise<DeliveredMessage | undefined> {
    if (!(id instanceof Uint8Array))
      throw new InvalidInputError("The id of a message must be a Uint8Array.", { operation: "mvds.message" });
    const step = new Step(this.#state.store);
    const facts = await factsOf(step, id);
    const message = await messageOf(step, id);
    if (facts === undefined || message === undefined) return undefined;
    // The database may hand out its own bytes.
    const { groupId, timestamp, body, parents, ephemeral } = message;
    return {
      id: id.slice(),
      groupId: groupId.slice(),
      timestamp,
      body: body.slice(),
      parents: parents.map((parent) => parent.slice()),
      ephemeral,
      peer: facts.peer,
    };
  }
}
