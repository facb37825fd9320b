import type {
  NameCapabilities,
  NameResolver,
  Resolution,
  ResolveOptions,
  Revision,
  UpdateOptions,
} from "@remote-log/core";
import { bytesEqual, Lifetime, type OperationContext, withAnySignal } from "@remote-log/core/adapter";
import type { ChunkRequest } from "./transfer/chunks.ts";
import { type OpenedChunks, openChunks } from "./transfer/open-chunks.ts";
import { withoutStamp } from "./postage/stamp.ts";
import { toHex } from "./chunk/hex.ts";
import { translateFailure } from "./errors.ts";
import { lost, tooLarge, withoutKey } from "./feed/errors.ts";
import { type FeedName, feedNameOf } from "./feed/feed-name.ts";
import type { Ask } from "./feed/feed-search.ts";
import { FeedState } from "./feed/feed-state.ts";
import { findNewest, findNewestAbove, type Newest } from "./feed/find-newest.ts";
import { askHint } from "./feed/hint.ts";
import { type CheckedNamesOptions, checkNamesOptions, type SwarmNamesOptions } from "./feed/options.ts";
import { probeUpdate } from "./feed/probe.ts";
import { putUpdate } from "./feed/put-update.ts";
import { readHead } from "./feed/read-head.ts";
import { formatRevision, indexAfter, type ParsedRevision, parseRevision } from "./feed/revision.ts";
import { checkNodeOptions } from "./options.ts";

export type { FeedName } from "./feed/feed-name.ts";
export type { SwarmNamesOptions } from "./feed/options.ts";

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
 * - A revision is `<index>-<where the update is>-<address of the chunk in it>`. The index of an update follows from `expected`, and
 *   never from what the node says.
 * - **Compare-and-set is not enforced.** An update looks whether its index is free, and reads back what it wrote: where it
 *   finds the update of another device, it ends with `NameConflictError`, and one of the two may be lost.
 * - Every update is read by its address, and verified. The node's own look-up of feeds is at most a hint where to begin.
 *   Only "not found" counts as the end: an answer that fails, or does not come, is an error. Nothing below `known`, or below
 *   what this object has seen before, is given.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function swarmNames(options: SwarmNamesOptions): SwarmNames {
  const { uploadMilliseconds, answerMilliseconds } = checkNodeOptions(options);
  const checked = checkNamesOptions(options);
  const { checkMilliseconds, readBackMilliseconds } = checked;
  const updateMilliseconds =
    checkMilliseconds + answerMilliseconds + uploadMilliseconds + readBackMilliseconds;
  return new FeedNames(openChunks(options), checked, updateMilliseconds);
}

class FeedNames implements SwarmNames {
  readonly name = "swarm";
  readonly capabilities: NameCapabilities;
  readonly #opened: OpenedChunks;
  readonly #options: CheckedNamesOptions;
  readonly #states = new Map<string, FeedState>();
  readonly #lifetime = new Lifetime({ what: "name resolver", translate: translateFailure });

  constructor(opened: OpenedChunks, options: CheckedNamesOptions, updateMilliseconds: number) {
    this.#opened = opened;
    this.#options = options;
    this.capabilities = Object.freeze({
      compareAndSet: "none",
      readYourWrites: false,
      watch: false,
      largestContent: options.largestContent,
      updateMilliseconds,
      // A node shows what it was given and could not push yet.
      showsUnacknowledged: true,
    });
  }

  nameOf(text: string): FeedName {
    const { owner, topic, text: whole } = feedNameOf(text, this.#options.owner);
    return { owner: new Uint8Array(owner), topic, text: whole };
  }

  async update(name: string, content: Uint8Array, options: UpdateOptions): Promise<Revision> {
    const { expected } = options;
    const context = this.#context("names.update", "updating", name);
    const limit = this.capabilities.largestContent;
    return this.#lifetime.run(context, options.signal, async (signal) => {
      if (content.length > limit) throw tooLarge(content.length, limit, context);
      // The caller may change its bytes as soon as it has this promise.
      const head = new Uint8Array(content);
      const state = this.#stateOf(name);
      const { key, owner } = this.#options;
      if (key === undefined || owner === undefined || !bytesEqual(owner, state.feed.owner)) {
        throw withoutKey(context);
      }
      const { chunks, stamp } = this.#opened;
      if (stamp === undefined) throw withoutStamp(context);
      const index = indexAfter(expected, state.feed, context);
      const { checkMilliseconds, readBackMilliseconds } = this.#options;
      const update = { chunks, state, key, index, head, checkMilliseconds, readBackMilliseconds };
      const put = await state.turns.run(signal, () => putUpdate(update, { signal, context }));
      return formatRevision(state.feed, put);
    });
  }

  async resolve(name: string, options: ResolveOptions = {}): Promise<Resolution> {
    const { known, maxBytes } = options;
    const context = this.#context("names.resolve", "resolving", name);
    return this.#lifetime.run(context, options.signal, async (signal) => {
      const state = this.#stateOf(name);
      const request: ChunkRequest = { signal, context };
      // The revision of another name, or of another owner's, tells nothing about this one.
      const parsed = parseRevision(known, state.feed);
      const floor = floorOf(state.highest, parsed);
      const isKnown = parsed !== undefined && isLastSeen(parsed, state);
      const limit = Math.min(maxBytes ?? Number.POSITIVE_INFINITY, this.capabilities.largestContent);
      // Now and then whether what is known is still there, too.
      const readFloor = !isKnown || state.isQuiet;
      const newest = await this.#newest(state, floor, { readFloor, maxBytes: limit }, request);
      const { index, update, lookedBeyond } = newest;
      if (index === undefined) return { status: "absent" };
      if (update === undefined) {
        // The floor, which the caller knows; or else it was asked for, and not shown.
        if (known === undefined || readFloor) throw lost(index, context);
        state.resolved(lookedBeyond);
        return { status: "unchanged", revision: known };
      }
      state.resolved(lookedBeyond);
      const revision = formatRevision(state.feed, { index, chunk: toHex(update.wrapped.address) });
      if (revision === known) return { status: "unchanged", revision };
      const content = await readHead(this.#opened.chunks, update, limit, request);
      return { status: "found", content, revision };
    });
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  /** The end of a feed, from what was seen of it upwards. */
  async #newest(
    state: FeedState,
    floor: bigint | undefined,
    { readFloor, maxBytes }: { readonly readFloor: boolean; readonly maxBytes: number },
    { signal, context }: ChunkRequest,
  ): Promise<Newest> {
    const { feed, isQuiet: lookBeyond } = state;
    const { api, chunks } = this.#opened;
    const over = new AbortController();
    try {
      return await withAnySignal([signal, over.signal], async (linked) => {
        const request: ChunkRequest = { signal: linked, context };
        const ask: Ask = async (index) => {
          // Elsewhere a longer head may stand before the one that is looked for.
          const limit = index === floor ? maxBytes : undefined;
          const probe = await probeUpdate(chunks, feed, index, request, limit);
          if (probe.status === "found") state.saw(index, probe.update);
          return probe;
        };
        if (floor === undefined) {
          const hint = this.#options.hint ? askHint(api, feed, request) : Promise.resolve(undefined);
          return findNewest({ ask, hint });
        }
        return findNewestAbove({ ask, floor, readFloor, lookBeyond });
      });
    } finally {
      // A hint that nobody waits for any more.
      over.abort();
    }
  }

  #stateOf(text: string): FeedState {
    const feed = feedNameOf(text, this.#options.owner);
    const state = this.#states.get(feed.text) ?? new FeedState(feed);
    this.#states.set(feed.text, state);
    return state;
  }

  #context(operation: string, verb: string, name: string): OperationContext {
    const shown = name.length > 110 ? `${name.slice(0, 110)}…` : name;
    return { operation, action: `${verb} the name ${JSON.stringify(shown)} at ${this.#opened.api.place}` };
  }
}

/** The least index that is believed: what is known to the caller, and what was seen before. */
function floorOf(highest: ParsedRevision | undefined, known: ParsedRevision | undefined): bigint | undefined {
  if (highest === undefined || (known !== undefined && known.index > highest.index)) return known?.index;
  return highest.index;
}

/** Whether what the caller knows is what was seen last, where anything was: it may be more, or something else. */
function isLastSeen(known: ParsedRevision, { highest }: FeedState): boolean {
  return highest === undefined || (known.index === highest.index && known.chunk === highest.chunk);
}
