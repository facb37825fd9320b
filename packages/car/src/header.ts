// The header of a CAR file (CARv1): which blocks it is about. A map in DAG-CBOR, behind its length.

import { MalformedError, UnsupportedError } from "@remote-log/core";
import { bytesEqual, concatBytes, decodeUtf8 } from "@remote-log/core/adapter";
import { readLength, varint } from "./varint.ts";

/** The largest header that is read, in bytes. */
export const LARGEST_HEADER = 65_536;

/** The most roots that are read. */
const MOST_ROOTS = 64;

const OPERATION = "car.open";

// {"roots": [tag 42 of …
const BEFORE_ROOT = Uint8Array.of(0xa2, 0x65, 0x72, 0x6f, 0x6f, 0x74, 0x73, 0x81, 0xd8, 0x2a, 0x58);
// … "version": 1}
const AFTER_ROOT = Uint8Array.of(0x67, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x01);
// The whole header of a CARv2: {"version": 2}.
const V2 = Uint8Array.of(0xa1, 0x67, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x02);

/** The header of a file with one root, with its length before it. It has as many bytes for every root of one kind. */
export function encodeHeader(root: Uint8Array): Uint8Array {
  // In DAG-CBOR, a CID has a zero byte before it.
  const map = concatBytes([BEFORE_ROOT, Uint8Array.of(root.length + 1, 0), root, AFTER_ROOT]);
  return concatBytes([varint(map.length), map]);
}

/** A header that was read. */
export interface Header {
  /** The CIDs of the roots. */
  readonly roots: readonly Uint8Array[];
  /** Where the first block begins. */
  readonly end: number;
}

/**
 * Reads the header from the first bytes of a file.
 *
 * @throws MalformedError `ERR_MALFORMED`
 * @throws UnsupportedError `ERR_UNSUPPORTED`, reason `"car-v2"`, for the other version of the format
 */
export function decodeHeader(bytes: Uint8Array): Header {
  const { value: length, end: begin } = readLength(bytes, 0);
  if (length === 0 || length > LARGEST_HEADER)
    throw notACar(`its header should have from 1 to ${LARGEST_HEADER} bytes, not ${length}`);
  if (begin + length > bytes.length) throw notACar("it ends within its header");
  const map = bytes.subarray(begin, begin + length);
  if (bytesEqual(map, V2)) throw ofVersion2();
  return { roots: new HeaderReader(map).roots(), end: begin + length };
}

function ofVersion2(): UnsupportedError {
  return new UnsupportedError(
    "This is a CAR file of version 2, and only version 1 is read. Import it into an IPFS node and export it again (`ipfs dag export`).",
    { operation: OPERATION, reason: "car-v2" },
  );
}

function notACar(why: string): MalformedError {
  return new MalformedError(`This is no CAR file: ${why}.`, { operation: OPERATION, reason: "not-a-car" });
}

// As much of CBOR as the header needs: no other map than this can be one.
class HeaderReader {
  readonly #bytes: Uint8Array;
  #next = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  roots(): Uint8Array[] {
    if (this.#head(5) !== 2) throw notACar("its header is not what the format says");
    let roots: Uint8Array[] | undefined;
    let version: number | undefined;
    for (let i = 0; i < 2; i++) {
      const key = decodeUtf8(this.#string(3));
      if (key === "roots" && roots === undefined) roots = this.#roots();
      else if (key === "version" && version === undefined) version = this.#head(0);
      else throw notACar("its header has an unknown field");
    }
    if (this.#next !== this.#bytes.length) throw notACar("something follows in its header");
    if (version !== 1) throw notACar(`it is of version ${version}`);
    return roots!;
  }

  #roots(): Uint8Array[] {
    const count = this.#head(4);
    if (count > MOST_ROOTS) throw notACar(`it has ${count} roots, and at most ${MOST_ROOTS} are read`);
    const roots: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      if (this.#head(6) !== 42) throw notACar("one of its roots is no CID");
      const cid = this.#string(2);
      if (cid[0] !== 0) throw notACar("one of its roots is no CID");
      roots.push(cid.slice(1));
    }
    return roots;
  }

  #string(type: number): Uint8Array {
    const length = this.#head(type);
    if (length > this.#bytes.length - this.#next) throw notACar("its header is cut off");
    this.#next += length;
    return this.#bytes.subarray(this.#next - length, this.#next);
  }

  // The first byte of an item holds its type and a small number, or how many bytes the number takes.
  #head(type: number): number {
    const first = this.#byte();
    if (first >> 5 !== type) throw notACar("its header is not what the format says");
    const small = first & 31;
    if (small < 24) return small;
    if (small > 25) throw notACar("its header has too large a number");
    const number = small === 24 ? this.#byte() : this.#byte() * 256 + this.#byte();
    if (number < (small === 24 ? 24 : 256)) throw notACar("its header is not in the shortest form");
    return number;
  }

  #byte(): number {
    const byte = this.#bytes[this.#next++];
    if (byte === undefined) throw notACar("its header is cut off");
    return byte;
  }
}
