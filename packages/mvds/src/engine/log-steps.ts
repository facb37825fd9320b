// What the logs of a node change in its engine: what was written to its own log, and what was read from those of its peers.

import type { MvdsMessage } from "@remote-log/core";
import { encodeMvdsMessage } from "@remote-log/core";
import { bytesOf, hexOf, joined, uint64Bytes, uint64Of } from "../bytes.ts";
import { peerHasRead, takeMessage } from "./incoming.ts";
import { readKey, readKeys } from "./keys.ts";
import { changeFacts, factsOf, messageOf } from "./messages.ts";
import type { State } from "./state.ts";
import type { Step } from "./store.ts";

/** How far a log was read. */
export interface LogRead {
  /** The log id, 32 bytes. */
  readonly logId: Uint8Array;
  /** The number of entries that were read. */
  readonly size: number;
}

/** An entry of a peer's log. */
export type LogItem =
  | { readonly kind: "message"; readonly sequence: number; readonly message: MvdsMessage }
  /** Says how far the peer has read other logs. */
  | { readonly kind: "read"; readonly sequence: number; readonly reads: readonly LogRead[] }
  /** Anything else. */
  | { readonly kind: "other"; readonly sequence: number };

/** How far a peer's log was read, and what of that was told. */
interface Position {
  /** The entry to read next. */
  readonly next: number;
  /** The number of entries up to the last message. */
  readonly messages: number;
  /** What of that this node's log says. */
  readonly told: number;
}

/** A message that the node's own log lacks. */
export interface Unlogged {
  readonly id: Uint8Array;
  readonly content: Uint8Array;
}

type InStep = <T>(work: (step: Step) => Promise<T>) => Promise<T>;

/** The steps of logs. */
export class LogSteps {
  readonly #state: State;
  readonly #inStep: InStep;
  readonly #settled: () => Promise<void>;

  constructor(state: State, inStep: InStep, settled: () => Promise<void>) {
    this.#state = state;
    this.#inStep = inStep;
    this.#settled = settled;
  }

  /** The messages that the node's own log lacks, oldest first, up to `most`. */
  unlogged(most: number): Promise<Unlogged[]> {
    return this.#inStep(async (step) => {
      const found: Unlogged[] = [];
      for (const id of this.#state.outbox.ids.slice(0, most).map(bytesOf)) {
        const message = await messageOf(step, id);
        if (message === undefined) this.#state.outbox.remove(step, hexOf(id));
        else found.push({ id, content: encodeMvdsMessage(message) });
      }
      return found;
    });
  }

  /** Notes what the node's own log has, up to entry `next`. */
  async noteLogged(
    logId: Uint8Array,
    entries: readonly { readonly id: Uint8Array; readonly sequence: number }[],
    next: number,
  ): Promise<void> {
    await this.#inStep(async (step) => {
      for (const { id, sequence } of entries) {
        this.#state.outbox.remove(step, hexOf(id));
        const facts = await factsOf(step, id);
        if (facts !== undefined && facts.peer === "")
          changeFacts(step, id, { ...facts, place: { logId, sequence } });
      }
      await this.#change(step, logId, { next });
      step.durable = true;
    });
  }

  /** The entry of a log to read next: of a peer's, or of the node's own. */
  next(logId: Uint8Array): Promise<number> {
    return this.#inStep(async (step) => decode(await step.get(readKey(logId))).next);
  }

  /**
   * Takes entries of a peer's log, in order. If one is refused because of a limit, it ends before that one.
   *
   * @returns how many messages were new, and whether an entry was refused
   */
  async take(
    peer: string,
    logId: Uint8Array,
    items: readonly LogItem[],
  ): Promise<{ readonly messages: number; readonly refused: boolean }> {
    const result = await this.#inStep(async (step) => {
      let messages = 0;
      for (const item of items) {
        const { sequence } = item;
        if (item.kind === "read") {
          for (const read of item.reads) await peerHasRead(this.#state, step, peer, read);
        } else if (item.kind === "message") {
          const outcome = await takeMessage(this.#state, step, peer, item.message, { logId, sequence });
          if (outcome === "refused") return { messages, refused: true };
          if (outcome === "kept") messages++;
          if (outcome !== "ignored") await this.#change(step, logId, { messages: sequence + 1 });
        }
        await this.#change(step, logId, { next: sequence + 1 });
      }
      step.durable = true;
      return { messages, refused: false };
    });
    await this.#settled();
    return result;
  }

  /** How far logs were read, as far as this node's own log does not say it. */
  async untold(): Promise<LogRead[]> {
    const found: LogRead[] = [];
    for await (const [key, value] of this.#state.store.range(readKeys)) {
      const { messages, told } = decode(value);
      if (messages > told) found.push({ logId: key.slice(1), size: messages });
    }
    return found;
  }

  /** Notes that this node's own log says how far others were read. */
  async noteTold(reads: readonly LogRead[]): Promise<void> {
    await this.#inStep(async (step) => {
      for (const { logId, size } of reads) await this.#change(step, logId, { told: size });
    });
  }

  async #change(step: Step, logId: Uint8Array, change: Partial<Position>): Promise<void> {
    const before = decode(await step.get(readKey(logId)));
    const { next, messages, told } = { ...before, ...change };
    step.put(readKey(logId), joined(uint64Bytes(next), uint64Bytes(messages), uint64Bytes(told)));
  }
}

function decode(bytes: Uint8Array | undefined): Position {
  if (bytes === undefined) return { next: 0, messages: 0, told: 0 };
  return { next: uint64Of(bytes), messages: uint64Of(bytes, 8), told: uint64Of(bytes, 16) };
}
