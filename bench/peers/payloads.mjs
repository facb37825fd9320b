import { createCipheriv, createHash } from "node:crypto";

/** Entries of the log that is read. */
export const ENTRIES = 10_000;
/** Entries appended together. */
export const BATCH = 100;
/** Entries appended one by one. */
export const ONE_BY_ONE = 1000;
/** The newest entries that a reader asks for. */
export const NEWEST = 100;
/** Bytes of an entry. */
export const PAYLOAD_BYTES = 256;
/** Round trips of the link, in milliseconds. */
export const LATENCIES = [0, 50];

/** Payloads that look random, the same for every contender of a round. */
export function payloads(seed, count) {
  const key = createHash("sha256").update(seed).digest();
  const bytes = createCipheriv("aes-256-ctr", key, new Uint8Array(16)).update(
    new Uint8Array(count * PAYLOAD_BYTES),
  );
  return Array.from(
    { length: count },
    (_, i) => new Uint8Array(bytes.subarray(i * PAYLOAD_BYTES, (i + 1) * PAYLOAD_BYTES)),
  );
}

/** Fails unless all payloads came, in order. */
export function checkPayloads(received, expected) {
  if (received.length !== expected.length)
    throw new Error(`${received.length} of ${expected.length} entries came.`);
  received.forEach((bytes, i) => {
    if (Buffer.compare(bytes, expected[i]) !== 0) throw new Error(`Entry ${i} is another one.`);
  });
}
