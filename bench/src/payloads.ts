import { randomBytes } from "node:crypto";

/** Bytes of an entry. */
export const PAYLOAD_BYTES = 256;

/** Random payloads, so that no database saves work by compressing them. */
export function payloads(count: number, each: number = PAYLOAD_BYTES): Uint8Array[] {
  const bytes = new Uint8Array(randomBytes(count * each));
  return Array.from({ length: count }, (_, i) => bytes.slice(i * each, (i + 1) * each));
}
