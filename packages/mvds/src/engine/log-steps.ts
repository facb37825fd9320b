// What the logs of a node change in its engine: what was written to its own log, and what was read from those of its peers.

import type { MvdsMessage } from "@remote-log/core";
import { encodeMvdsMessage } from "@remote-log/core";
import { bytesOf, hexOf, joined, uint64Bytes, uint64Of } from "../bytes.ts";
import { takeMessage } from "./incoming.ts";
import { readKey, readKeys } from "./keys.ts";
import { changeFacts, factsOf, messageOf } from "./messages.ts";
import { peerHasRead } from "./reads-of-peers.ts";
import type { State } from "./state.ts";
import type { LogRead } from "./statements.ts";
import type { Step } from "./store.ts";

/** An entry of a peer's log. */
export type LogItem =
  | { readonly kind: "message"; readonly sequence: number; readonly message: MvdsMessage }
  /** Says what the peer has read of other logs. */
  | { readonly kind: "read"; readonly sequence: number; readonly reads: readonly LogRead[] }
  /** Anything else. */
  | { readonly kind: "other"; readonly sequence: number };

/** How far a peer's log was read, and what of that was told. */
interface Position {
  /** The entry to read next. */
  readonly next: number;
  /** From here on every message was taken: before it one was not there any more, or not for this node. */
  readonly first: number;
  /** The entry after the last message that was taken. */
  readonly messages: number;
  /** Up to where this node's log says so. */
  readonly told: number;
  /** The first message that was ignored, plus 1; 0 if there is none. */
  readonly ignored: number;
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
      await change(step, logId, { next });
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
      const reads: LogRead[] = [];
      for (const item of items) {
        const { sequence } = item;
        if (item.kind === "read" && !this.#state.groups.knows(peer)) {
          await this.#pass(step, logId, sequence, "ignored");
          continue;
        }
        if (item.kind === "read") {
          reads.push(...item.reads);
        } else if (item.kind === "message") {
          const outcome = await takeMessage(this.#state, step, peer, item.message, { logId, sequence });
          if (outcome === "refused") {
            await peerHasRead(this.#state, step, peer, reads);
            return { messages, refused: true };
          }
          if (outcome === "kept") messages++;
          await this.#pass(step, logId, sequence, outcome === "ignored" ? "ignored" : "taken");
          continue;
        }
        await this.#pass(step, logId, sequence, "other");
      }
      await peerHasRead(this.#state, step, peer, reads);
      step.durable = true;
      return { messages, refused: false };
    });
    await this.#settled();
    return result;
  }

  /** Reads a log again from an entry on: what followed there is not part of it any more. */
  async rewind(logId: Uint8Array, next: number): Promise<void> {
    await this.#inStep(async (step) => rewindLog(step, logId, next));
  }

  /** What was read of logs, as far as this node's own log does not say it. */
  async untold(): Promise<LogRead[]> {
    return this.#inStep(async () => {
      const found: LogRead[] = [];
      for await (const [key, value] of this.#state.store.range(readKeys)) {
        const { first, messages, told } = decode(value);
        if (messages > Math.max(told, first))
          found.push({ logId: key.slice(1), first: Math.max(told, first), end: messages });
      }
      return found;
    });
  }

  /** Notes that this node's own log says what was read of others. */
  async noteTold(reads: readonly LogRead[]): Promise<void> {
    await this.#inStep(async (step) => {
      for (const { logId, end } of reads) await change(step, logId, { told: end });
    });
  }

  async #pass(
    step: Step,
    logId: Uint8Array,
    sequence: number,
    what: "taken" | "ignored" | "other",
  ): Promise<void> {
    const { next, first, ignored } = decode(await step.get(readKey(logId)));
    // Entries whose contents were removed are passed over: messages among them were not taken.
    const start = sequence > next ? sequence : first;
    await change(step, logId, {
      next: sequence + 1,
      first: what === "ignored" ? sequence + 1 : start,
      ...(what === "taken" && { messages: sequence + 1 }),
      ...(what === "ignored" && ignored === 0 && { ignored: sequence + 1 }),
    });
  }
}

/** Reads logs again from the first message on that was ignored: who belongs to a group has changed. */
export async function readIgnoredAgain({ store }: State, step: Step): Promise<void> {
  for await (const [key, value] of store.range(readKeys)) {
    const { ignored } = decode(value);
    if (ignored > 0) await rewindLog(step, key.slice(1), ignored - 1);
  }
}

async function rewindLog(step: Step, logId: Uint8Array, next: number): Promise<void> {
  const before = decode(await step.get(readKey(logId)));
  if (next >= before.next) return;
  const [messages, told] = [Math.min(before.messages, next), Math.min(before.told, next)];
  await change(step, logId, { next, first: next, messages, told, ignored: 0 });
}

async function change(step: Step, logId: Uint8Array, changes: Partial<Position>): Promise<void> {
  const before = decode(await step.get(readKey(logId)));
  const { next, first, messages, told, ignored } = { ...before, ...changes };
  step.put(readKey(logId), joined(...[next, first, messages, told, ignored].map(uint64Bytes)));
}

function decode(bytes: Uint8Array | undefined): Position {
  const [next, first, messages, told, ignored] = [0, 8, 16, 24, 32].map((at) =>
    bytes ? uint64Of(bytes, at) : 0,
  );
  return { next: next!, first: first!, messages: messages!, told: told!, ignored: ignored! };
}
