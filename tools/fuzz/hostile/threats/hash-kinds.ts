// T12: kinds of hash that prove nothing, and addresses that are none.

import { type ThreatFile, threat } from "../fixture.ts";
import { cid, field, hash, hex } from "../parts.ts";
import { table } from "../refusals.ts";

/** Fixtures of T12. */
export function hashKinds(): readonly ThreatFile[] {
  return [
    threat("T12", "Kinds of hash that prove nothing", [
      ...table(
        "storage-address",
        [
          ["identity", "The identity hash: the address is the content.", hex(cid(0x55, 0x00, hash(1)))],
          ["sha1", "SHA-1.", hex(cid(0x55, 0x11, hash(1).subarray(0, 20)))],
          ["md5", "MD5.", hex(cid(0x55, 0xd5, hash(1).subarray(0, 16)))],
          ["sha2-256-cut-to-20", "SHA-256 cut to 20 bytes.", hex(cid(0x55, 0x12, hash(1).subarray(0, 20)))],
          ["sha2-256-cut-to-1", "SHA-256 cut to one byte.", hex(cid(0x55, 0x12, Uint8Array.of(1)))],
          ["sha2-256-of-64", "SHA-256 with 64 bytes.", hex(cid(0x55, 0x12, new Uint8Array(64)))],
          ["sha2-512", "SHA-512, which this storage does not use.", hex(cid(0x55, 0x13, new Uint8Array(64)))],
          ["sha3-256", "SHA3-256.", hex(cid(0x55, 0x16, hash(1)))],
          ["keccak-256", "Keccak-256.", hex(cid(0x55, 0x1b, hash(1)))],
          ["blake2b-256", "BLAKE2b-256.", hex(cid(0x55, 0xb220, hash(1)))],
          ["dbl-sha2-256", "SHA-256 twice.", hex(cid(0x55, 0x56, hash(1)))],
          ["dag-pb", "SHA-256 of a node of a graph, not of raw bytes.", hex(cid(0x70, 0x12, hash(1)))],
          ["dag-cbor", "SHA-256 of CBOR, not of raw bytes.", hex(cid(0x71, 0x12, hash(1)))],
          ["libp2p-key", "The codec of keys.", hex(cid(0x72, 0x12, hash(1)))],
          ["swarm-manifest", "The codec of Swarm.", hex(cid(0xfa, 0x1b, hash(1)))],
        ],
        "ERR_INTEGRITY",
      ),
      {
        name: "raw-sha2-256",
        why: "The one kind that this storage uses.",
        decode: "storage-address",
        input: hex(cid(0x55, 0x12, hash(1))),
        expect: "accepted",
        means: "raw sha2-256",
      },
      ...table("address", [
        ["no-digest", "A digest of no bytes.", hex(cid(0x55, 0x12, new Uint8Array(0)))],
        ["digest-of-65", "A digest of 65 bytes.", hex(cid(0x55, 0x12, new Uint8Array(65)))],
        [
          "digest-shorter-than-said",
          "A digest that lacks a byte.",
          hex(cid(0x55, 0x12, hash(1).subarray(1), 32)),
        ],
        ["digest-longer-than-said", "A byte after the digest.", hex(cid(0x55, 0x12, new Uint8Array(33), 32))],
        ["version-0", "A multihash without a version (CIDv0).", hex([0x12, 0x20], hash(1))],
        ["version-2", "A version that does not exist.", hex([2, 0x55, 0x12, 0x20], hash(1))],
        [
          "padded-codec",
          "A codec that is not in its shortest form.",
          hex([1, 0xd5, 0x00, 0x12, 0x20], hash(1)),
        ],
        [
          "padded-version",
          "A version that is not in its shortest form.",
          hex([0x81, 0x00, 0x55, 0x12, 0x20], hash(1)),
        ],
        [
          "huge-codec",
          "A codec of more than 53 bits.",
          hex([1], new Uint8Array(8).fill(0xff), [0x7f, 0x12, 0x20], hash(1)),
        ],
        ["empty", "No bytes.", hex()],
        ["version-only", "A version and nothing else.", hex([1])],
      ]),
      ...table("pairs", [
        [
          "pair-repeats-content-hash",
          "A raw SHA-256 address with the same hash beside it.",
          hex(
            field(1, [...field(1, cid(0x55, 0x12, hash(1))), ...field(2, hash(1)), ...field(100, hash(1))]),
          ),
        ],
        [
          "pair-other-content-hash",
          "A raw SHA-256 address with another hash beside it.",
          hex(
            field(1, [...field(1, cid(0x55, 0x12, hash(1))), ...field(2, hash(2)), ...field(100, hash(2))]),
          ),
        ],
        [
          "pair-lacks-content-hash",
          "An address that is no SHA-256 of the content, and no hash beside it.",
          hex(field(1, [...field(1, cid(0xfa, 0x1b, hash(1))), ...field(2, hash(1))])),
        ],
        [
          "pair-data-and-address",
          "Embedded data and an address.",
          hex(field(1, [...field(1, cid(0x55, 0x12, hash(1))), ...field(2, hash(1)), ...field(3, [1])])),
        ],
        [
          "pair-data-and-hash",
          "Embedded data and a hash of it.",
          hex(field(1, [...field(2, hash(1)), ...field(3, [1]), ...field(100, hash(1))])),
        ],
      ]),
    ]),
  ];
}
