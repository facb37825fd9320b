// Ids as text, and bytes joined.

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Bytes as hexadecimal digits: the key of an id in a map. */
export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += DIGITS[byte]!;
  return text;
}

/** The bytes of hexadecimal digits that {@link hexOf} made. */
export function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Joins byte arrays into a new one. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A whole number as eight bytes, whose order is that of the numbers. */
export function uint64Bytes(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** The number that {@link uint64Bytes} wrote. */
export function uint64Of(bytes: Uint8Array, at = 0): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(at));
}

/** An int64 as eight bytes, whose order is that of the numbers, the negative ones first. */
export function int64Bytes(value: bigint): Uint8Array {
  return uint64Bytes(BigInt.asUintN(64, value ^ (1n << 63n)));
}

/** The number that {@link int64Bytes} wrote. */
export function int64Of(bytes: Uint8Array, at = 0): bigint {
  const value = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(at);
  return BigInt.asIntN(64, value ^ (1n << 63n));
}
