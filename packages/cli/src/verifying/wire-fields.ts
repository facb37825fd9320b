// The least of protobuf that a page of the plain standard needs, without the core's own decoder.

/** A field of bytes in a protobuf message. */
export interface BytesField {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/**
 * The fields of bytes (wire type 2) of a protobuf message, found without a schema. Does not look inside them, and ends
 * at the first field that can't be read.
 */
export function* bytesFields(message: Uint8Array): Generator<BytesField, void, undefined> {
  for (let at = 0; at < message.length; ) {
    const tag = varint(message, at);
    const value = varint(message, tag.end);
    const type = tag.value % 8;
    if (type === 0) at = value.end;
    else if (type === 2) {
      at = value.end + value.value;
      if (at > message.length) return;
      yield { number: Math.floor(tag.value / 8), bytes: message.subarray(value.end, at) };
    } else return;
  }
}

function varint(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let at = start;
  for (let scale = 1; at < bytes.length; scale *= 128) {
    const byte = bytes[at++]!;
    value += (byte % 128) * scale;
    if (byte < 128) break;
  }
  return { value, end: at };
}
