// What fixtures of changed objects share.

import { concatBytes } from "../../../packages/core/src/bytes.ts";
import { hashLeaf, hashNode } from "../../../packages/core/src/merkle/index.ts";
import { decodeIndexNode } from "../../../packages/core/src/wire/index-node-message.ts";
import { decodeRemoteLog } from "../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../decoder.ts";
import type { ReadFixture } from "./fixture.ts";
import type { Parts } from "./parts.ts";

/** The Merkle leaf of a public entry: its identifier is the hash of its content. */
export const leafOf = (identifier: Uint8Array): Uint8Array => hashLeaf(concatBytes([identifier, identifier]));
/** The Merkle hash of two, joined. */
export const peakOf = (hashes: Uint8Array): Uint8Array =>
  hashNode(hashes.subarray(0, 32), hashes.subarray(32, 64));

/** A copy with a flipped bit; an offset below zero counts from the end. */
export const flip = (content: Uint8Array, at: number, mask = 1): Uint8Array => {
  const copy = content.slice();
  copy[(at + copy.length) % copy.length]! ^= mask;
  return copy;
};

/** What an object of the small log is. */
export function kindOf(content: Uint8Array): "page" | "node" | "content" {
  if (content[0] !== 0x0a) return "content";
  try {
    return decodeRemoteLog(content).pairs.some(({ localHash }) => localHash.length === 32) ? "page" : "node";
  } catch {
    return decodeIndexNode(content).addresses.length > 0 ? "node" : "content";
  }
}

/** A read of the newest state of the small log, with other objects. */
export function read(
  { log, objects }: Parts,
  name: string,
  why: string,
  change: Readonly<Record<string, string | undefined>>,
  delivers: readonly string[],
  code: string,
): ReadFixture {
  const held = Object.entries({ ...objects(log), ...change }).filter(
    (one): one is [string, string] => one[1] !== undefined,
  );
  const step = { heads: [hexOf(log.heads.at(-1)!)], delivers, code };
  return { name, why, read: { logId: log.logId, objects: [Object.fromEntries(held)], steps: [step] } };
}
