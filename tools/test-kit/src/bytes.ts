// Contents for tests.

/** Text in UTF-8. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Random bytes, of any number: `crypto.getRandomValues` alone gives 65,536 at most. */
export function randomBytes(size: number): Uint8Array {
  const result = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(result.subarray(at, at + 65_536));
  return result;
}
