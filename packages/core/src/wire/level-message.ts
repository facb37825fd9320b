// The message Level, a part of a head; docs/protocol.md, "Messages".

import type { ProtobufReader } from "./protobuf-reader.ts";
import { EMPTY } from "./protobuf-reader.ts";
import type { ProtobufWriter } from "./protobuf-writer.ts";
import { checkAddress, checkPackedHashes, checkReferences, type ReferenceLimits } from "./references.ts";
import { malformed, type Refuse } from "./refusal.ts";

/** One level of the index, as a head holds it (`vac.cas.Level`). */
export interface WireLevel {
  /** Binary address of the index node that this level refers to; empty if there is none. */
  readonly node: Uint8Array;
  /** Merkle hashes that go with `node`, 32 bytes each, one after the other. */
  readonly peaks: Uint8Array;
  /** Binary addresses of the references that the head holds itself. */
  readonly addresses: readonly Uint8Array[];
  /** The Merkle hashes of the subtrees behind `addresses`, 32 bytes each, one after the other. */
  readonly hashes: Uint8Array;
}

/** Refuses a level over the limits, or one whose hashes don't fit. */
export function checkLevel(level: WireLevel, limits: ReferenceLimits, refuse: Refuse): void {
  checkAddress(level.node, limits.maxAddressBytes, "Level", "node", refuse);
  checkPackedHashes(level.peaks, "Level", "peaks", refuse);
  checkReferences(level.addresses, level.hashes, limits, "Level", refuse);
}

/** Writes the fields of a level that was checked. */
export function writeLevel(writer: ProtobufWriter, level: WireLevel): void {
  writer.bytes(1, level.node);
  writer.bytes(2, level.peaks);
  for (const address of level.addresses) writer.element(3, address);
  writer.bytes(4, level.hashes);
}

/**
 * Reads a level to the end of its reader.
 *
 * @throws MalformedError `ERR_MALFORMED` if it is not one within the limits
 */
export function readLevel(reader: ProtobufReader, limits: ReferenceLimits): WireLevel {
  const addresses: Uint8Array[] = [];
  let node: Uint8Array | undefined;
  let peaks: Uint8Array | undefined;
  let hashes: Uint8Array | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        node = reader.bytesOnce("node", node);
        break;
      case 2:
        peaks = reader.bytesOnce("peaks", peaks);
        break;
      case 3:
        reader.limit("address", addresses.length, limits.maxReferences);
        addresses.push(reader.bytes("address"));
        break;
      case 4:
        hashes = reader.bytesOnce("hashes", hashes);
        break;
      default:
        reader.skip();
    }
  }
  const level: WireLevel = { node: node ?? EMPTY, peaks: peaks ?? EMPTY, addresses, hashes: hashes ?? EMPTY };
  checkLevel(level, limits, malformed);
  return level;
}
