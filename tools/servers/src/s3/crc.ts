// CRC-32, CRC-32C and CRC-64/NVME, as the checksums of S3 have them.

import { crc32 } from "node:zlib";

// Reflected polynomials, one table each. zlib has CRC-32 alone.
const CRC32C_TABLE = tableOf32(0x82f63b78);
const CRC64NVME_TABLE = tableOf64(0x9a6c9329ac4bc9b5n);

/** CRC-32 of IEEE 802.3, 4 bytes, big-endian. */
export function crc32Of(bytes: Uint8Array): Uint8Array {
  return bigEndian32(crc32(bytes));
}

/** CRC-32C (Castagnoli), 4 bytes, big-endian. */
export function crc32cOf(bytes: Uint8Array): Uint8Array {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC32C_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return bigEndian32((crc ^ 0xffffffff) >>> 0);
}

/** CRC-64/NVME, 8 bytes, big-endian. */
export function crc64nvmeOf(bytes: Uint8Array): Uint8Array {
  // Two halves of 32 bits: BigInt in the loop would be far slower.
  let high = 0xffffffff;
  let low = 0xffffffff;
  for (const byte of bytes) {
    const index = ((low ^ byte) & 0xff) * 2;
    low = ((low >>> 8) | (high << 24)) ^ CRC64NVME_TABLE[index + 1]!;
    high = (high >>> 8) ^ CRC64NVME_TABLE[index]!;
  }
  const result = new Uint8Array(8);
  result.set(bigEndian32((high ^ 0xffffffff) >>> 0), 0);
  result.set(bigEndian32((low ^ 0xffffffff) >>> 0), 4);
  return result;
}

function bigEndian32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function tableOf32(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
}

/** High half and low half of each value, one after the other. */
function tableOf64(polynomial: bigint): Uint32Array {
  const table = new Uint32Array(512);
  for (let byte = 0; byte < 256; byte++) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
    table[byte * 2] = Number(crc >> 32n);
    table[byte * 2 + 1] = Number(crc & 0xffffffffn);
  }
  return table;
}
