// What peers say in their logs that they have read of other logs.

import { decodeUtf8 } from "@remote-log/core/adapter";
import { bytesOf, hexOf, joined, uint64Bytes, uint64Of } from "../bytes.ts";
import { ID_BYTES } from "../wire/payload.ts";
import { statementKey, statementKeys } from "./keys.ts";
import type { LogPlace } from "./messages.ts";
import type { Step, Store } from "./store.ts";

/** A stretch of a log of which every message was taken. */
export interface LogRead {
  /** The log id, 32 bytes. */
  readonly logId: Uint8Array;
  /** Its first entry. */
  readonly first: number;
  /** The entry after its last. */
  readonly end: number;
}

/** Of how many logs it is remembered what one peer has read. */
const MOST_LOGS = 1024;

/** The newest stretch that each peer has read of each log, in memory and in the database. */
export class Statements {
  readonly #peers = new Map<string, Map<string, { first: number; end: number }>>();

  /** Reads what an earlier run left. */
  async load(store: Store): Promise<void> {
    for await (const [key, value] of store.range(statementKeys)) {
      const at = 1 + ID_BYTES;
      const range = { first: uint64Of(value), end: uint64Of(value, 8) };
      this.#logsOf(decodeUtf8(key.slice(at)) ?? "").set(hexOf(key.slice(1, at)), range);
    }
  }

  /** Notes what a peer has read. A stretch that follows the one before makes it longer; else it takes its place. */
  note(step: Step, peer: string, { logId, first, end }: LogRead): void {
    const logs = this.#logsOf(peer);
    const before = logs.get(hexOf(logId));
    if (before === undefined && logs.size >= MOST_LOGS) return;
    const follows = before !== undefined && first <= before.end && end >= before.first;
    const range = follows
      ? { first: Math.min(before.first, first), end: Math.max(before.end, end) }
      : { first, end };
    logs.set(hexOf(logId), range);
    step.put(statementKey(logId, peer), joined(uint64Bytes(range.first), uint64Bytes(range.end)));
  }

  /** Whether a peer has read what stands at a place. */
  covers(peer: string, { logId, sequence }: LogPlace): boolean {
    const range = this.#peers.get(peer)?.get(hexOf(logId));
    return range !== undefined && range.first <= sequence && sequence < range.end;
  }

  /** Forgets what a peer has said. */
  forget(step: Step, peer: string): void {
    for (const log of this.#peers.get(peer)?.keys() ?? []) step.delete(statementKey(bytesOf(log), peer));
    this.#peers.delete(peer);
  }

  #logsOf(peer: string): Map<string, { first: number; end: number }> {
    const logs = this.#peers.get(peer) ?? new Map<string, { first: number; end: number }>();
    this.#peers.set(peer, logs);
    return logs;
  }
}
