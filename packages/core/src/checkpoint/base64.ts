// Base64 as signed notes use it: RFC 4648 §4, in canonical form only.

import { base64pad } from "multiformats/bases/base64";

/** Base64 with the standard alphabet and padding (RFC 4648, section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  return base64pad.baseEncode(bytes);
}

/** The bytes of a base64 text, or `undefined` if it is not exactly what {@link encodeBase64} gives. */
export function decodeBase64(text: string): Uint8Array | undefined {
  let bytes: Uint8Array;
  try {
    bytes = base64pad.baseDecode(text);
  } catch {
    return undefined;
  }
  return encodeBase64(bytes) === text ? bytes : undefined;
}
