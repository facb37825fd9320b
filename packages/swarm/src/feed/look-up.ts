// The newest update of a feed on a node, from what was seen of the feed before.

import { type Call, withAnySignal } from "@remote-log/core/adapter";
import type { BeeApi } from "../node/bee-api.ts";
import type { Chunks } from "../transfer/chunks.ts";
import type { Ask } from "./feed-search.ts";
import type { FeedState } from "./feed-state.ts";
import { FIRST, findNewest, findNewestAbove, type Newest } from "./find-newest.ts";
import { askHint } from "./hint.ts";
import { probeUpdate } from "./probe.ts";

/** How a look-up begins, and what it needs. */
export interface LookUp {
  readonly api: BeeApi;
  readonly chunks: Chunks;
  /** Learns of every update that is shown. */
  readonly state: FeedState;
  /** The least index that is believed; `undefined` if nothing is known. */
  readonly floor: bigint | undefined;
  /** Whether the update at the floor is needed as well. */
  readonly readFloor: boolean;
  /** The most bytes of the head at the floor that are of use. */
  readonly maxBytes: number;
  /** Whether the node is asked where to begin, if nothing is known. */
  readonly hint: boolean;
}

/**
 * Looks for the newest update of a feed. A search that knows nothing begins with many requests at once. If none of them got a
 * clear answer, the next search asks for one update first, each time for another, until the node answers: who tries again and
 * again on a dead network sends one request each time.
 *
 * @throws the error of a probe on which the end depends
 */
export async function lookUpNewest(
  { api, chunks, state, floor, readFloor, maxBytes, hint }: LookUp,
  { signal, context }: Call,
): Promise<Newest> {
  const { feed, isQuiet: lookBeyond } = state;
  const over = new AbortController();
  return withAnySignal([signal, over.signal], async (any) => {
    const call: Call = { signal: any, context };
    let isClear = false;
    const ask: Ask = async (index) => {
      // At other indexes there may be a longer head before the one that is looked for.
      const options = { maxBytes: index === floor ? maxBytes : undefined, verified: state.newest };
      const probe = await probeUpdate(chunks, feed, index, call, options);
      isClear ||= probe.status !== "unknown";
      if (probe.status === "found") state.saw(index, probe.update);
      return probe;
    };
    try {
      if (floor !== undefined) return await findNewestAbove({ ask, floor, readFloor, lookBeyond });
      if (state.unanswered > 0) {
        const first = await ask(FIRST[state.unanswered % FIRST.length] as bigint);
        if (first.status === "unknown") throw first.error;
      }
      return await findNewest({ ask, hint: hint ? askHint(api, feed, call) : Promise.resolve(undefined) });
    } finally {
      // A caller that gave up says nothing about the node.
      if (!signal.aborted) state.asked(isClear);
      // Nobody waits for the hint any more. The signals are linked up to here.
      over.abort();
    }
  });
}
