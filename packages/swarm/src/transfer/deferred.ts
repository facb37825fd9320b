// Deferred uploads: the node keeps chunks until it can push them, and its tag (`/tags` of the Bee API) counts how many the
// network has.

import { TimeoutError } from "@remote-log/core";
import { type Call, type DeadlineOptions, delay, monotonicNow, withDeadline } from "@remote-log/core/adapter";
import { notBee, readAnswer } from "../node/answer.ts";
import type { BeeApi } from "../node/bee-api.ts";

/** What a deferred upload needs. */
export interface DeferredUpload {
  readonly api: BeeApi;
  readonly call: Call;
  /** How many chunks it has. */
  readonly writes: number;
  /** How long it may make no progress, in milliseconds. */
  readonly uploadMilliseconds: number;
  /** How long the node may take to answer, in milliseconds. */
  readonly answerMilliseconds: number;
}

/** What a node tells of an upload. */
interface Tag {
  /** Chunks that it was given. */
  readonly split: number;
  /** Those of them that it was pushing already for another tag: this tag does not tell what becomes of them. */
  readonly seen: number;
  /** Those that the network has. */
  readonly synced: number;
}

/** Between two looks at a tag, in milliseconds: first, and at most. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2000;

/**
 * Has a node accept chunks under a tag, and waits until the tag says that the network has all of them. If the node was
 * pushing some of them already, for another tag, it is given them once more when that may have ended: a node pushes again
 * what it has pushed, with the same stamp.
 *
 * @param give - gives all chunks to the node, under a tag
 * @throws TimeoutError `ERR_TIMEOUT` if the upload makes no more progress
 * @throws what giving and asking throw
 */
export async function uploadDeferred(
  upload: DeferredUpload,
  give: (tag: string) => Promise<void>,
): Promise<void> {
  const { writes, uploadMilliseconds, call } = upload;
  const { signal, context } = call;
  let missing = writes;
  let until = monotonicNow() + uploadMilliseconds;
  let pause = FIRST_PAUSE;

  async function rest(): Promise<void> {
    if (monotonicNow() + pause > until) throw stalled(missing, upload);
    await delay(pause, signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }

  for (;;) {
    const began = monotonicNow();
    const uid = await newTag(upload);
    await give(uid);
    // Giving has its own deadlines, and many chunks take long.
    until += monotonicNow() - began;
    for (;;) {
      const { split, seen, synced } = await readTag(uid, upload);
      if (split < writes) throw notBee(context);
      if (synced >= writes) return;
      if (writes - synced < missing) {
        missing = writes - synced;
        until = monotonicNow() + uploadMilliseconds;
        pause = FIRST_PAUSE;
      }
      await rest();
      if (synced + seen >= writes) break;
    }
  }
}

async function newTag(upload: DeferredUpload): Promise<string> {
  const { api, call } = upload;
  const { context } = call;
  return withDeadline(deadlineOf(upload), async (signal) => {
    const response = await api.request({ method: "POST", path: "/tags" }, { signal, context });
    const { uid } = await readAnswer(response, context);
    if (typeof uid !== "number" || !Number.isSafeInteger(uid) || uid < 1) throw notBee(context);
    return `${uid}`;
  });
}

async function readTag(uid: string, upload: DeferredUpload): Promise<Tag> {
  const { api, call } = upload;
  const { context } = call;
  return withDeadline(deadlineOf(upload), async (signal) => {
    const response = await api.request({ method: "GET", path: `/tags/${uid}` }, { signal, context });
    const { split, seen, synced } = await readAnswer(response, context);
    if (typeof split !== "number" || typeof seen !== "number" || typeof synced !== "number")
      throw notBee(context);
    return { split, seen, synced };
  });
}

function deadlineOf({ api, answerMilliseconds: milliseconds, call }: DeferredUpload): DeadlineOptions {
  const { operation } = call.context;
  return { milliseconds, operation, backend: api.place, signal: call.signal };
}

function stalled(missing: number, { writes, uploadMilliseconds, call }: DeferredUpload): TimeoutError {
  const { operation, action } = call.context;
  return new TimeoutError(
    `While ${action}: the node has taken ${writes} chunks, and ${missing} of them have not reached the network, with no ` +
      `progress for ${uploadMilliseconds} ms. The node continues by itself. Has it peers (GET /peers)? Try again, or allow ` +
      "more time (uploadMilliseconds).",
    { operation, cause: undefined },
  );
}
