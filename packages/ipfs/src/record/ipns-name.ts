// IPNS names (IPNS Record and Protocol, "IPNS Name"): a public key of libp2p as a CID.

import { InvalidInputError } from "@remote-log/core";
import { encodeUtf8 } from "@remote-log/core/adapter";
import { base32 } from "multiformats/bases/base32";
import { base36 } from "multiformats/bases/base36";
import { base58btc } from "multiformats/bases/base58";

/** Length of an Ed25519 public key, in bytes. */
const KEY_BYTES = 32;

/** Identity multihash (0x00, 36 bytes) of a libp2p public key: type Ed25519 (field 1), then 32 bytes (field 2). */
const MULTIHASH_PREFIX: readonly number[] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/** CIDv1 with the codec libp2p-key (0x72). */
const CID_PREFIX: readonly number[] = [0x01, 0x72];

/** The prefix of the keys under which the DHT and other routings keep records (IPNS Record and Protocol, "Routing Record"). */
const ROUTING_PREFIX: Uint8Array = encodeUtf8("/ipns/");

/**
 * An IPNS name: an Ed25519 public key, written as a CID (`k51…`). The name is the key, so a record proves by its
 * signature that it is of this name (IPNS Record and Protocol, "IPNS Name").
 *
 * @example
 * ```ts
 * import { IpnsName } from "@remote-log/ipfs";
 *
 * const name = IpnsName.fromPublicKey(new Uint8Array(32));
 * console.log(name.text); // k51qzi5uqu5d…
 * ```
 */
export class IpnsName {
  /** The text form that every tool accepts: CIDv1 in base36, `k51…`. */
  readonly text: string;
  /** The Ed25519 public key, 32 bytes. Do not change it. */
  readonly publicKey: Uint8Array;
  /** The key under which routings keep its record: `/ipns/` and the multihash. Do not change it. */
  readonly routingKey: Uint8Array;

  private constructor(publicKey: Uint8Array) {
    this.publicKey = publicKey;
    const multihash = Uint8Array.from([...MULTIHASH_PREFIX, ...publicKey]);
    this.text = base36.encode(Uint8Array.from([...CID_PREFIX, ...multihash]));
    this.routingKey = Uint8Array.from([...ROUTING_PREFIX, ...multihash]);
  }

  /**
   * The name of a public key.
   *
   * @param publicKey - 32 bytes of Ed25519; copied
   * @throws InvalidInputError `ERR_INVALID_INPUT` for another length
   */
  static fromPublicKey(publicKey: Uint8Array): IpnsName {
    if (publicKey.length !== KEY_BYTES)
      throw invalid(`its key has ${publicKey.length} bytes, not ${KEY_BYTES}`);
    return new IpnsName(Uint8Array.from(publicKey));
  }

  /**
   * Reads a name in any common form: `k51…`, `bafzaa…` (CIDs in base36 or base32), `12D3Koo…` (a peer id), each
   * with or without `/ipns/` before it.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` for any other text, and for the name of another kind of key
   */
  static fromText(text: string): IpnsName {
    const bare = text.replace(/^\/ipns\//, "");
    const bytes = decode(bare);
    const multihash = startsWith(bytes, CID_PREFIX) ? bytes.subarray(CID_PREFIX.length) : bytes;
    const length = MULTIHASH_PREFIX.length + KEY_BYTES;
    if (!startsWith(multihash, MULTIHASH_PREFIX) || multihash.length !== length) {
      throw invalid("it is not the name of an Ed25519 key");
    }
    return IpnsName.fromPublicKey(multihash.subarray(MULTIHASH_PREFIX.length));
  }

  /** Whether both are the same name. */
  equals(other: IpnsName): boolean {
    return this.text === other.text;
  }

  /** The text form, `k51…`. */
  toString(): string {
    return this.text;
  }
}

function decode(text: string): Uint8Array {
  // No name is longer, and decoding base36 takes quadratic time.
  if (text.length > 100) throw invalid(`it has ${text.length} characters`);
  try {
    if (text.startsWith("k")) return base36.decode(text);
    if (text.startsWith("b")) return base32.decode(text);
    return base58btc.decode(text.startsWith("z") ? text : `z${text}`);
  } catch (cause) {
    throw invalid("it is not in base36, base32 or base58", cause);
  }
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}

function invalid(why: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(`An IPNS name can't be read: ${why}. Names look like k51qzi5uqu5d….`, {
    operation: "ipns.name",
    cause,
  });
}
