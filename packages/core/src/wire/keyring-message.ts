// The messages Keyring and History, which age files hold; docs/protocol.md, "Keyrings".

import { DEFAULT_WIRE_LIMITS } from "./limits.ts";
import { EMPTY, ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { fieldOf, malformed } from "./refusal.ts";

/** The messages are a multiple of this long, in bytes, so that their length tells nothing of what they hold. */
const STEP = 256;
const PADDING = 15;
const LOG_ID_BYTES = 32;
const KEY_BYTES = 32;

/** A key of one epoch of a log, for whoever can open the file around it. */
export interface WireKeyring {
  /** The log id, 32 bytes. */
  readonly log: Uint8Array;
  /** The number of the epoch. */
  readonly epoch: number;
  /** In a Keyring, the key of the epoch; in a History, its read key, from which those of earlier epochs follow. 32 bytes. */
  readonly key: Uint8Array;
  /** In a Keyring, an age file with a History, for those readers who may read what was before; empty in a History. */
  readonly history: Uint8Array;
}

/** Encodes a keyring. The same keyring always gives the same bytes. */
export function encodeKeyring({ log, epoch, key, history }: WireKeyring): Uint8Array {
  const write = (padding: number): Uint8Array => {
    const writer = new ProtobufWriter("Keyring", history.length + 2 * STEP);
    writer.bytes(1, log);
    writer.uint32(2, epoch);
    writer.bytes(3, key);
    writer.bytes(4, history);
    if (padding >= 0) writer.element(PADDING, new Uint8Array(padding));
    return writer.finish();
  };
  // An element takes its number, its length, and itself. Some gaps are too small for that, or just between two lengths.
  const bare = write(-1).length;
  for (let total = Math.ceil(bare / STEP) * STEP; ; total += STEP) {
    const gap = total - bare;
    if (gap === 0) return write(-1);
    const padding = gap - (gap < 130 ? 2 : 3);
    if (padding < 0) continue;
    const padded = write(padding);
    if (padded.length === total) return padded;
  }
}

/**
 * Decodes a keyring. What it returns are views of `bytes`; unknown fields are skipped.
 *
 * @throws MalformedError `ERR_MALFORMED` for anything but exactly one such message
 */
export function decodeKeyring(bytes: Uint8Array): WireKeyring {
  const reader = new ProtobufReader(bytes, "Keyring", DEFAULT_WIRE_LIMITS);
  let log: Uint8Array | undefined;
  let epoch: number | undefined;
  let key: Uint8Array | undefined;
  let history: Uint8Array | undefined;
  let padding: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 1) log = reader.bytesOnce("log", log);
    else if (reader.field === 2) epoch = reader.uint32Once("epoch", epoch);
    else if (reader.field === 3) key = reader.bytesOnce("key", key);
    else if (reader.field === 4) history = reader.bytesOnce("history", history);
    else if (reader.field === PADDING) padding = reader.bytesOnce("padding", padding);
    else reader.skip();
  }
  return {
    log: ofLength(log, "log", LOG_ID_BYTES),
    epoch: epoch ?? 0,
    key: ofLength(key, "key", KEY_BYTES),
    history: history ?? EMPTY,
  };
}

function ofLength(value: Uint8Array = EMPTY, name: string, length: number): Uint8Array {
  if (value.length === length) return value;
  throw malformed(fieldOf("Keyring", name), `has ${value.length} bytes, not ${length}`);
}
