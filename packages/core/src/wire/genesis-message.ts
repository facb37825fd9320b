// The message Genesis, which has exactly one encoding; docs/protocol.md, "Messages" and "Identity".

import { bytesEqual } from "../bytes.ts";
import { HASH_BYTES } from "../crypto/sha256.ts";
import { UnsupportedError } from "../errors/index.ts";
import { EMPTY, ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { fieldOf, invalid, malformed, type Refuse } from "./refusal.ts";

/** The version of the genesis record that this code writes and reads. */
const GENESIS_VERSION = 1;

/** The most bytes of a genesis record that are read. One of version 1 has fewer than 100. */
const MAX_GENESIS_BYTES = 1024;

const SIGNING_KEY_BYTES = 32;
const IDENTIFIERS = ["sha256", "mvds"] as const;
const VISIBILITIES = ["private", "public"] as const;

/** The record that a log begins with, and that never changes (`vac.cas.Genesis`). The log id is the hash of its bytes. */
export interface WireGenesis {
  /** Version of the format: 1. */
  readonly version: number;
  /** The Ed25519 public key that signs the log's checkpoints, 32 bytes. */
  readonly signingKey: Uint8Array;
  /** SHA-256 of the public recovery key, 32 bytes; empty if the log has none. */
  readonly recoveryKeyHash: Uint8Array;
  /** What entries are identified by: the SHA-256 of their content, or their 2/MVDS message id. */
  readonly identifiers: "sha256" | "mvds";
  /** Whether storage can read the contents. */
  readonly visibility: "private" | "public";
  /** Entries in a full leaf page: a power of two from 1 to 65,536. */
  readonly leafSize: number;
  /** References in a full index node: a power of two from 2 to 256. */
  readonly fanOut: number;
  /** Whether the contents of a private log are sealed as they are, without padding. Absent if they are padded, or not sealed. */
  readonly unpadded?: true;
}

/**
 * Encodes a genesis record, in the one form that {@link decodeGenesis} accepts.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED` for another version than 1
 * @throws InvalidInputError `ERR_INVALID_INPUT` if a part is not as {@link WireGenesis} says
 */
export function encodeGenesis(genesis: WireGenesis): Uint8Array {
  if (genesis.version !== GENESIS_VERSION) throw unsupported(genesis.version, "wire.encode");
  checkGenesis(genesis, invalid);
  return writeGenesis(genesis);
}

/**
 * Decodes a genesis record. What it returns are views of `bytes`. The log id is the hash of these bytes, so each
 * record has exactly one encoding: no field may be unknown, out of order, or hold its default.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED` for a version over 1
 * @throws MalformedError `ERR_MALFORMED` for anything else but one canonical record of version 1
 */
export function decodeGenesis(bytes: Uint8Array): WireGenesis {
  const reader = new ProtobufReader(bytes, "Genesis", { maxBytes: MAX_GENESIS_BYTES });
  let version: number | undefined;
  let signingKey: Uint8Array | undefined;
  let recoveryKeyHash: Uint8Array | undefined;
  let identifiers: number | undefined;
  let visibility: number | undefined;
  let leafSize: number | undefined;
  let fanOut: number | undefined;
  let unpadded: number | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        version = reader.uint32Once("version", version);
        // At once: this code cannot judge the other fields of a later version.
        if (version > GENESIS_VERSION) throw unsupported(version, "wire.decode");
        break;
      case 2:
        signingKey = reader.bytesOnce("signingKey", signingKey);
        break;
      case 3:
        recoveryKeyHash = reader.bytesOnce("recoveryKeyHash", recoveryKeyHash);
        break;
      case 4:
        identifiers = reader.uint32Once("identifiers", identifiers);
        break;
      case 5:
        visibility = reader.uint32Once("visibility", visibility);
        break;
      case 6:
        leafSize = reader.uint32Once("leafSize", leafSize);
        break;
      case 7:
        fanOut = reader.uint32Once("fanOut", fanOut);
        break;
      case 9:
        unpadded = reader.uint32Once("unpadded", unpadded);
        if (unpadded > 1) throw reader.malformed("unpadded", `holds ${unpadded}, which means nothing`);
        break;
      default:
        throw reader.malformed(`${reader.field}`, "is unknown, and a record of version 1 has no others");
    }
  }
  if (version !== GENESIS_VERSION) throw reader.malformed("version", "is missing");
  const genesis: WireGenesis = {
    version,
    signingKey: signingKey ?? EMPTY,
    recoveryKeyHash: recoveryKeyHash ?? EMPTY,
    identifiers: named(IDENTIFIERS, identifiers, "identifiers"),
    visibility: named(VISIBILITIES, visibility, "visibility"),
    leafSize: leafSize ?? 0,
    fanOut: fanOut ?? 0,
    ...(unpadded === 1 && { unpadded: true }),
  };
  checkGenesis(genesis, malformed);
  if (!bytesEqual(writeGenesis(genesis), bytes)) {
    throw malformed(
      "message Genesis",
      "is not in its canonical form: each field once, in order, none that is empty",
    );
  }
  return genesis;
}

function writeGenesis(genesis: WireGenesis): Uint8Array {
  const writer = new ProtobufWriter("Genesis");
  writer.uint32(1, genesis.version);
  writer.bytes(2, genesis.signingKey);
  writer.bytes(3, genesis.recoveryKeyHash);
  writer.uint32(4, IDENTIFIERS.indexOf(genesis.identifiers));
  writer.uint32(5, VISIBILITIES.indexOf(genesis.visibility));
  writer.uint32(6, genesis.leafSize);
  writer.uint32(7, genesis.fanOut);
  writer.uint32(9, genesis.unpadded === true ? 1 : 0);
  return writer.finish();
}

function checkGenesis(genesis: WireGenesis, refuse: Refuse): void {
  const { signingKey, recoveryKeyHash, leafSize, fanOut, visibility, unpadded } = genesis;
  if (signingKey.length !== SIGNING_KEY_BYTES) {
    throw refuse(
      fieldOf("Genesis", "signingKey"),
      `has ${signingKey.length} bytes, not ${SIGNING_KEY_BYTES}`,
    );
  }
  if (recoveryKeyHash.length !== 0 && recoveryKeyHash.length !== HASH_BYTES) {
    throw refuse(
      fieldOf("Genesis", "recoveryKeyHash"),
      `has ${recoveryKeyHash.length} bytes, not ${HASH_BYTES} or none`,
    );
  }
  checkPowerOfTwo(leafSize, 1, 65_536, "leafSize", refuse);
  checkPowerOfTwo(fanOut, 2, 256, "fanOut", refuse);
  if (unpadded === true && visibility === "public") {
    throw refuse(fieldOf("Genesis", "unpadded"), "is set, and a public log seals nothing");
  }
}

function checkPowerOfTwo(value: number, least: number, most: number, field: string, refuse: Refuse): void {
  if (!Number.isInteger(value) || value < least || value > most || (value & (value - 1)) !== 0) {
    throw refuse(fieldOf("Genesis", field), `is ${value}, not a power of two from ${least} to ${most}`);
  }
}

function named<T>(names: readonly T[], value: number | undefined, field: string): T {
  const name = names[value ?? 0];
  if (name === undefined) throw malformed(fieldOf("Genesis", field), `holds ${value}, which means nothing`);
  return name;
}

function unsupported(version: number, operation: string): UnsupportedError {
  return new UnsupportedError(
    `The genesis record is of version ${version}, and only version ${GENESIS_VERSION} is known here. ` +
      "A newer release may know it.",
    { operation },
  );
}
