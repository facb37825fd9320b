// Reads Protocol Buffers (proto3) from untrusted bytes; docs/protocol.md, "Messages".

import type { MalformedError } from "../errors/index.ts";
import { DEFAULT_WIRE_LIMITS, type WireLimits } from "./limits.ts";
import { fieldOf, malformed } from "./refusal.ts";
import { readVarint } from "./varint.ts";

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** The wire types that are accepted, by number, for errors. 3 and 4 are groups, which proto3 dropped. */
const WIRE_TYPES = ["a varint", "8 bytes", "length-delimited", "a group", "a group's end", "4 bytes"];

/** What a field of bytes holds that is not there. */
export const EMPTY: Uint8Array = Object.freeze(new Uint8Array(0));

/**
 * A cursor over the fields of one Protocol Buffers message. It is stricter than the standard asks: each number
 * in its shortest form only, a singular field at most once, a known field in its own wire type only, no groups.
 *
 * Call {@link next}, look at {@link field}, and then read that field or {@link skip} it, once. What is read is a
 * view of the input, not a copy. Every method throws `MalformedError` `ERR_MALFORMED`, and the reader cannot be
 * used after that. Nothing is allocated for a length that was not checked against the bytes that are there.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  #message: string;
  readonly #maxUnknownFields: number;
  /** Where unknown fields are counted: the reader of the outermost message. */
  readonly #outermost: ProtobufReader;
  #unknownFields = 0;
  #offset = 0;
  /** Where the message ends whose fields are read. */
  #end: number;
  #field = 0;
  #wireType = VARINT;

  /**
   * @param bytes - the whole message; must not change while anything read from it is in use
   * @param message - name of the message, for errors
   * @param limits - `maxBytes` and `maxUnknownFields` apply
   * @param outer - the reader of the message that this one is a field of; its limits then apply, not `limits`
   */
  constructor(bytes: Uint8Array, message: string, limits?: WireLimits, outer?: ProtobufReader) {
    this.#message = message;
    this.#end = bytes.length;
    if (outer !== undefined) {
      this.#bytes = bytes;
      this.#outermost = outer.#outermost;
      this.#maxUnknownFields = outer.#maxUnknownFields;
      return;
    }
    // A Buffer's subarrays are Buffers; callers get plain arrays in any case.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#outermost = this;
    this.#maxUnknownFields = limits?.maxUnknownFields ?? DEFAULT_WIRE_LIMITS.maxUnknownFields;
    const maxBytes = limits?.maxBytes ?? DEFAULT_WIRE_LIMITS.maxBytes;
    if (bytes.length > maxBytes) {
      throw malformed(
        `message ${message}`,
        `has ${bytes.length} bytes, and at most ${maxBytes} are accepted`,
      );
    }
  }

  /** Number of the field that {@link next} came to; 0 before the first. */
  get field(): number {
    return this.#field;
  }

  /** Goes to the next field. `false` at the end of the message. */
  next(): boolean {
    if (this.#offset === this.#end) return false;
    const tag = this.#varint("number");
    this.#field = Math.floor(tag / 8);
    this.#wireType = tag % 8;
    if (this.#field === 0 || tag > 0xffff_ffff) {
      throw malformed(
        `message ${this.#message}`,
        `has a field number ${this.#field}, not one from 1 to 2^29 - 1`,
      );
    }
    if (this.#wireType > FIXED_32 || this.#wireType === 3 || this.#wireType === 4) {
      throw this.malformed(`${this.#field}`, `has wire type ${this.#wireType}, which is not accepted`);
    }
    return true;
  }

  /** Reads one element of a repeated field of bytes. */
  bytes(name: string): Uint8Array {
    this.#expect(LENGTH_DELIMITED, name);
    return this.#take(this.#varint(name), name);
  }

  /** Reads a singular field of bytes; `previous` is what was read for it before, if anything. */
  bytesOnce(name: string, previous: Uint8Array | undefined): Uint8Array {
    if (previous !== undefined) throw this.#duplicate(name);
    return this.bytes(name);
  }

  /** Reads a singular `uint32`, or an enum that has no negative numbers. */
  uint32Once(name: string, previous: number | undefined): number {
    if (previous !== undefined) throw this.#duplicate(name);
    this.#expect(VARINT, name);
    const value = this.#varint(name);
    if (value > 0xffff_ffff) throw this.malformed(name, `holds ${value}, which is over 2^32 - 1`);
    return value;
  }

  /** Reads a singular `uint64` of at most 53 bits. */
  uint64Once(name: string, previous: number | undefined): number {
    if (previous !== undefined) throw this.#duplicate(name);
    this.#expect(VARINT, name);
    return this.#varint(name);
  }

  /** Reads a singular `bool`: 0 or 1, nothing else. */
  boolOnce(name: string, previous: boolean | undefined): boolean {
    if (previous !== undefined) throw this.#duplicate(name);
    this.#expect(VARINT, name);
    const value = this.#varint(name);
    if (value > 1) throw this.malformed(name, `holds ${value} where only 0 and 1 are possible`);
    return value === 1;
  }

  /** Reads a singular `int64`; negative ones take 10 bytes. */
  int64Once(name: string, previous: bigint | undefined): bigint {
    if (previous !== undefined) throw this.#duplicate(name);
    this.#expect(VARINT, name);
    const start = this.#offset;
    const length = this.#skipVarint64(name);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) {
      value = (value << 7n) | BigInt(this.#bytes[start + i]! & 0x7f);
    }
    return BigInt.asIntN(64, value);
  }

  /** Reads a field that is a message itself: a reader over it, which counts unknown fields together with this one. */
  message(name: string, type: string): ProtobufReader {
    return new ProtobufReader(this.bytes(name), type, undefined, this);
  }

  /**
   * Reads a field that is a message itself, with this reader: until `read` returns, the fields are those of that message. Of many
   * small messages, this takes less than {@link message}.
   *
   * @param read - goes through all fields, up to where {@link next} says `false`
   */
  within<T>(name: string, type: string, read: (reader: ProtobufReader) => T): T {
    this.#expect(LENGTH_DELIMITED, name);
    const length = this.#varint(name);
    this.#checkLength(length, name);
    const [end, message] = [this.#end, this.#message];
    this.#end = this.#offset + length;
    this.#message = type;
    const value = read(this);
    this.#end = end;
    this.#message = message;
    return value;
  }

  /** Refuses more than `most` elements of a repeated field; call it before reading each. */
  limit(name: string, count: number, most: number): void {
    if (count >= most)
      throw this.malformed(name, `has more than ${most} elements, which is the most accepted`);
  }

  /** Skips a field that is not known. */
  skip(): void {
    const name = `${this.#field}`;
    if (++this.#outermost.#unknownFields > this.#maxUnknownFields) {
      throw this.malformed(name, `is unknown, after ${this.#maxUnknownFields} others that are unknown too`);
    }
    if (this.#wireType === VARINT) this.#skipVarint64(name);
    else if (this.#wireType === FIXED_64) this.#take(8, name);
    else if (this.#wireType === FIXED_32) this.#take(4, name);
    else this.#take(this.#varint(name), name);
  }

  /** The error that says what is wrong with a field of this message. */
  malformed(name: string, why: string): MalformedError {
    return malformed(fieldOf(this.#message, name), why);
  }

  #duplicate(name: string): MalformedError {
    return this.malformed(name, "is there twice");
  }

  #expect(wireType: number, name: string): void {
    if (this.#wireType === wireType) return;
    throw this.malformed(name, `is encoded as ${WIRE_TYPES[this.#wireType]}, not as ${WIRE_TYPES[wireType]}`);
  }

  #take(length: number, name: string): Uint8Array {
    this.#checkLength(length, name);
    if (length === 0) return EMPTY;
    const { buffer, byteOffset } = this.#bytes;
    // Not subarray(), which takes twice as long.
    const taken = new Uint8Array(buffer, byteOffset + this.#offset, length);
    this.#offset += length;
    return taken;
  }

  #checkLength(length: number, name: string): void {
    const left = this.#end - this.#offset;
    if (length > left) throw this.malformed(name, `should have ${length} bytes, and ${left} are left`);
  }

  #varint(name: string): number {
    const at = this.#offset;
    const first = at < this.#end ? this.#bytes[at]! : 0x80;
    // Nearly all tags, and most lengths, are this short: of one byte or two.
    if (first < 0x80) {
      this.#offset = at + 1;
      return first;
    }
    const second = at + 1 < this.#end ? this.#bytes[at + 1]! : 0;
    if (second > 0 && second < 0x80) {
      this.#offset = at + 2;
      return (first & 0x7f) + second * 0x80;
    }
    const what = fieldOf(this.#message, name);
    const { value, end } = readVarint(this.#bytes, this.#offset, what, this.#end);
    this.#offset = end;
    return value;
  }

  /** Passes a varint of up to 64 bits, which is checked like any other. Returns how many bytes it has. */
  #skipVarint64(name: string): number {
    for (let length = 1; length <= 10; length++) {
      const byte = this.#offset < this.#end ? this.#bytes[this.#offset++] : undefined;
      if (byte === undefined) throw this.malformed(name, "ends within a number");
      if (byte >= 0x80) continue;
      if (byte === 0 && length > 1)
        throw this.malformed(name, "holds a number that is not in its shortest form");
      if (length === 10 && byte > 1) break;
      return length;
    }
    throw this.malformed(name, "holds a number of more than 64 bits");
  }
}
