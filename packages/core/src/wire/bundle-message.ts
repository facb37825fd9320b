// The message Bundle, a part of an index node; docs/protocol.md, "Bundles".

import { DEFAULT_WIRE_LIMITS } from "./limits.ts";
import { EMPTY, ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { checkAddress } from "./references.ts";
import { fieldOf, invalid, malformed, type Refuse } from "./refusal.ts";
import { readVarint, varintBytes } from "./varint.ts";

/** Pages that are stored together, as an index node holds them (`vac.cas.Bundle`). */
export interface WireBundle {
  /** Number of the first page, counted from the first reference of the node. */
  readonly first: number;
  /** Binary address of the object. */
  readonly address: Uint8Array;
  /** How many bytes the pairs of each page take in it, oldest page first: so it says how many pages there are. */
  readonly lengths: readonly number[];
}

/**
 * Encodes a bundle of an index node.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for one without address, an address of more than 128 bytes, or more than 256 lengths
 */
export function encodeWireBundle(bundle: WireBundle): Uint8Array {
  checkBundle(bundle, invalid);
  const writer = new ProtobufWriter("Bundle");
  writer.uint32(1, bundle.first);
  writer.bytes(2, bundle.address);
  writer.bytes(3, packNumbers(bundle.lengths));
  return writer.finish();
}

/**
 * Decodes a bundle of an index node; unknown fields are skipped.
 *
 * @throws MalformedError `ERR_MALFORMED` for anything but exactly one such message within the limits
 */
export function decodeWireBundle(bytes: Uint8Array): WireBundle {
  const reader = new ProtobufReader(bytes, "Bundle", DEFAULT_WIRE_LIMITS);
  let first: number | undefined;
  let address: Uint8Array | undefined;
  let lengths: Uint8Array | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        first = reader.uint32Once("first", first);
        break;
      case 2:
        address = reader.bytesOnce("address", address);
        break;
      case 3:
        lengths = reader.bytesOnce("lengths", lengths);
        break;
      default:
        reader.skip();
    }
  }
  const bundle = { first: first ?? 0, address: address ?? EMPTY, lengths: unpackNumbers(lengths ?? EMPTY) };
  checkBundle(bundle, malformed);
  return bundle;
}

function checkBundle({ address, lengths }: WireBundle, refuse: Refuse): void {
  const { maxAddressBytes, maxReferences } = DEFAULT_WIRE_LIMITS;
  checkAddress(address, maxAddressBytes, "Bundle", "address", refuse);
  if (address.length === 0) throw refuse(fieldOf("Bundle", "address"), "is empty");
  if (lengths.length > maxReferences) {
    throw refuse(
      fieldOf("Bundle", "lengths"),
      `has ${lengths.length} elements, and at most ${maxReferences} are accepted`,
    );
  }
}

function packNumbers(numbers: readonly number[]): Uint8Array {
  return Uint8Array.from(numbers.flatMap((number) => [...varintBytes(number)]));
}

function unpackNumbers(packed: Uint8Array): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < packed.length; ) {
    const { value, end } = readVarint(packed, at, fieldOf("Bundle", "lengths"));
    numbers.push(value);
    at = end;
  }
  return numbers;
}
