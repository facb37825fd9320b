// Addresses of contents: binary CIDs of version 1; docs/protocol.md, "Addresses".

import { base32 } from "multiformats/bases/base32";
import { bytesEqual, concatBytes } from "../bytes.ts";
import { InvalidInputError, MalformedError } from "../errors/index.ts";
import { readVarint, varintBytes } from "../wire/varint.ts";

/** Longest digest that an address may carry, in bytes. */
const LARGEST_DIGEST = 64;

/**
 * Where a content is found in a CAS: a version-1 CID, that is, a codec and a multihash. It carries the hash
 * against which every read is checked, so it does not matter who serves the bytes.
 *
 * Immutable. Parsing accepts exactly one encoding of each address (minimal varints, nothing after the digest).
 */
export class Address {
  /** The binary CID, as pages hold it. Not to be changed. */
  readonly bytes: Uint8Array;
  /** Multicodec code of the content's format, such as `0x55` (raw bytes). */
  readonly codec: number;
  /** Multihash code of the hash function, such as `0x12` (SHA-256). */
  readonly hash: number;
  /** The digest. Not to be changed. */
  readonly digest: Uint8Array;

  private constructor(bytes: Uint8Array, codec: number, hash: number, digest: Uint8Array) {
    this.bytes = bytes;
    this.codec = codec;
    this.hash = hash;
    this.digest = digest;
  }

  /**
   * Makes an address from its parts.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` for an empty digest or one over 64 bytes
   */
  static create(codec: number, hash: number, digest: Uint8Array): Address {
    if (digest.length === 0 || digest.length > LARGEST_DIGEST) {
      throw new InvalidInputError(`A digest has 1 to ${LARGEST_DIGEST} bytes, not ${digest.length}.`, {
        operation: "address.create",
      });
    }
    const prefix = [1, codec, hash, digest.length].map(varintBytes);
    const bytes = concatBytes([...prefix, digest]);
    return new Address(bytes, codec, hash, bytes.subarray(bytes.length - digest.length));
  }

  /**
   * Reads a binary CID of version 1. The bytes are copied.
   *
   * @throws MalformedError `ERR_MALFORMED` if they are not exactly one
   */
  static fromBytes(source: Uint8Array): Address {
    const bytes = new Uint8Array(source);
    const version = readVarint(bytes, 0, "address");
    if (version.value !== 1) throw malformed(`it is of version ${version.value}, not 1`);
    const codec = readVarint(bytes, version.end, "address");
    const hash = readVarint(bytes, codec.end, "address");
    const length = readVarint(bytes, hash.end, "address");
    const digest = bytes.subarray(length.end);
    if (length.value === 0 || length.value > LARGEST_DIGEST || digest.length !== length.value) {
      throw malformed(`its digest should have ${length.value} bytes, and ${digest.length} follow`);
    }
    return new Address(bytes, codec.value, hash.value, digest);
  }

  /**
   * Reads the text form: multibase base32 in lower case (`b…`).
   *
   * @throws MalformedError `ERR_MALFORMED` if it is not one
   */
  static fromString(text: string): Address {
    let bytes: Uint8Array;
    try {
      bytes = base32.decode(text);
    } catch (cause) {
      throw malformed("it is not base32 text that begins with b", cause);
    }
    const address = Address.fromBytes(bytes);
    if (address.toString() !== text) throw malformed("its text is not in canonical form");
    return address;
  }

  /** Whether both are the same address. */
  equals(other: Address): boolean {
    return bytesEqual(this.bytes, other.bytes);
  }

  /** The text form: multibase base32 in lower case, as other CID tools print it. */
  toString(): string {
    return base32.encode(this.bytes);
  }
}

function malformed(why: string, cause?: unknown): MalformedError {
  return new MalformedError(`An address can't be read: ${why}.`, { operation: "address.parse", cause });
}
