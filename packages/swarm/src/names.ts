// Names as sequence feeds on Swarm: update after update under an index each, signed by the owner.

import type { NameResolver, Resolution, Revision } from "@remote-log/core";
import {
  bytesEqual,
  type Call,
  defineNames,
  type NameDriver,
  type ResolveRequest,
} from "@remote-log/core/adapter";
import { toHex } from "./chunk/hex.ts";
import { translateFailure } from "./errors.ts";
import { lost, withoutKey } from "./feed/errors.ts";
import { type FeedName, feedNameOf } from "./feed/feed-name.ts";
import { FeedState } from "./feed/feed-state.ts";
import { lookUpNewest } from "./feed/look-up.ts";
import { putUpdate } from "./feed/put-update.ts";
import { readHead } from "./feed/read-head.ts";
import { formatRevision, indexAfter, parseRevision } from "./feed/revision.ts";
import {
  type CheckedNamesOptions,
  checkNamesOptions,
  checkNodeOptions,
  type SwarmNamesOptions,
} from "./options.ts";
import { withoutBatch } from "./postage/errors.ts";
import { type OpenedChunks, openChunks } from "./transfer/open-chunks.ts";

/** Names as sequence feeds. */
export interface SwarmNames extends NameResolver {
  /**
   * The feed that a text stands for: `<owner>/<topic>` for itself, any other text for a feed of the owner that the names were
   * opened with, whose topic is Keccak-256 over `remote-log/v1/` and the text.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a text that stands for none
   */
  nameOf(text: string): FeedName;

  close(): Promise<void>;
}

/**
 * Names as sequence feeds on Swarm, by way of a Bee node: update after update under an index each, signed by the owner.
 * Nothing is sent before the first operation.
 *
 * - A head of up to 4,096 bytes is in its update. A larger one is a tree of chunks, whose root is in the update.
 * - A revision is `<index>-<where the update is>-<address of the chunk in it>`. The index of an update follows from
 *   `expected`, and never from what the node says.
 * - **Compare-and-set is not enforced.** An update looks whether its index is free, and reads back what it wrote: if it finds
 *   the update of another device, it ends with `NameConflictError`, and one of the two may be lost.
 * - Every update is read by its address, and verified. The node's own look-up of feeds is at most a hint where to begin.
 *   Only "not found" counts as the end: an answer that fails, or does not come, is an error. Nothing below `known`, or below
 *   what this object has seen before, is returned.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { deriveKeys } from "@remote-log/core";
 * import { swarmNames } from "@remote-log/swarm";
 *
 * export async function point(head: Uint8Array, seed: Uint8Array, stamp: string) {
 *   const { swarm: nameKey } = deriveKeys(seed);
 *   const names = swarmNames({ bee: "http://127.0.0.1:1633", stamp, nameKey });
 *   await names.update("my log", head, { expected: null });
 *   return names.nameOf("my log").text;
 * }
 * ```
 */
export function swarmNames(options: SwarmNamesOptions): SwarmNames {
  const settings = checkNodeOptions(options);
  const checked = checkNamesOptions(options);
  const { uploadMilliseconds, answerMilliseconds } = settings;
  const { checkMilliseconds, readBackMilliseconds } = checked;
  const updateMilliseconds =
    checkMilliseconds + answerMilliseconds + uploadMilliseconds + readBackMilliseconds;
  const driver = new FeedDriver(openChunks(options, settings), checked, updateMilliseconds);
  return {
    ...defineNames(driver),
    nameOf(text) {
      const { owner, topic, text: whole } = feedNameOf(text, checked.owner);
      return { owner: new Uint8Array(owner), topic, text: whole };
    },
  };
}

class FeedDriver implements NameDriver {
  readonly name = "swarm";
  readonly place: string;
  readonly capabilities: NameDriver["capabilities"];
  readonly tooLarge = "Raise `largestContent` (to 64 MiB at most).";
  readonly translate = translateFailure;
  readonly #opened: OpenedChunks;
  readonly #options: CheckedNamesOptions;
  readonly #states = new Map<string, FeedState>();

  constructor(opened: OpenedChunks, options: CheckedNamesOptions, updateMilliseconds: number) {
    this.place = opened.api.place;
    this.#opened = opened;
    this.#options = options;
    this.capabilities = {
      compareAndSet: "none",
      readYourWrites: false,
      largestContent: options.largestContent,
      updateMilliseconds,
      // A node shows what it was given and could not push yet.
      showsUnacknowledged: true,
    };
  }

  async update(name: string, head: Uint8Array, expected: Revision | null, call: Call): Promise<Revision> {
    const { key, owner, checkMilliseconds, readBackMilliseconds } = this.#options;
    const { chunks, stamp } = this.#opened;
    const { context } = call;
    const state = this.#stateOf(name);
    if (key === undefined || owner === undefined || !bytesEqual(owner, state.feed.owner)) {
      throw withoutKey(context);
    }
    if (stamp === undefined) throw withoutBatch(context);
    const index = indexAfter(expected, state.feed, context);
    const update = { chunks, state, key, index, head, checkMilliseconds, readBackMilliseconds };
    const put = await state.turns.run(call.signal, () => putUpdate(update, call));
    return formatRevision(state.feed, put);
  }

  async resolve(name: string, { known, limit }: ResolveRequest, call: Call): Promise<Resolution> {
    const { hint } = this.#options;
    const { api, chunks } = this.#opened;
    const state = this.#stateOf(name);
    // The revision of another name, or of another owner's, tells nothing about this one.
    const parsed = parseRevision(known, state.feed);
    const isKnown = parsed !== undefined && state.isLastSeen(parsed);
    // Now and then it is also checked whether what is known is still there.
    const readFloor = !isKnown || state.isQuiet;
    const floor = state.floor(parsed);
    const lookUp = { api, chunks, state, floor, readFloor, maxBytes: limit, hint };
    const { index, update, lookedBeyond } = await lookUpNewest(lookUp, call);
    if (index === undefined) return { status: "absent" };
    if (update === undefined) {
      // The floor, which the caller knows; or else it was asked for, and not shown.
      if (known === undefined || readFloor) throw lost(index, call.context);
      state.resolved(lookedBeyond);
      return { status: "unchanged", revision: known };
    }
    state.resolved(lookedBeyond);
    const revision = formatRevision(state.feed, { index, chunk: toHex(update.wrapped.address) });
    if (revision === known) return { status: "unchanged", revision };
    return { status: "found", content: await readHead(chunks, update, limit, call), revision };
  }

  #stateOf(text: string): FeedState {
    const feed = feedNameOf(text, this.#options.owner);
    const state = this.#states.get(feed.text) ?? new FeedState(feed);
    this.#states.set(feed.text, state);
    return state;
  }
}
