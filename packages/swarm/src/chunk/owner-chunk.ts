// Single-owner chunks (Book of Swarm): Keccak-256(id ‖ owner) is the address, and the owner signs what is in it.

import { keccak_256 } from "@noble/hashes/sha3.js";
import { IntegrityError, InvalidInputError } from "@remote-log/core";
import { bytesEqual } from "@remote-log/core/adapter";
import { CHUNK_BYTES, SPAN_BYTES } from "./bmt.ts";
import { type Chunk, type ChunkContext, chunkAddress } from "./content-chunk.ts";
import { ethereumAddress, OWNER_BYTES, recoverSigner, SIGNATURE_BYTES, signHash } from "./ethereum.ts";
import { toHex } from "./hex.ts";
import { HASH_BYTES } from "./keccak.ts";

/** Where the wrapped chunk begins. */
const WRAPPED_AT = HASH_BYTES + SIGNATURE_BYTES;

/** Most bytes of a single-owner chunk: id, signature, span, payload. */
export const OWNER_CHUNK_BYTES: number = WRAPPED_AT + SPAN_BYTES + CHUNK_BYTES;

/** A chunk whose address follows from an id and an owner, with the owner's signature over what it wraps. */
export interface OwnerChunk extends Chunk {
  /** 32 bytes. */
  readonly id: Uint8Array;
  /** Ethereum address, 20 bytes. */
  readonly owner: Uint8Array;
  /** r ‖ s ‖ v, 65 bytes. */
  readonly signature: Uint8Array;
  /** The content-addressed chunk in it. */
  readonly wrapped: Chunk;
}

/** What {@link ownerChunk} makes one of. */
export interface OwnerChunkParts {
  /** Secret scalar of secp256k1, 32 bytes. */
  readonly key: Uint8Array;
  /** 32 bytes. */
  readonly id: Uint8Array;
  /** The chunk to wrap. */
  readonly chunk: Chunk;
}

/** Which single-owner chunk was asked for. */
export interface OwnerChunkPlace extends ChunkContext {
  /** 32 bytes. */
  readonly id: Uint8Array;
  /** Ethereum address, 20 bytes. */
  readonly owner: Uint8Array;
}

/**
 * The address of a single-owner chunk, 32 bytes, whatever it wraps.
 *
 * @param id - 32 bytes
 * @param owner - 20 bytes
 * @throws InvalidInputError `ERR_INVALID_INPUT` for other lengths
 */
export function ownerChunkAddress(id: Uint8Array, owner: Uint8Array): Uint8Array {
  if (id.length !== HASH_BYTES || owner.length !== OWNER_BYTES) {
    throw new InvalidInputError(
      `A single-owner chunk has an id of ${HASH_BYTES} bytes and an owner of ${OWNER_BYTES}, ` +
        `not ${id.length} and ${owner.length}.`,
      { operation: "chunk.create" },
    );
  }
  return keccak_256.create().update(id).update(owner).digest();
}

/**
 * Signs a chunk into a single-owner chunk: id ‖ signature ‖ span ‖ payload. The bytes are those that bee-js makes.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a key that is none, or an id of another length
 */
export function ownerChunk({ key, id, chunk }: OwnerChunkParts): OwnerChunk {
  const owner = ethereumAddress(key);
  const address = ownerChunkAddress(id, owner);
  const signature = signHash(key, signedHash(id, chunk.address));
  const data = new Uint8Array(WRAPPED_AT + chunk.data.length);
  data.set(id, 0);
  data.set(signature, HASH_BYTES);
  data.set(chunk.data, WRAPPED_AT);
  return { address, data, id: data.subarray(0, HASH_BYTES), owner, signature, wrapped: chunk };
}

/**
 * Reads a single-owner chunk, and checks all of it: the id, and that the owner signed the wrapped chunk under that id.
 *
 * The same chunk can come as other bytes: signatures have equivalent forms (see {@link recoverSigner}), and zeros at the
 * end of a payload are not signed. Compare such chunks by the address of what they wrap.
 *
 * @param data - the chunk as it came, not to be changed afterwards
 * @param place - the id and the owner under which it was asked for
 * @throws IntegrityError `ERR_INTEGRITY` if it is not that chunk: corrupt or forged
 */
export function readOwnerChunk(data: Uint8Array, place: OwnerChunkPlace): OwnerChunk {
  const { id, owner } = place;
  const address = ownerChunkAddress(id, owner);
  const refuse = (why: string): IntegrityError =>
    new IntegrityError(
      `The ${data.length} bytes that came for single-owner chunk ${toHex(address)} are corrupt or forged: ${why}. ` +
        "Nothing of them was used.",
      { operation: place.operation ?? "storage.get" },
    );
  if (data.length < WRAPPED_AT + SPAN_BYTES || data.length > OWNER_CHUNK_BYTES) {
    throw refuse(`such a chunk has ${WRAPPED_AT + SPAN_BYTES} to ${OWNER_CHUNK_BYTES}`);
  }
  if (!bytesEqual(data.subarray(0, HASH_BYTES), id)) throw refuse("they have another id");
  const wrapped = data.subarray(WRAPPED_AT);
  const chunk: Chunk = { address: chunkAddress(wrapped, place), data: wrapped };
  const signature = data.subarray(HASH_BYTES, WRAPPED_AT);
  const signer = recoverSigner(signature, signedHash(id, chunk.address));
  if (signer === undefined) throw refuse("what should be a signature is none");
  if (!bytesEqual(signer, owner)) throw refuse(`the owner 0x${toHex(owner)} did not sign them`);
  return { address, data, id: data.subarray(0, HASH_BYTES), owner, signature, wrapped: chunk };
}

function signedHash(id: Uint8Array, chunkAddress: Uint8Array): Uint8Array {
  return keccak_256.create().update(id).update(chunkAddress).digest();
}
