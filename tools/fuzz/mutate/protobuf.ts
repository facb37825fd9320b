// Mutations of Protocol Buffers messages: they know fields, varints and lengths.

import { concatBytes } from "../../../packages/core/src/bytes.ts";
import type { Random } from "../random.ts";
import { type Mutator, mutateBytes } from "./bytes.ts";

/** The fields of a message that are messages themselves, by number. */
export interface Schema {
  readonly [field: number]: Schema;
}

/** A field as it is written, valid or not. */
interface Field {
  number: number;
  wireType: number;
  /** The bytes of a number; of a length-delimited field its payload, or the fields in it. */
  payload: Uint8Array | Field[];
  /** The length that is claimed, if that is not the true one. */
  claimed?: number;
  /** How many bytes longer than needed the number of the field is written, and its length. */
  paddedTag: number;
  paddedLength: number;
}

const NUMBERS = [
  0,
  1,
  2,
  3,
  4,
  5,
  6,
  7,
  8,
  9,
  99,
  100,
  101,
  102,
  103,
  104,
  6001,
  6002,
  6003,
  6004,
  2 ** 29 - 1,
  2 ** 29,
];
const LENGTHS = [
  0,
  1,
  127,
  128,
  2 ** 14,
  2 ** 21,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 50,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
];
const HASH_LENGTHS = [0, 1, 31, 33, 64, 128, 129];

/** Reads a varint of a valid message. */
function readNumber(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let scale = 1;
  for (let end = start; ; end++) {
    const byte = bytes[end];
    if (byte === undefined) throw new RangeError("no whole message");
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) return { value, end: end + 1 };
  }
}

/** The fields of a valid message. */
function parse(bytes: Uint8Array, schema: Schema): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = readNumber(bytes, at);
    const [number, wireType] = [Math.floor(tag.value / 8), tag.value % 8];
    let end: number;
    let payload: Field["payload"];
    if (wireType === 2) {
      const length = readNumber(bytes, tag.end);
      end = length.end + length.value;
      if (end > bytes.length) throw new RangeError("no whole message");
      const held = bytes.subarray(length.end, end);
      const inner = schema[number];
      payload = inner === undefined ? held : parse(held, inner);
    } else {
      end = wireType === 0 ? readNumber(bytes, tag.end).end : tag.end + (wireType === 1 ? 8 : 4);
      payload = bytes.subarray(tag.end, end);
    }
    fields.push({ number, wireType, payload, paddedTag: 0, paddedLength: 0 });
    at = end;
  }
  return fields;
}

/** A number as a varint, in as many bytes more than needed as wanted. */
function varint(value: number, padding: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  for (let i = 0; i < padding; i++) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(0);
  }
  return Uint8Array.from(bytes);
}

function write(fields: readonly Field[]): Uint8Array {
  return concatBytes(
    fields.flatMap(({ number, wireType, payload, claimed, paddedTag, paddedLength }) => {
      const tag = varint(number * 8 + wireType, paddedTag);
      const bytes = Array.isArray(payload) ? write(payload) : payload;
      if (wireType !== 2) return [tag, bytes];
      return [tag, varint(claimed ?? bytes.length, paddedLength), bytes];
    }),
  );
}

/** A copy that shares no list of fields, so that no field can come to be part of itself. */
function copyOf(field: Field): Field {
  const { payload } = field;
  return { ...field, payload: Array.isArray(payload) ? payload.map(copyOf) : payload };
}

/** Every list of fields in a message: its own, and those of the messages in it. */
function listsIn(fields: Field[]): Field[][] {
  return [fields, ...fields.flatMap(({ payload }) => (Array.isArray(payload) ? listsIn(payload) : []))];
}

type Way = (fields: Field[], at: number, random: Random, others: readonly Field[]) => void;

const ways: readonly Way[] = [
  // Drops it.
  (fields, at) => fields.splice(at, 1),
  // Repeats it, next to itself, at the end, or many times.
  (fields, at, random) => {
    const times = random.oneIn(200) ? random.length(1500) : 1;
    const copies = Array.from({ length: times }, () => copyOf(fields[at]!));
    fields.splice(random.oneIn(2) ? at : fields.length, 0, ...copies);
  },
  // Exchanges it with another.
  (fields, at, random) => {
    const to = random.below(fields.length);
    [fields[at], fields[to]] = [fields[to]!, fields[at]!];
  },
  // Exchanges what it holds with what another holds.
  (fields, at, random) => {
    const to = fields[random.below(fields.length)]!;
    [fields[at]!.payload, to.payload] = [to.payload, fields[at]!.payload];
  },
  // Reverses the order.
  (fields) => fields.reverse(),
  // Gives it another number, another type.
  (fields, at, random) => {
    fields[at]!.number = random.pick(NUMBERS);
  },
  (fields, at, random) => {
    fields[at]!.wireType = random.below(8);
  },
  // Writes its number or its length longer than needed.
  (fields, at, random) => {
    fields[at]!.paddedTag = 1 + random.below(9);
  },
  (fields, at, random) => {
    fields[at]!.paddedLength = 1 + random.below(9);
  },
  // Claims another length.
  (fields, at, random) => {
    const { payload } = fields[at]!;
    const length = Array.isArray(payload) ? write(payload).length : payload.length;
    fields[at]!.claimed = random.oneIn(2) ? random.pick(LENGTHS) : Math.max(0, length + random.below(5) - 2);
  },
  // Replaces what it holds: by bytes of a length that matters, a number that matters, mutated bytes, a part of another.
  (fields, at, random) => {
    const field = fields[at]!;
    const old = Array.isArray(field.payload) ? write(field.payload) : field.payload;
    const length = random.pick(HASH_LENGTHS);
    const bytes = new Uint8Array(length);
    bytes.set(old.subarray(0, length));
    field.payload = field.wireType === 0 ? varint(random.pick(LENGTHS), random.oneIn(4) ? 1 : 0) : bytes;
  },
  (fields, at, random) => {
    const field = fields[at]!;
    const old = Array.isArray(field.payload) ? write(field.payload) : field.payload;
    field.payload = mutateBytes(old, old, random);
  },
  (fields, at, random) => {
    const field = fields[at]!;
    if (field.payload.length > 0 && !Array.isArray(field.payload)) {
      const bytes = field.payload.slice();
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
      field.payload = bytes;
    }
  },
  // Inserts one of another message, or replaces it by that.
  (fields, at, random, others) => {
    if (others.length > 0) fields.splice(at, random.below(2), copyOf(random.pick(others)));
  },
  // Inserts one that nobody knows.
  (fields, at, random) => {
    const wireType = random.pick([0, 1, 2, 2, 5, 3, 4]);
    const payload =
      wireType === 0 ? varint(random.below(300), 0) : random.bytes([0, 8, 3, 0, 0, 4][wireType]!);
    const field: Field = { number: random.pick(NUMBERS), wireType, payload, paddedTag: 0, paddedLength: 0 };
    const times = random.oneIn(200) ? 1 + random.length(1100) : 1;
    fields.splice(at, 0, ...Array.from({ length: times }, () => field));
  },
  // Puts it into itself.
  (fields, at) => {
    fields[at] = { ...fields[at]!, payload: [copyOf(fields[at]!)], wireType: 2 };
  },
];

/**
 * Mutations that know the fields of a message.
 *
 * @param schema - which fields are messages themselves
 */
export function mutateProtobuf(schema: Schema): Mutator {
  return (seed, other, random) => {
    const message = parse(seed, schema);
    const others = random.pick(listsIn(parse(other, schema)));
    for (let left = 1 + random.length(3); left > 0; left--) {
      const fields = random.pick(listsIn(message));
      if (fields.length === 0) fields.push(...others.slice(0, 1).map(copyOf));
      if (fields.length > 0) random.pick(ways)(fields, random.below(fields.length), random, others);
    }
    return write(message);
  };
}

/** Mutations of numbers that stand one after the other before some bytes, as in a binary CID: pads, drops, repeats or sets one. */
export const mutateNumbers: Mutator = (seed, _other, random) => {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (let count = 0; count < 4; count++) {
    const { value, end } = readNumber(seed, at);
    parts.push(varint(value, 0));
    at = end;
  }
  const chosen = random.below(parts.length);
  const { value } = readNumber(parts[chosen]!, 0);
  const replacement = random.pick([
    [varint(value, 1 + random.below(9))],
    [],
    [parts[chosen]!, parts[chosen]!],
    [varint(random.pick(LENGTHS), 0)],
    [varint(random.below(256), 0)],
  ]);
  parts.splice(chosen, 1, ...replacement);
  return concatBytes([...parts, seed.subarray(at)]);
};
