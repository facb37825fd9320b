// The keys of a log, derived from its seed: HKDF-SHA-256 (RFC 5869); docs/protocol.md, "Identity".

import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { randomBytes } from "../runtime/random.ts";
import { encodeUtf8 } from "../utf8.ts";
import { DeviceSeed, earlierSeed } from "./device-seed.ts";
import { signingKeyFromSeed } from "./ed25519.ts";
import { copySeed, SEED_BYTES, type SigningKey } from "./signing-key.ts";

/**
 * The keys of one log that its writer needs. Each is derived when it is read, as a copy that belongs to the caller.
 *
 * All of them are secret. Printing, inspecting or serialising the object shows none.
 */
export interface DeviceKeys {
  /** Seed of the Ed25519 key that signs checkpoints: 32 bytes. */
  readonly signing: Uint8Array;
  /** Seed of the Ed25519 key of the log's IPNS name: 32 bytes. */
  readonly ipns: Uint8Array;
  /** Private secp256k1 key of the log's Swarm name: a big-endian number from 1 to the group's order − 1, 32 bytes. */
  readonly swarm: Uint8Array;
  /** The secret from which the keys follow that seal contents: 32 bytes. Readers never get it. */
  readonly read: Uint8Array;
}

/** The keys of a log whose seed is all that there is. */
export interface LogKeys extends DeviceKeys {
  /** Seed of an Ed25519 key that nothing uses yet: 32 bytes. */
  readonly recovery: Uint8Array;
}

/** How Node's `inspect` asks an object for what to print. */
const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

const LABEL_PREFIX = "remote-log/v1/";

/** Bytes from which a secp256k1 key is reduced: 128 bits more than it has, so that no key is likelier than another. */
const WIDE_BYTES = 48;

const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/**
 * Every key of a log, from its one seed: HKDF-SHA-256 (RFC 5869) without salt, with the info
 * `remote-log/v1/<label>`, where the label is the name of the key. Of a device seed, the keys of names are those of the first
 * generation: the names stay.
 *
 * @param seed - 32 bytes, copied; or the seed of a device
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the seed does not have 32 bytes
 *
 * @example
 * ```ts
 * import { deriveKeys, generateSeed } from "@remote-log/core";
 *
 * const seed = generateSeed();
 * const { ipns, swarm } = deriveKeys(seed); // what names of the log are signed with
 * ```
 */
export function deriveKeys(seed: Uint8Array): LogKeys;
export function deriveKeys(seed: Uint8Array | DeviceSeed): DeviceKeys;
export function deriveKeys(seed: Uint8Array | DeviceSeed): DeviceKeys {
  if (!(seed instanceof DeviceSeed)) return new DerivedKeys(copySeed(seed, "keys.derive"));
  return new DerivedDeviceKeys(seed);
}

/** The keys of every generation that a writer's seed leads to. */
export class WriterKeys {
  readonly #seed: Uint8Array;
  readonly #device: DeviceSeed | undefined;

  constructor(seed: Uint8Array | DeviceSeed) {
    if (seed instanceof DeviceSeed) {
      this.#device = seed;
      this.#seed = seed.toBytes();
    } else this.#seed = copySeed(seed, "keys.derive");
  }

  /** The newest generation: 0 if the log's signing key can't change. */
  get newest(): number {
    return this.#device?.generation ?? 0;
  }

  /** SHA-256 of the log's first public recovery key; `undefined` if its signing key can't change. */
  get recoveryKeyHash(): Uint8Array | undefined {
    return this.#device?.recoveryKeyHash;
  }

  /** The key that signs checkpoints in a generation, up to {@link WriterKeys.newest}. */
  signingKey(generation: number): Promise<SigningKey> {
    return signingKeyFromSeed(this.#of(generation).signing);
  }

  /** What the read keys of the epochs follow from that begin in a generation. */
  readSecret(generation: number): Uint8Array {
    return this.#of(generation).read;
  }

  #of(generation: number): DeviceKeys {
    return new DerivedKeys(earlierSeed(this.#seed, this.newest, generation));
  }
}

/**
 * A new seed: 32 bytes of the runtime's secure random source. It is all that has to be kept of a log's keys. Another seed is
 * another log: `loadOrCreateSeed` makes one and keeps it, so that a program is the same log at every start.
 *
 * @example
 * ```ts
 * import { generateSeed } from "@remote-log/core";
 *
 * const seed = generateSeed(); // 32 bytes; whoever has them writes the log
 * ```
 */
export function generateSeed(): Uint8Array {
  return randomBytes(SEED_BYTES, "seed.generate");
}

// Private fields and getters of the class, for neither shows when an instance is printed or serialised.
class DerivedKeys implements LogKeys {
  readonly #key: Uint8Array;

  constructor(seed: Uint8Array) {
    this.#key = extract(sha256, seed);
  }

  get signing(): Uint8Array {
    return this.#derive("signing", SEED_BYTES);
  }

  get ipns(): Uint8Array {
    return this.#derive("ipns", SEED_BYTES);
  }

  get swarm(): Uint8Array {
    return scalarFrom(this.#derive("swarm", WIDE_BYTES));
  }

  get recovery(): Uint8Array {
    return this.#derive("recovery", SEED_BYTES);
  }

  get read(): Uint8Array {
    return this.#derive("read", SEED_BYTES);
  }

  /** Without it, Node prints the values if it is asked to call getters and to show hidden properties. */
  [INSPECT](): string {
    return "LogKeys {}";
  }

  #derive(label: string, length: number): Uint8Array {
    return expand(sha256, this.#key, encodeUtf8(LABEL_PREFIX + label), length);
  }
}

class DerivedDeviceKeys implements DeviceKeys {
  readonly #newest: DeviceKeys;
  readonly #first: DeviceKeys;

  constructor(seed: DeviceSeed) {
    const own = seed.toBytes();
    this.#newest = new DerivedKeys(own);
    this.#first = new DerivedKeys(earlierSeed(own, seed.generation, 0));
  }

  get signing(): Uint8Array {
    return this.#newest.signing;
  }

  get ipns(): Uint8Array {
    return this.#first.ipns;
  }

  get swarm(): Uint8Array {
    return this.#first.swarm;
  }

  get read(): Uint8Array {
    return this.#newest.read;
  }

  [INSPECT](): string {
    return "DeviceKeys {}";
  }
}

/** Reduces wide bytes, read as a big-endian number, to a number from 1 to the order − 1, as 32 bytes. */
function scalarFrom(wide: Uint8Array): Uint8Array {
  let number = 0n;
  for (const byte of wide) number = number * 256n + BigInt(byte);
  let rest = (number % (SECP256K1_ORDER - 1n)) + 1n;
  const scalar = new Uint8Array(32);
  for (let i = scalar.length - 1; i >= 0; i--) {
    scalar[i] = Number(rest % 256n);
    rest /= 256n;
  }
  return scalar;
}
