// Writing an update of a feed.

import { type Call, delay, throwIfAborted, withDeadline } from "@remote-log/core/adapter";
import { toHex } from "../chunk/hex.ts";
import { type OwnerChunk, ownerChunk } from "../chunk/owner-chunk.ts";
import type { Chunks } from "../transfer/chunks.ts";
import { checkFindable } from "./check-findable.ts";
import { conflict, notShown } from "./errors.ts";
import type { FeedState } from "./feed-state.ts";
import { updatePlace } from "./feed-update.ts";
import { headChunks } from "./head-chunk.ts";
import { type Probe, probeUpdate } from "./probe.ts";
import type { ParsedRevision } from "./revision.ts";

/** How patient an update is. */
interface PatienceOptions {
  /** How long it looks whether the index is free, in milliseconds. */
  readonly checkMilliseconds: number;
  /** How long it waits for the network to show what was stored, in milliseconds. */
  readonly readBackMilliseconds: number;
}

/** What is written, and where. */
export interface FeedUpdate extends PatienceOptions {
  readonly chunks: Chunks;
  readonly state: FeedState;
  /** The secret key of the owner. */
  readonly key: Uint8Array;
  readonly index: bigint;
  readonly head: Uint8Array;
}

/** Between two looks at what was stored, in milliseconds: first, and at most. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2000;

/**
 * Writes an update at its index: looks whether another one is there, stores it, and reads it back. A network that has two
 * updates at one index shows either, so the index belongs to the update that was shown there. Nothing tells before that.
 *
 * The same key, index and head make the same chunks: an update can be repeated after any failure.
 *
 * @throws NameConflictError `ERR_NAME_CONFLICT` if another update is there, or was seen there or above before
 * @throws StaleError `ERR_STALE` if nobody would find it, since what comes before is lost
 * @throws TimeoutError `ERR_TIMEOUT` if it does not show; the outcome is unknown
 * @throws whatever storing throws
 */
export async function putUpdate(update: FeedUpdate, call: Call): Promise<ParsedRevision> {
  const { chunks, state, key, index, head } = update;
  const { context } = call;
  const { root, tree } = headChunks(head);
  const ours: ParsedRevision = { index, chunk: toHex(root.address) };
  const { highest } = state;
  if (highest !== undefined && highest.index >= index && !isSame(highest, ours)) {
    throw conflict(ours, highest, context);
  }
  const isThere = accept(await check(update, call));
  const { id } = updatePlace(state.feed, index);
  const whole = { levels: tree, ownerChunk: ownerChunk({ key, id, chunk: root }) };
  if (isThere && !chunks.showsUnpushed) {
    // An earlier attempt may have ended before the network had the whole tree.
    if (tree.length > 0) await chunks.upload({ levels: tree }, call);
    return ours;
  }
  if (highest === undefined && !isThere) {
    await checkFindable({ chunks, feed: state.feed, index, ownerChunk: whole.ownerChunk }, call);
  }
  await chunks.upload(whole, call);
  await readBack(update, whole.ownerChunk, accept, call);
  return ours;

  /** Whether a probe shows our update. */
  function accept(probe: Probe | undefined): boolean {
    if (probe?.status !== "found") return false;
    state.saw(index, probe.update);
    const shown: ParsedRevision = { index, chunk: toHex(probe.update.wrapped.address) };
    if (!isSame(shown, ours)) throw conflict(ours, shown, context);
    return true;
  }
}

/** What is at the index; `undefined` if that is not known in time. */
async function check(
  { chunks, state, index, checkMilliseconds: milliseconds }: FeedUpdate,
  { signal, context }: Call,
): Promise<Probe | undefined> {
  const deadline = { milliseconds, operation: context.operation, backend: "the node", signal };
  try {
    return await withDeadline(deadline, (inner) =>
      probeUpdate(chunks, state.feed, index, { signal: inner, context }),
    );
  } catch {
    throwIfAborted(signal);
    return undefined;
  }
}

async function readBack(
  { chunks, state, index, readBackMilliseconds: milliseconds }: FeedUpdate,
  verified: OwnerChunk,
  accept: (probe: Probe) => boolean,
  { signal, context }: Call,
): Promise<void> {
  const deadline = { milliseconds, operation: context.operation, backend: "the node", signal };
  let failure: unknown;
  let over = false;
  try {
    await withDeadline(deadline, async (inner) => {
      for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
        const probe = await probeUpdate(chunks, state.feed, index, { signal: inner, context }, { verified });
        if (probe.status === "found") over = true;
        if (accept(probe)) return;
        failure = probe.status === "unknown" ? probe.error : undefined;
        await delay(pause, inner);
      }
    });
  } catch (error) {
    throwIfAborted(signal);
    throw over ? error : notShown(index, milliseconds, failure, context);
  }
}

function isSame(one: ParsedRevision, other: ParsedRevision): boolean {
  return one.index === other.index && one.chunk === other.chunk;
}
