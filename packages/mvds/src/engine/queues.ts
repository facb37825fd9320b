// What waits for the application, for the node's own log, and for the next payload of each peer.

import type { MvdsMessage } from "@remote-log/core";
import { hexOf, uint64Of } from "../bytes.ts";
import type { inboxKey, outboxKey, Prefixed } from "./keys.ts";
import type { Step, Store } from "./store.ts";

/** A queue of ids of messages, in memory and in the database. */
export class IdQueue {
  readonly #keyOf: (order: number) => Uint8Array;
  readonly #range: Prefixed;
  /** Orders by id, in their order. */
  readonly #orders = new Map<string, number>();
  #next = 0;

  constructor(keyOf: typeof inboxKey | typeof outboxKey, range: Prefixed) {
    this.#keyOf = keyOf;
    this.#range = range;
  }

  async load(store: Store): Promise<void> {
    for await (const [key, id] of store.range(this.#range)) {
      const order = uint64Of(key, 1);
      this.#orders.set(hexOf(id), order);
      this.#next = order + 1;
    }
  }

  get size(): number {
    return this.#orders.size;
  }

  has(id: string): boolean {
    return this.#orders.has(id);
  }

  /** The first id, in hexadecimal digits. */
  get first(): string | undefined {
    const [first] = this.#orders.keys();
    return first;
  }

  /** The ids in the queue, in hexadecimal digits. */
  get ids(): string[] {
    return [...this.#orders.keys()];
  }

  add(step: Step, id: Uint8Array): void {
    this.#orders.set(hexOf(id), this.#next);
    step.put(this.#keyOf(this.#next++), id);
  }

  remove(step: Step, id: string): void {
    const order = this.#orders.get(id);
    if (order === undefined) return;
    this.#orders.delete(id);
    step.delete(this.#keyOf(order));
  }
}

/** An ephemeral message, with its id. */
export interface Ephemeral {
  readonly id: Uint8Array;
  readonly message: MvdsMessage;
}

/** What the next payload of each peer has besides its records. In memory alone: what is lost is made again, or not kept at all. */
export class Reactions {
  readonly #most: number;
  readonly #acks = new Map<string, Map<string, Uint8Array>>();
  readonly #ephemerals = new Map<string, Ephemeral[]>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The peers for which something waits. */
  get peers(): string[] {
    return [...new Set([...this.#acks.keys(), ...this.#ephemerals.keys()])];
  }

  /** Lets a peer know that a message is here. One that finds no room is acknowledged when it comes again. */
  acknowledge(peer: string, id: Uint8Array): void {
    const acks = this.#acks.get(peer) ?? new Map<string, Uint8Array>();
    if (acks.size < this.#most) this.#acks.set(peer, acks.set(hexOf(id), id.slice()));
  }

  /** Lets the next payload have an ephemeral message. The oldest one gives way if there are too many. */
  send(peer: string, ephemeral: Ephemeral): void {
    const waiting = this.#ephemerals.get(peer) ?? [];
    waiting.push(ephemeral);
    if (waiting.length > this.#most) waiting.shift();
    this.#ephemerals.set(peer, waiting);
  }

  /** Takes up to `most` acknowledgements for a peer. */
  takeAcks(peer: string, most: number): Uint8Array[] {
    const acks = this.#acks.get(peer);
    if (acks === undefined) return [];
    const taken = [...acks].slice(0, Math.max(0, most));
    for (const [key] of taken) acks.delete(key);
    if (acks.size === 0) this.#acks.delete(peer);
    return taken.map(([, id]) => id);
  }

  /** Takes the ephemeral messages for a peer, as long as `fits` says so; those that don't fit wait. */
  takeEphemerals(peer: string, fits: (message: MvdsMessage) => boolean): MvdsMessage[] {
    const waiting = this.#ephemerals.get(peer) ?? [];
    const taken: MvdsMessage[] = [];
    while (waiting.length > 0 && fits(waiting[0]!.message)) taken.push(waiting.shift()!.message);
    if (waiting.length === 0) this.#ephemerals.delete(peer);
    return taken;
  }

  forget(peer: string): void {
    this.#acks.delete(peer);
    this.#ephemerals.delete(peer);
  }
}
