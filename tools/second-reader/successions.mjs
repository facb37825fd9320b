// The place for successions: changes of the key that signs a log. No format of theirs is known here yet.

import { Refused } from "./refused.mjs";

/**
 * @param {readonly Uint8Array[]} successions of a manifest
 * @throws {Refused} if there is any
 */
export function checkSuccessions(successions) {
  if (successions.length > 0)
    throw new Refused("unsupported", "a manifest with successions, which are not known");
}
