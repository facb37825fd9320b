// A seed as text, as files keep it: 64 hexadecimal digits, or the seed of a device with what belongs to it.

import { DeviceSeed, LAST_GENERATION } from "./device-seed.ts";
import { copySeed } from "./signing-key.ts";

const DIGITS = /^[0-9a-f]{64}$/i;

/** Generation, seed, and the hash of the recovery key. */
const DEVICE_SEED = /^device-seed-v1:(0|[1-9][0-9]{0,2}):([0-9a-f]{64}):([0-9a-f]{64})$/i;

/**
 * A seed as text, for a file that its owner alone may read: 64 hexadecimal digits; of the seed of a device
 * `device-seed-v1:<generation>:<seed>:<hash of the recovery key>`, the last two in hexadecimal digits. `openWriterSeed` reads it.
 *
 * @param seed - 32 bytes, or the seed of a device
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the seed does not have 32 bytes
 */
export function seedText(seed: Uint8Array | DeviceSeed): string {
  if (!(seed instanceof DeviceSeed)) return hexOf(copySeed(seed, "seed.format"));
  return `device-seed-v1:${seed.generation}:${hexOf(seed.toBytes())}:${hexOf(seed.recoveryKeyHash)}`;
}

/** The seed in a text that {@link seedText} made, with white space around it or none; `undefined` if there is none. */
export function readSeedText(text: string): Uint8Array | DeviceSeed | undefined {
  const trimmed = text.trim();
  if (DIGITS.test(trimmed)) return bytesOf(trimmed);
  const [, generation, seed, hash] = DEVICE_SEED.exec(trimmed) ?? [];
  if (seed === undefined || Number(generation) > LAST_GENERATION) return undefined;
  return new DeviceSeed(bytesOf(seed), { generation: Number(generation), recoveryKeyHash: bytesOf(hash!) });
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}
