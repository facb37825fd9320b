// A strict decoder of proto3 messages (docs/protocol.md, "Messages").

import { Refused, wellFormed } from "./refused.mjs";

/**
 * A field of a message: its name and its type. A message type stands for itself; one in a list is repeated.
 *
 * @typedef {"bytes" | "uint32" | "uint64" | "int64"} Scalar `uint64`: at most 2^53 - 1
 * @typedef {{ name: string, type: Scalar | Message, repeated?: number, most?: number }} Field `repeated`: how often at most; `most`: bytes
 * @typedef {{ name: string, fields: Record<number, Field>, noUnknownUpTo?: number, canonical?: true }} Message
 * @typedef {Record<string, any> & { present: Set<number> }} Decoded
 */

const UNKNOWN_FIELDS = 1024;
const LAST_FIELD = 2 ** 29 - 1;
const NUMBERS = new Set(/** @type {unknown[]} */ (["uint32", "uint64", "int64"]));
/** What an absent field is; an absent message is `undefined`. */
const DEFAULTS = { bytes: new Uint8Array(), uint32: 0, uint64: 0, int64: 0n };

/**
 * @param {Message} message
 * @param {Uint8Array} bytes
 * @param {{ unknown: number }} [counted] fields that were skipped, also in messages within
 * @returns {Decoded} bytes that are absent are empty, numbers 0
 */
export function decode(message, bytes, counted = { unknown: 0 }) {
  let at = 0;
  let lastNumber = 0;
  const varint = () => {
    const { value, end } = varintAt(bytes, at, message.name);
    at = end;
    return value;
  };
  /** @param {number | bigint} length */
  const take = (length) => {
    wellFormed(length <= bytes.length - at, `${message.name}: a length past the end`);
    at += Number(length);
    return bytes.subarray(at - Number(length), at);
  };

  const result = /** @type {Decoded} */ ({ present: new Set() });
  for (const { name, type, repeated } of Object.values(message.fields)) {
    if (repeated === undefined) result[name] = DEFAULTS[/** @type {Scalar} */ (type)];
    else result[name] = [];
  }
  while (at < bytes.length) {
    const key = varint();
    const number = Number(key >> 3n);
    const wireType = Number(key & 7n);
    wellFormed(number >= 1 && number <= LAST_FIELD, `${message.name}: no field has this number`);
    const field = message.fields[number];
    if (field === undefined) {
      if (number <= (message.noUnknownUpTo ?? 0))
        throw new Refused(
          message.canonical ? "malformed" : "unsupported",
          `${message.name}: the field ${number} is not known`,
        );
      wellFormed(++counted.unknown <= UNKNOWN_FIELDS, `${message.name}: too many unknown fields`);
      if (wireType === 0) varint();
      else if (wireType === 1) take(8);
      else if (wireType === 2) take(varint());
      else if (wireType === 5) take(4);
      else wellFormed(false, `${message.name}: an unknown wire type`);
      continue;
    }
    wellFormed(
      wireType === (NUMBERS.has(field.type) ? 0 : 2),
      `${message.name}.${field.name}: of another wire type`,
    );
    if (field.repeated === undefined)
      wellFormed(!result.present.has(number), `${message.name}.${field.name}: occurs twice`);
    else
      wellFormed(
        result[field.name].length < field.repeated,
        `${message.name}.${field.name}: occurs too often`,
      );
    if (message.canonical) wellFormed(number > lastNumber, `${message.name}: fields out of order`);
    lastNumber = number;
    result.present.add(number);
    const value = fieldValue(message, field, counted, wireType === 0 ? varint() : take(varint()));
    if (message.canonical)
      wellFormed(
        value instanceof Uint8Array ? value.length > 0 : value !== 0,
        `${message.name}.${field.name}: a default that is written`,
      );
    if (field.repeated === undefined) result[field.name] = value;
    else result[field.name].push(value);
  }
  return result;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} from
 * @param {string} what for the error
 */
function varintAt(bytes, from, what) {
  let value = 0n;
  for (let [at, shift] = [from, 0n]; ; shift += 7n) {
    wellFormed(at < bytes.length, `${what}: cut short`);
    const byte = bytes[at++];
    wellFormed(shift < 63n || byte <= 1, `${what}: a number of more than 64 bits`);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) {
      wellFormed(byte !== 0 || shift === 0n, `${what}: a number that is not in its shortest form`);
      return { value, end: at };
    }
  }
}

/**
 * Varints, one after the other, each as in a `uint64`.
 *
 * @param {Uint8Array} packed
 * @param {string} what for the error
 */
export function packedNumbers(packed, what) {
  const numbers = [];
  for (let at = 0; at < packed.length; ) {
    const { value, end } = varintAt(packed, at, what);
    wellFormed(value <= Number.MAX_SAFE_INTEGER, `${what}: a number that is too large`);
    numbers.push(Number(value));
    at = end;
  }
  return numbers;
}

/**
 * @param {Message} message
 * @param {Field} field
 * @param {{ unknown: number }} counted
 * @param {bigint | Uint8Array} read
 */
function fieldValue(message, field, counted, read) {
  if (typeof read === "bigint") {
    if (field.type === "int64") return read;
    const most = field.type === "uint32" ? 2 ** 32 - 1 : Number.MAX_SAFE_INTEGER;
    wellFormed(read <= most, `${message.name}.${field.name}: a number that is too large`);
    return Number(read);
  }
  wellFormed(read.length <= (field.most ?? read.length), `${message.name}.${field.name}: too long`);
  return field.type === "bytes" ? read.slice() : decode(/** @type {Message} */ (field.type), read, counted);
}
