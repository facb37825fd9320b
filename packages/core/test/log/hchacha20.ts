// HChaCha20, by hand from draft-irtf-cfrg-xchacha §2.2: Node has ChaCha20-Poly1305, and not what extends its nonce.

/** The subkey for a key of 32 bytes and the first 16 bytes of a nonce. */
export function hchacha20(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const state = new Uint32Array(16);
  state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
  const words = (bytes: Uint8Array): number[] =>
    Array.from({ length: bytes.length / 4 }, (_, i) =>
      new DataView(bytes.buffer, bytes.byteOffset).getUint32(4 * i, true),
    );
  state.set(words(key), 4);
  state.set(words(nonce), 12);
  const quarter = (a: number, b: number, c: number, d: number): void => {
    const mix = (x: number, y: number, z: number, bits: number): void => {
      state[x]! += state[y]!;
      const turned = state[z]! ^ state[x]!;
      state[z] = (turned << bits) | (turned >>> (32 - bits));
    };
    mix(a, b, d, 16);
    mix(c, d, b, 12);
    mix(a, b, d, 8);
    mix(c, d, b, 7);
  };
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 4; i++) quarter(i, 4 + i, 8 + i, 12 + i);
    for (let i = 0; i < 4; i++) quarter(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
  }
  const subkey = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 4; i++) {
    subkey.setUint32(4 * i, state[i]!, true);
    subkey.setUint32(16 + 4 * i, state[12 + i]!, true);
  }
  return new Uint8Array(subkey.buffer);
}
