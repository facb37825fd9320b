// The genesis record, whose hash is the log id; docs/protocol.md, "Identity".

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "../crypto/sha256.ts";
import { InvalidInputError } from "../errors/index.ts";
import { decodeGenesis, encodeGenesis } from "../wire/genesis-message.ts";

/** How the entries of a log are identified: by SHA-256 of the content, or by the id of the MVDS message in it. */
export type Identifiers = "sha256" | "mvds";

/** Whether storage can read the contents. */
export type Visibility = "public" | "private";

/** How long contents look once they are sealed: rounded up by Padmé, or as they are. */
export type Padding = "padme" | "none";

/** What a log fixes for good, besides its keys. */
export interface GenesisSettings {
  /** How entries are identified. */
  readonly identifiers: Identifiers;
  /** Whether storage can read the contents: `"private"`, the default, or `"public"`. */
  readonly visibility: Visibility;
  /**
   * Entries in a full leaf page: a power of two, 1 to 16,384. Logs of an earlier version may have up to 65,536: they are
   * read and continued, and take only entries that fit.
   */
  readonly leafSize: number;
  /**
   * Refs in a full index node: a power of two, 2 to 256. A head shows at most 16 levels of nodes, so that a log is full at
   * some size: with 2, and with 4 and pages of fewer than 256 entries, before 2^40 entries. A new log has such settings only
   * if its writer says that fewer are enough (`leastCapacity`).
   */
  readonly fanOut: number;
  /**
   * Whether the contents of a private log are padded before they are sealed, so that storage sees a length that many contents
   * share: at least 32 bytes, and at most 12 % more than there is. Default `"padme"`. A public log has none.
   */
  readonly padding?: Padding | undefined;
}

/** The record that begins a log. The log id is its hash, so that a link to a log authenticates all of it. */
export interface Genesis extends GenesisSettings {
  /** Ed25519 public key that signs the checkpoints, 32 bytes. */
  readonly signingKey: Uint8Array;
  /** SHA-256 of the public recovery key, 32 bytes; absent if the log has none. */
  readonly recoveryKeyHash?: Uint8Array;
}

/** The settings that fit most logs: private, with padding; pages of 8 entries, 128 refs to an index node. */
export const defaultSettings: GenesisSettings = {
  identifiers: "sha256",
  visibility: "private",
  padding: "padme",
  leafSize: 8,
  fanOut: 128,
};

/** A genesis record together with its bytes and the log id that follows from them. */
export interface IdentifiedGenesis {
  /** What the record says. */
  readonly genesis: Genesis;
  /** The record as stored. */
  readonly bytes: Uint8Array;
  /** SHA-256 of the record, as 64 lower-case hexadecimal digits. */
  readonly logId: string;
}

/** Makes the genesis record of a new log. */
export function createGenesis(genesis: Genesis): IdentifiedGenesis {
  return readGenesis(
    encodeGenesis({
      version: 1,
      signingKey: genesis.signingKey,
      recoveryKeyHash: genesis.recoveryKeyHash ?? new Uint8Array(0),
      identifiers: genesis.identifiers,
      visibility: genesis.visibility,
      leafSize: genesis.leafSize,
      fanOut: genesis.fanOut,
      ...(genesis.visibility === "private" && genesis.padding === "none" && { unpadded: true }),
    }),
  );
}

/**
 * Reads a genesis record.
 *
 * @throws MalformedError `ERR_MALFORMED`
 * @throws UnsupportedError `ERR_UNSUPPORTED` for a format version that this package does not know
 */
export function readGenesis(bytes: Uint8Array): IdentifiedGenesis {
  const wire = decodeGenesis(bytes);
  const genesis: Genesis = {
    signingKey: wire.signingKey,
    identifiers: wire.identifiers,
    visibility: wire.visibility,
    leafSize: wire.leafSize,
    fanOut: wire.fanOut,
    ...(wire.recoveryKeyHash.length > 0 && { recoveryKeyHash: wire.recoveryKeyHash }),
    ...(wire.visibility === "private" && { padding: wire.unpadded === true ? "none" : "padme" }),
  };
  return { genesis, bytes, logId: logIdOf(bytes) };
}

/** The id of the log that a genesis record begins: the SHA-256 of its bytes, as 64 hexadecimal digits. */
export function logIdOf(genesis: Uint8Array): string {
  return bytesToHex(sha256(genesis));
}

/**
 * Checks the text form of a log id: 64 lower-case hexadecimal digits.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for anything else
 */
export function checkLogId(logId: string): Uint8Array {
  if (typeof logId !== "string" || !/^[0-9a-f]{64}$/.test(logId)) {
    throw new InvalidInputError(
      "A log id is 64 lower-case hexadecimal digits. Copy it whole, as the writer's device shows it.",
      { operation: "log-id.check" },
    );
  }
  return hexToBytes(logId);
}
