// The records of each peer; 2/MVDS, "State". Acknowledgements are never part of it.

import { MalformedError } from "@remote-log/core";
import { decodeUtf8 } from "@remote-log/core/adapter";
import { ProtobufReader, ProtobufWriter } from "@remote-log/core/wire";
import { hexOf } from "../bytes.ts";
import { ID_BYTES } from "../wire/payload.ts";
import { recordKey, recordKeys } from "./keys.ts";
import type { FilledOptions } from "./options.ts";
import type { Step, Store } from "./store.ts";

/** What a record asks to send. */
export type RecordType = "offer" | "request" | "message";

/** What is to be sent to a peer about one message, until something comes back. */
export interface PeerRecord {
  readonly id: Uint8Array;
  readonly type: RecordType;
  /** How often it was sent. */
  readonly count: number;
  /** How often it had been sent when the peer came online last: the back-off counts from there. */
  readonly base: number;
  /** The epoch from which on it is sent again. */
  readonly sendEpoch: number;
}

const TYPES: readonly RecordType[] = ["offer", "request", "message"];

interface PeerState {
  readonly records: Map<string, PeerRecord>;
  requests: number;
  /** No record is due before this epoch. */
  nextEpoch: number;
}

/** The records of all peers, in memory and in the database. */
export class Records {
  readonly #options: FilledOptions;
  readonly #peers = new Map<string, PeerState>();

  constructor(options: FilledOptions) {
    this.#options = options;
  }

  /** Reads the records that an earlier run left. */
  async load(store: Store): Promise<void> {
    for await (const [key, value] of store.range(recordKeys)) {
      const id = key.slice(-ID_BYTES);
      this.#keep(decodeUtf8(key.slice(1, -ID_BYTES)) ?? "", decode(id, value));
    }
  }

  /** The peers that have records, in the order in which they got their first. */
  get peers(): string[] {
    return [...this.#peers.keys()];
  }

  /** How many records wait for a peer. */
  count(peer: string): number {
    return this.#peers.get(peer)?.records.size ?? 0;
  }

  /** The record of a message for a peer. */
  of(peer: string, id: Uint8Array): PeerRecord | undefined {
    return this.#peers.get(peer)?.records.get(hexOf(id));
  }

  /** All records of a peer. */
  all(peer: string): PeerRecord[] {
    return [...(this.#peers.get(peer)?.records.values() ?? [])];
  }

  /** Whether some peer was asked for a message just now, so that the answer may still be on its way. */
  isBeingRequested(id: Uint8Array): boolean {
    const key = hexOf(id);
    return [...this.#peers.values()].some(({ records }) => {
      const record = records.get(key);
      return record?.type === "request" && record.count <= 1;
    });
  }

  /** The records that are due, those that have waited longest first. */
  due(peer: string, epoch: number): PeerRecord[] {
    const state = this.#peers.get(peer);
    if (state === undefined || state.nextEpoch > epoch) return [];
    const all = [...state.records.values()];
    const due = all.filter(({ sendEpoch }) => sendEpoch <= epoch);
    state.nextEpoch = all.reduce(
      (least, { sendEpoch }) => Math.min(least, sendEpoch),
      Number.POSITIVE_INFINITY,
    );
    return due.sort((a, b) => a.sendEpoch - b.sendEpoch);
  }

  /**
   * Begins a record, in place of one that is there. If a peer has too many, the oldest one of the same kind gives way.
   *
   * @returns whether it was begun: a request is not if there are too many
   */
  begin(step: Step, peer: string, id: Uint8Array, type: RecordType, epoch: number): boolean {
    const { maxOutgoing, maxRequests } = this.#options.limits;
    const state = this.#peers.get(peer);
    const before = state?.records.get(hexOf(id));
    if (
      state !== undefined &&
      (before === undefined || (before.type === "request") !== (type === "request"))
    ) {
      if (type === "request" && state.requests >= maxRequests) return false;
      if (type !== "request" && state.records.size - state.requests >= maxOutgoing) {
        for (const oldest of state.records.values()) {
          if (oldest.type === "request") continue;
          this.giveUp(step, peer, oldest, "peer-full");
          break;
        }
      }
    }
    this.change(step, peer, { id, type, count: 0, base: 0, sendEpoch: epoch });
    return true;
  }

  /** Writes a record anew. */
  change(step: Step, peer: string, record: PeerRecord): void {
    this.#keep(peer, record);
    step.put(recordKey(peer, record.id), encode(record));
  }

  /** Ends a record. */
  end(step: Step, peer: string, id: Uint8Array): void {
    const state = this.#peers.get(peer);
    const record = state?.records.get(hexOf(id));
    if (state === undefined || record === undefined) return;
    state.records.delete(hexOf(id));
    if (record.type === "request") state.requests--;
    if (state.records.size === 0) this.#peers.delete(peer);
    step.delete(recordKey(peer, id));
  }

  /** Ends the requests for a message to all peers. */
  endRequests(step: Step, id: Uint8Array): void {
    for (const peer of this.peers) {
      if (this.of(peer, id)?.type === "request") this.end(step, peer, id);
    }
  }

  /** Ends a record that is not sent any more, and tells so. */
  giveUp(
    step: Step,
    peer: string,
    { id, type }: PeerRecord,
    reason: "count" | "peer-full" | "message-gone" | "too-large",
  ): void {
    this.end(step, peer, id);
    step.tell({ kind: "gave-up", reason, record: type, peer, id });
  }

  #keep(peer: string, record: PeerRecord): void {
    const state: PeerState = this.#peers.get(peer) ?? {
      records: new Map<string, PeerRecord>(),
      requests: 0,
      nextEpoch: record.sendEpoch,
    };
    this.#peers.set(peer, state);
    const key = hexOf(record.id);
    if (state.records.get(key)?.type === "request") state.requests--;
    if (record.type === "request") state.requests++;
    state.records.set(key, record);
    state.nextEpoch = Math.min(state.nextEpoch, record.sendEpoch);
  }
}

function encode({ type, count, base, sendEpoch }: PeerRecord): Uint8Array {
  const writer = new ProtobufWriter("Record", 32);
  writer.uint32(1, TYPES.indexOf(type));
  writer.uint64(2, count);
  writer.uint64(3, base);
  writer.uint64(4, sendEpoch);
  return writer.finish();
}

function decode(id: Uint8Array, bytes: Uint8Array): PeerRecord {
  const reader = new ProtobufReader(bytes, "Record");
  let type: number | undefined;
  let count: number | undefined;
  let base: number | undefined;
  let sendEpoch: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) type = reader.uint32Once("type", type);
    else if (reader.field === 2) count = reader.uint64Once("count", count);
    else if (reader.field === 3) base = reader.uint64Once("base", base);
    else if (reader.field === 4) sendEpoch = reader.uint64Once("send_epoch", sendEpoch);
    else reader.skip();
  }
  const known = TYPES[type ?? 0];
  if (known === undefined) {
    throw new MalformedError(`The record of message ${hexOf(id)} in the database of the node is damaged.`, {
      operation: "mvds.open",
    });
  }
  return { id, type: known, count: count ?? 0, base: base ?? 0, sendEpoch: sendEpoch ?? 0 };
}
