// Which IPNS name a text stands for, and the key that signs its records (HKDF, RFC 5869; Ed25519, RFC 8032).

import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { InvalidInputError } from "@remote-log/core";
import { encodeUtf8 } from "@remote-log/core/adapter";
import { IpnsName } from "./ipns-name.ts";
import type { NamePrivateKey } from "./sign-record.ts";

/** Length of the seed of an Ed25519 key, in bytes. */
const SEED_BYTES = 32;

/** The prefix of a name in the `info` of the derivation of its key. */
const LABEL_PREFIX = "remote-log/v1/ipns/";

/** The beginning of a text that was meant as an IPNS name, however it continues. */
const MEANT_FOR_IPNS = /^(\/ipns\/|ipns:|k51qzi5uqu5|12D3Koo)/;

/** A name with the key that signs its records, if that is known. */
export interface NameWithKey {
  readonly name: IpnsName;
  readonly key: NamePrivateKey | undefined;
}

/**
 * Finds the IPNS name that a text stands for. `k51…` stands for itself. Any other text stands for a name whose key is derived
 * from it and the name key (HKDF-SHA-256), so that one key serves any number of distinct names.
 */
export class NameKeys {
  readonly #seed: Uint8Array | undefined;
  #own: Promise<NameWithKey> | undefined;

  /**
   * @param seed - the name key, 32 bytes; copied
   * @throws InvalidInputError `ERR_INVALID_INPUT` if it does not have 32 bytes
   */
  constructor(seed: Uint8Array | undefined) {
    if (seed !== undefined && seed.length !== SEED_BYTES) {
      throw new InvalidInputError(
        `A name key has ${SEED_BYTES} bytes, not ${seed.length}. Use \`deriveKeys(seed).ipns\` of the log's seed.`,
        { operation: "ipns.open" },
      );
    }
    this.#seed = seed === undefined ? undefined : new Uint8Array(seed);
  }

  /**
   * The name that a text stands for, with its key if that follows from the name key. The text can be encoded as UTF-8.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a text that stands for none
   */
  async find(text: string): Promise<NameWithKey> {
    const name = ipnsNameIn(text);
    if (name !== undefined) {
      const own = await this.own();
      return own?.name.equals(name) === true ? own : { name, key: undefined };
    }
    if (this.#seed === undefined) {
      throw invalid(
        `${JSON.stringify(text.slice(0, 80))} is no IPNS name (k51…), and without a name key none can be derived from it. ` +
          "Give the IPNS name that the writer publishes under, or `nameKey`",
      );
    }
    const info = encodeUtf8(LABEL_PREFIX + text);
    return keyFrom(hkdf(sha256, this.#seed, undefined, info, SEED_BYTES));
  }

  /** The name of the name key itself; `undefined` without one. */
  async own(): Promise<NameWithKey | undefined> {
    if (this.#seed === undefined) return undefined;
    this.#own ??= keyFrom(this.#seed);
    return this.#own;
  }
}

async function keyFrom(seed: Uint8Array): Promise<NameWithKey> {
  const key = await generateKeyPairFromSeed("Ed25519", seed);
  return { name: IpnsName.fromPublicKey(key.publicKey.raw), key };
}

// Only one text is taken for each name, so that two texts are never one name.
function ipnsNameIn(text: string): IpnsName | undefined {
  let name: IpnsName;
  try {
    name = IpnsName.fromText(text);
  } catch (error) {
    if (MEANT_FOR_IPNS.test(text)) throw error;
    return undefined;
  }
  if (name.text === text) return name;
  throw invalid(`${JSON.stringify(text)} is another form of ${name}. Use that form`);
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(`The name can't be used: ${why}.`, { operation: "ipns.name" });
}
