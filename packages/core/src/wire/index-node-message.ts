// The message IndexNode; docs/protocol.md, "Messages".

import { withDefaults } from "../with-defaults.ts";
import { DEFAULT_WIRE_LIMITS, type WireLimits } from "./limits.ts";
import { EMPTY, ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { checkReferences } from "./references.ts";
import { invalid, malformed } from "./refusal.ts";

/** An index node as it is stored (`vac.cas.IndexNode`): references to the level below it, oldest first. */
export interface WireIndexNode {
  /** Binary addresses, one for each reference; empty if the page is in a bundle alone. */
  readonly addresses: readonly Uint8Array[];
  /** The Merkle hashes of the subtrees behind the addresses, 32 bytes each, one after the other. */
  readonly hashes: Uint8Array;
  /** Pages that are stored together, oldest first: a message `Bundle` for each. Default: none. */
  readonly bundles?: readonly Uint8Array[];
}

/**
 * Encodes an index node. The same node always gives the same bytes.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for more than 256 references, an address of more than 128 bytes,
 * or another number of hashes than of addresses
 */
export function encodeIndexNode(node: WireIndexNode): Uint8Array {
  checkReferences(node.addresses, node.hashes, DEFAULT_WIRE_LIMITS, "IndexNode", invalid);
  const writer = new ProtobufWriter("IndexNode", 512 + node.hashes.length * 3);
  for (const address of node.addresses) writer.element(1, address);
  writer.bytes(2, node.hashes);
  for (const bundle of node.bundles ?? []) writer.element(3, bundle);
  return writer.finish();
}

/**
 * Decodes an index node. What it returns are views of `bytes`; unknown fields are skipped.
 *
 * @param limits - `maxBytes`, `maxReferences`, `maxAddressBytes` and `maxUnknownFields` apply; the defaults are
 * {@link DEFAULT_WIRE_LIMITS}
 * @throws MalformedError `ERR_MALFORMED` for anything but exactly one such message within the limits
 */
export function decodeIndexNode(bytes: Uint8Array, limits?: WireLimits): WireIndexNode {
  const bounds = withDefaults(DEFAULT_WIRE_LIMITS, limits);
  const reader = new ProtobufReader(bytes, "IndexNode", bounds);
  const addresses: Uint8Array[] = [];
  const bundles: Uint8Array[] = [];
  let hashes: Uint8Array | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.limit("address", addresses.length, bounds.maxReferences);
        addresses.push(reader.bytes("address"));
        break;
      case 2:
        hashes = reader.bytesOnce("hashes", hashes);
        break;
      case 3:
        reader.limit("bundle", bundles.length, bounds.maxReferences);
        bundles.push(reader.bytes("bundle"));
        break;
      default:
        reader.skip();
    }
  }
  const node: WireIndexNode = {
    addresses,
    hashes: hashes ?? EMPTY,
    ...(bundles.length > 0 && { bundles }),
  };
  checkReferences(node.addresses, node.hashes, bounds, "IndexNode", malformed);
  return node;
}
