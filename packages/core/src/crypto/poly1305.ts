// Poly1305 (RFC 8439, section 2.5) of whole blocks, in numbers with a fraction: their 53 bits hold the products of six limbs of 22
// bits, where 32 bits would need ten limbs, and thrice as many products.
//
// The library's takes four times as long for a short message (bench/README.md). What takes long or not does not follow from what
// is authenticated, as far as JavaScript lets one say so: there is no branch, and no index, that depends on it.

/** Length of a key, in bytes. */
export const POLY1305_KEY_BYTES = 32;
/** What is taken in at once, and the length of a tag, in bytes. */
export const POLY1305_BYTES = 16;

/** A limb. */
const LIMB = 0x3fffff;
/** Moves a carry to the next limb. */
const DOWN: number = 2 ** -22;
/** 2^132 is 20 in this field: a carry out of the highest limb comes back to the lowest, 20 times. */
const AROUND: number = 20 * DOWN;
/** Added to a number and subtracted again, it leaves the nearest multiple of 2^22: that many bits of a sum have no place. */
const ROUNDING: number = 1.5 * 2 ** 74;

/**
 * Poly1305 of whole blocks.
 *
 * @param room - begins with the key, 32 bytes. The message follows. The tag gets the place of the key, and zeros behind it
 * @param end - where the message ends: 32 and a multiple of 16
 */
export function poly1305(room: DataView, end: number): void {
  const k0 = room.getUint32(0, true) & 0x0fffffff;
  const k1 = room.getUint32(4, true) & 0x0ffffffc;
  const k2 = room.getUint32(8, true) & 0x0ffffffc;
  const k3 = room.getUint32(12, true) & 0x0ffffffc;
  const r0 = k0 & LIMB;
  const r1 = ((k0 >>> 22) | (k1 << 10)) & LIMB;
  // The two lowest bits of k2, which would follow, are never set.
  const r2 = k1 >>> 12;
  const r3 = (k2 >>> 2) & LIMB;
  const r4 = ((k2 >>> 24) | (k3 << 8)) & LIMB;
  const r5 = k3 >>> 14;
  const s1 = 20 * r1;
  const s2 = 20 * r2;
  const s3 = 20 * r3;
  const s4 = 20 * r4;
  const s5 = 20 * r5;
  // Between two blocks a limb is at most 2^21 and some more, above or below 0. So with a block it is below 2^23, a product below
  // 2^50, and a sum of six below 2^53: all of them are exact.
  let h0 = 0;
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  let h5 = 0;
  for (let at = POLY1305_KEY_BYTES; at < end; at += POLY1305_BYTES) {
    const m0 = room.getUint32(at, true);
    const m1 = room.getUint32(at + 4, true);
    const m2 = room.getUint32(at + 8, true);
    const m3 = room.getUint32(at + 12, true);
    h0 += m0 & LIMB;
    h1 += ((m0 >>> 22) | (m1 << 10)) & LIMB;
    h2 += ((m1 >>> 12) | (m2 << 20)) & LIMB;
    h3 += (m2 >>> 2) & LIMB;
    h4 += ((m2 >>> 24) | (m3 << 8)) & LIMB;
    h5 += (m3 >>> 14) | 0x40000;
    const d0 = h0 * r0 + h1 * s5 + h2 * s4 + h3 * s3 + h4 * s2 + h5 * s1;
    let d1 = h0 * r1 + h1 * r0 + h2 * s5 + h3 * s4 + h4 * s3 + h5 * s2;
    let d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s5 + h4 * s4 + h5 * s3;
    const d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s5 + h5 * s4;
    let d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + h5 * s5;
    let d5 = h0 * r5 + h1 * r4 + h2 * r3 + h3 * r2 + h4 * r1 + h5 * r0;
    // Two carries run side by side, one from d0 and one from d3, until each has come to where the other began.
    let low = d0 + ROUNDING - ROUNDING;
    let high = d3 + ROUNDING - ROUNDING;
    h0 = d0 - low;
    h3 = d3 - high;
    d1 += low * DOWN;
    d4 += high * DOWN;
    low = d1 + ROUNDING - ROUNDING;
    high = d4 + ROUNDING - ROUNDING;
    h1 = d1 - low;
    h4 = d4 - high;
    d2 += low * DOWN;
    d5 += high * DOWN;
    low = d2 + ROUNDING - ROUNDING;
    high = d5 + ROUNDING - ROUNDING;
    h2 = d2 - low;
    h5 = d5 - high;
    h3 += low * DOWN;
    h0 += high * AROUND;
    low = h0 + ROUNDING - ROUNDING;
    high = h3 + ROUNDING - ROUNDING;
    h0 -= low;
    h3 -= high;
    h1 += low * DOWN;
    h4 += high * DOWN;
  }
  // With four times the prime 2^130 − 5, which adds up to nothing, it is above 0.
  writeTag(room, [h0 - 20, h1, h2, h3, h4, h5 + LIMB + 1]);
}

/** Takes the remainder by the prime, and adds the second half of the key. */
function writeTag(room: DataView, limbs: number[]): void {
  let carry = 0;
  for (let i = 0; i < 5; i++) {
    const sum = limbs[i]! + carry;
    limbs[i] = sum & LIMB;
    carry = sum >> 22;
  }
  limbs[5]! += carry;
  // How often the prime fits in: as often as 2^130 does, or once more if what is left over reaches the prime.
  carry = 5 * ((limbs[5]! >> 20) + 1);
  for (let i = 0; i < 5; i++) carry = (limbs[i]! + carry) >> 22;
  carry = 5 * ((limbs[5]! + carry) >> 20);
  const [l0, l1, l2, l3, l4, l5] = limbs as [number, number, number, number, number, number];
  // What is above 2^128 has no place, neither that of the remainder nor that of the sum.
  const words = [
    l0 | (l1 << 22),
    (l1 >>> 10) | (l2 << 12),
    (l2 >>> 20) | (l3 << 2) | (l4 << 24),
    (l4 >>> 8) | (l5 << 14),
  ];
  for (let i = 0; i < 4; i++) {
    const sum = carry + (words[i]! >>> 0) + room.getUint32(16 + 4 * i, true);
    room.setUint32(4 * i, sum, true);
    room.setUint32(16 + 4 * i, 0);
    carry = Math.floor(sum / 2 ** 32);
  }
}
