// The messages of all worlds.

/** The one group. */
export const GROUP: Uint8Array = new Uint8Array(32).fill(7);

/** The content of a message: no two are the same. */
export function bodyOf(number: number, bytes: number): Uint8Array {
  const body = new Uint8Array(bytes).fill(number % 251);
  new DataView(body.buffer).setUint32(0, number);
  return body;
}

/** Bytes as hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
