// Engines on a virtual clock, and a network between them that loses, doubles and reorders by a seed.

import {
  type DeliveredMessage,
  type Engine,
  type EngineOptions,
  type MvdsEvent,
  openEngine,
} from "@remote-log/mvds";
import { MemoryLevel } from "memory-level";

/** Numbers by a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const GROUP: Uint8Array = new Uint8Array(32).fill(7);

export const text = (content: string): Uint8Array => new TextEncoder().encode(content);
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** A node under test. */
export interface Peer {
  readonly name: string;
  engine: Engine;
  readonly database: MemoryLevel<Uint8Array, Uint8Array>;
  readonly delivered: DeliveredMessage[];
  readonly events: MvdsEvent[];
  /** The payloads that it sent, in order. */
  readonly sent: { readonly to: string; readonly payload: Uint8Array }[];
  online: boolean;
}

export interface NetworkOptions {
  readonly seed?: number;
  /** How likely a payload is lost, doubled, and late. */
  readonly loss?: number;
  readonly doubling?: number;
  readonly delay?: number;
  readonly options?: Partial<EngineOptions>;
  /** The members of the group, if they are not all. */
  readonly optionsOf?: (name: string) => Partial<EngineOptions>;
}

/** A group of peers that all know each other, and an epoch a second. */
export class Network {
  readonly peers = new Map<string, Peer>();
  epoch = 0;
  loss: number;
  doubling: number;
  delay: number;
  readonly random: () => number;
  readonly #options: NetworkOptions;
  #late: { at: number; from: string; to: string; payload: Uint8Array }[] = [];

  private constructor(options: NetworkOptions) {
    this.#options = options;
    this.random = seeded(options.seed ?? 1);
    this.loss = options.loss ?? 0;
    this.doubling = options.doubling ?? 0;
    this.delay = options.delay ?? 0;
  }

  static async of(names: readonly string[], options: NetworkOptions = {}): Promise<Network> {
    const network = new Network(options);
    for (const name of names) {
      const database = new MemoryLevel<Uint8Array, Uint8Array>({
        keyEncoding: "view",
        valueEncoding: "view",
        storeEncoding: "view",
      });
      const peer = { name, database, delivered: [], events: [], sent: [], online: true } as unknown as Peer;
      network.peers.set(name, peer);
      await network.start(name);
      await peer.engine.setGroup(
        GROUP,
        names.filter((other) => other !== name),
      );
    }
    return network;
  }

  /** Starts a node, on what its database has. */
  async start(name: string): Promise<void> {
    const peer = this.peers.get(name)!;
    peer.engine = await openEngine({
      database: peer.database,
      now: () => 1_800_000_000 + this.epoch,
      random: this.random,
      onMessage: (message) => void peer.delivered.push(message),
      onEvent: (event) => void peer.events.push(event),
      ...this.#options.options,
      ...this.#options.optionsOf?.(name),
    });
  }

  /** Ends a node and starts it anew. Its database stays. */
  async restart(name: string): Promise<void> {
    await this.of(name).engine.close();
    await this.start(name);
  }

  of(name: string): Peer {
    return this.peers.get(name)!;
  }

  async send(name: string, content: string, options = {}): Promise<Uint8Array> {
    return (await this.of(name).engine.send(GROUP, text(content), options)).id;
  }

  async setOnline(name: string, online: boolean, tell = true): Promise<void> {
    const peer = this.of(name);
    if (peer.online === online) return;
    peer.online = online;
    if (!online || !tell) return;
    for (const other of this.peers.values()) {
      if (other === peer || !other.online) continue;
      await other.engine.peerOnline(name);
      await peer.engine.peerOnline(other.name);
    }
  }

  /** Lets an epoch pass everywhere. Returns how many payloads were sent in it. */
  async pass(epochs = 1): Promise<number> {
    let sent = 0;
    for (let i = 0; i < epochs; i++) sent += await this.#passOne();
    return sent;
  }

  /** Lets epochs pass until nothing is sent and nothing is due any more. Fails after `most` of them. */
  async passUntilSilent(most = 20_000): Promise<number> {
    for (let epochs = 0; epochs < most; epochs++) {
      await this.pass();
      const isQuiet = [...this.peers.values()].every(
        ({ engine }) => Object.keys(engine.status().waiting).length === 0,
      );
      if (isQuiet && this.#late.length === 0 && (await this.pass(2)) === 0) return epochs;
    }
    throw new Error(`There is no silence after ${most} epochs.`);
  }

  async #passOne(): Promise<number> {
    this.epoch++;
    let sent = 0;
    const arriving = this.#late.filter(({ at }) => at <= this.epoch);
    this.#late = this.#late.filter(({ at }) => at > this.epoch);
    for (const { from, to, payload } of arriving) await this.#arrive(from, to, payload);
    for (const { name, engine, sent: log, online } of [...this.peers.values()]) {
      for (const { peer: to, payload } of await engine.tick()) {
        log.push({ to, payload });
        sent++;
        if (!online || this.random() < this.loss) continue;
        const copies = this.random() < this.doubling ? 2 : 1;
        for (let copy = 0; copy < copies; copy++) {
          const late = this.random() < this.delay ? 1 + Math.floor(this.random() * 8) : 0;
          if (late === 0) await this.#arrive(name, to, payload);
          else this.#late.push({ at: this.epoch + late, from: name, to, payload });
        }
      }
    }
    return sent;
  }

  async #arrive(from: string, to: string, payload: Uint8Array): Promise<void> {
    const peer = this.peers.get(to);
    if (peer?.online === true && this.of(from).online) await peer.engine.receive(from, payload);
  }

  async close(): Promise<void> {
    for (const { engine } of this.peers.values()) await engine.close();
  }
}

/** What a peer has delivered, as texts. */
export function texts({ delivered }: Peer): string[] {
  return delivered.map(({ body }) => new TextDecoder().decode(body));
}
