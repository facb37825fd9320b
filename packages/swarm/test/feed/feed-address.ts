import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

// What the definition of Swarm feeds says, written down once more: tests that hide a chunk have to know which it is.

/** The topic of a log's feed, in hex. */
export function topicOf(name: string): string {
  return bytesToHex(keccak_256(new TextEncoder().encode(`remote-log/v1/${name}`)));
}

/** The identifier of the single-owner chunk at an index of a feed. */
export function updateId(topic: string, index: bigint): Uint8Array {
  const id = new Uint8Array(40);
  id.set(hexToBytes(topic));
  new DataView(id.buffer).setBigUint64(32, index);
  return keccak_256(id);
}

/** The address, in hex, of the single-owner chunk at an index of a feed. */
export function updateAddress(owner: string, topic: string, index: number | bigint): string {
  const id = updateId(topic, BigInt(index));
  const both = new Uint8Array(52);
  both.set(id);
  both.set(hexToBytes(owner), 32);
  return bytesToHex(keccak_256(both));
}
