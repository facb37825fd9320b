// What a device holds of a log whose signing key can be changed: the keys of one generation, and of those before it;
// docs/protocol.md, "Key rotation".

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { InvalidInputError } from "../errors/index.ts";
import { checkArgument } from "../options/check-option-types.ts";
import { bytes } from "../options/option-kinds.ts";
import { encodeUtf8 } from "../utf8.ts";
import { signingKeyFromSeed } from "./ed25519.ts";
import { sha256 } from "./sha256.ts";
import { copySeed, SEED_BYTES, type SigningKey } from "./signing-key.ts";

/** How often the signing key of a log can change. */
export const LAST_GENERATION = 255;

/** What a {@link DeviceSeed} is made of, besides the seed itself. */
export interface DeviceSeedParts {
  /** How often the signing key of the log had changed when the device got it: 0 to 255. */
  readonly generation: number;
  /** SHA-256 of the log's first public recovery key, 32 bytes: the genesis record has it. */
  readonly recoveryKeyHash: Uint8Array;
}

/**
 * The seed that a device holds, if the recovery key of the log is kept apart from it (in 24 words on paper, say). It gives the keys
 * of its generation and of those before. Whoever steals it writes the log until its owner changes the signing key
 * (`Writer.rotateSigningKey`), and can't change that key.
 *
 * Make one with {@link deviceSeed}. Printing, inspecting or serialising it does not show the seed.
 */
export class DeviceSeed {
  /** How often the signing key of the log had changed when the device got it: 0 to 255. */
  readonly generation: number;
  /** SHA-256 of the log's first public recovery key, 32 bytes. */
  readonly recoveryKeyHash: Uint8Array;
  readonly #seed: Uint8Array;

  /**
   * @param seed - 32 bytes, as {@link DeviceSeed.toBytes} returned them; copied
   * @throws InvalidInputError `ERR_INVALID_INPUT` if something has another length, or the generation is out of range
   */
  constructor(seed: Uint8Array, { generation, recoveryKeyHash }: DeviceSeedParts) {
    this.#seed = copySeed(seed, "seed.create");
    checkGeneration(generation);
    checkArgument(recoveryKeyHash, bytes, { name: "`recoveryKeyHash`", operation: "seed.create" });
    if (recoveryKeyHash.length !== 32)
      throw invalid(`A hash of a recovery key has 32 bytes, not ${recoveryKeyHash.length}.`);
    this.generation = generation;
    this.recoveryKeyHash = new Uint8Array(recoveryKeyHash);
  }

  /** The seed itself, 32 bytes, as a copy: for whoever keeps it in a safe place. */
  toBytes(): Uint8Array {
    return new Uint8Array(this.#seed);
  }

  /** What serialisers get: not the seed. */
  toJSON(): string {
    return "[device seed]";
  }

  /** What string conversion gives: not the seed. */
  toString(): string {
    return "[device seed]";
  }
}

/**
 * The seed that a device gets of a log, from the log's recovery seed. The recovery seed stays apart: as 24 words on paper, for
 * example (`@remote-log/core/words`).
 *
 * @param recoverySeed - 32 bytes, as `generateSeed` makes them
 * @param generation - how often the signing key of the log has changed: 0 for a new log, and one more at each rotation
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the seed does not have 32 bytes, or the generation is out of range
 *
 * @example
 * ```ts
 * import { deviceSeed, generateSeed, openWriter } from "@remote-log/core";
 * import { MemoryLevel } from "memory-level";
 *
 * const recoverySeed = generateSeed(); // write it down, and keep it away from the device
 * const writer = await openWriter({ seed: await deviceSeed(recoverySeed), journal: new MemoryLevel() });
 * await writer.close();
 * ```
 */
export async function deviceSeed(recoverySeed: Uint8Array, generation = 0): Promise<DeviceSeed> {
  const first = await recoveryKey(recoverySeed, 0);
  return new DeviceSeed(earlierSeed(derive(recoverySeed, "device"), LAST_GENERATION, generation), {
    generation,
    recoveryKeyHash: sha256(first.publicKey),
  });
}

/**
 * The key that vouches for the next signing key.
 *
 * @param generation - how often the signing key has changed before
 */
export function recoveryKey(recoverySeed: Uint8Array, generation: number): Promise<SigningKey> {
  return signingKeyFromSeed(derive(copySeed(recoverySeed, "seed.derive"), `recovery/${generation}`));
}

/**
 * The seed of a generation from that of a later one: whoever has one has all before it, and none after it.
 *
 * @param seed - the seed of the generation `from`
 */
export function earlierSeed(seed: Uint8Array, from: number, to: number): Uint8Array {
  let earlier = seed;
  for (let generation = from; generation > to; generation--) earlier = derive(earlier, "earlier-device");
  return earlier;
}

function derive(seed: Uint8Array, label: string): Uint8Array {
  return hkdf(nobleSha256, seed, undefined, encodeUtf8(`remote-log/v1/${label}`), SEED_BYTES);
}

function checkGeneration(generation: number): void {
  if (Number.isInteger(generation) && generation >= 0 && generation <= LAST_GENERATION) return;
  throw invalid(`A generation of keys is from 0 to ${LAST_GENERATION}, not ${generation}.`);
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError(message, { operation: "seed.create" });
}
