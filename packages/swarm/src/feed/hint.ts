// A node's own look-up of a feed, `GET /feeds/<owner>/<topic>` of the Bee API: a hint where to begin, and no more.

import { type Call, discardBody, withDeadline } from "@remote-log/core/adapter";
import { toHex } from "../chunk/hex.ts";
import type { BeeApi } from "../node/bee-api.ts";
import type { FeedName } from "./feed-name.ts";

/** How long a node may take to look for the newest update by itself, in milliseconds. */
const HINT_MILLISECONDS = 5000;

/**
 * Asks a node for the index of the newest update that it finds. It may be any number: nodes show old ones if a single read
 * is slow, and they may lie.
 *
 * @returns `undefined` for any other answer, and for none; it never rejects
 */
export async function askHint(
  api: BeeApi,
  { owner, topic }: FeedName,
  { signal, context }: Call,
): Promise<bigint | undefined> {
  const { operation } = context;
  const deadline = { milliseconds: HINT_MILLISECONDS, operation, backend: api.place, signal };
  try {
    return await withDeadline(deadline, async (inner) => {
      const path = `/feeds/${toHex(owner)}/${toHex(topic)}`;
      const response = await api.request({ method: "GET", path }, { signal: inner, context });
      await discardBody(response);
      const index = response.headers.get("swarm-feed-index") ?? "";
      return /^[0-9a-f]{1,16}$/i.test(index) ? BigInt(`0x${index}`) : undefined;
    });
  } catch {
    return undefined;
  }
}
