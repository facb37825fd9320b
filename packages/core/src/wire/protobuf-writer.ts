// Writes Protocol Buffers (proto3), the same bytes for the same message.

import { fieldOf, invalid } from "./refusal.ts";

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/**
 * Writes one Protocol Buffers message in its only canonical form: fields in ascending order, numbers in their
 * shortest form, and nothing for what is empty, zero or false. Elements of repeated fields are always written.
 *
 * Every method throws `InvalidInputError` `ERR_INVALID_INPUT` if a field comes after a higher one.
 */
export class ProtobufWriter {
  readonly #message: string;
  #buffer: Uint8Array;
  #length = 0;
  #lastField = 0;

  /**
   * @param message - name of the message, for errors
   * @param capacity - bytes to make room for at first; the buffer grows as needed
   */
  constructor(message: string, capacity = 256) {
    this.#message = message;
    this.#buffer = new Uint8Array(Math.max(capacity, 16));
  }

  /** Writes a singular field of bytes, unless it is empty. */
  bytes(field: number, value: Uint8Array): void {
    if (value.length > 0) this.element(field, value);
  }

  /** Writes one element of a repeated field of bytes, also an empty one. */
  element(field: number, value: Uint8Array): void {
    this.#tag(field, LENGTH_DELIMITED);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /**
   * Writes a `uint32`, or an enum, unless it is zero.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if it is not a whole number from 0 to 2^32 − 1
   */
  uint32(field: number, value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
      throw invalid(fieldOf(this.#message, `${field}`), `takes a number from 0 to 2^32 - 1, not ${value}`);
    }
    if (value === 0) return;
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  /**
   * Writes a `uint64`, unless it is zero.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if it is not a whole number from 0 to 2^53 − 1
   */
  uint64(field: number, value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw invalid(fieldOf(this.#message, `${field}`), `takes a number from 0 to 2^53 - 1, not ${value}`);
    }
    if (value === 0) return;
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  /** Writes a `bool`, unless it is false. */
  bool(field: number, value: boolean): void {
    this.uint32(field, value ? 1 : 0);
  }

  /**
   * Writes an `int64`, unless it is zero.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if it does not fit
   */
  int64(field: number, value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) {
      throw invalid(
        fieldOf(this.#message, `${field}`),
        "takes a number of 64 bits with sign, and this one is larger",
      );
    }
    if (value === 0n) return;
    this.#tag(field, VARINT);
    this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest >= 128n) {
      this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
  }

  /** Writes a field, or an element of a repeated one, that is a message: `write` writes the fields of `value`. */
  message<T>(field: number, value: T, write: (writer: ProtobufWriter, value: T) => void): void {
    this.#tag(field, LENGTH_DELIMITED);
    const start = this.#length;
    this.#lastField = 0;
    write(this, value);
    this.#lastField = field;
    // The length comes before the fields and is known after them.
    const length = this.#length - start;
    this.#varint(length);
    const shift = this.#length - start - length;
    this.#buffer.copyWithin(start + shift, start, start + length);
    this.#length = start;
    this.#varint(length);
    this.#length = start + shift + length;
  }

  /** The message so far: a copy of just its size. */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #tag(field: number, wireType: number): void {
    if (field < this.#lastField) {
      throw invalid(fieldOf(this.#message, `${field}`), `is written after field ${this.#lastField}`);
    }
    this.#lastField = field;
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 128) {
      this.#buffer[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#length++] = rest;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
