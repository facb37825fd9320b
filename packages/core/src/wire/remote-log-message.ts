// The message RemoteLog of 3/REMOTE-LOG, with the fields from 100 up that we add; docs/protocol.md, "Messages".

import { concatBytes } from "../bytes.ts";
import { withDefaults } from "../with-defaults.ts";
import {
  HeadManifestFields,
  NO_MANIFEST,
  type WireHeadManifest,
  writeHeadManifest,
} from "./head-manifest-message.ts";
import { checkLevel, readLevel, type WireLevel, writeLevel } from "./level-message.ts";
import { DEFAULT_WIRE_LIMITS, type WireLimits } from "./limits.ts";
import { checkPair, readPair, type WirePair, writePair } from "./pair-message.ts";
import { EMPTY, ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { checkAddress } from "./references.ts";
import { fieldOf, invalid, malformed, type Refuse } from "./refusal.ts";

export type { WireHeadManifest } from "./head-manifest-message.ts";
export type { WireLevel } from "./level-message.ts";
export type { WirePair } from "./pair-message.ts";

/**
 * A page or a head (`vac.cas.RemoteLog` of 3/REMOTE-LOG; `pairs` and `tail` are the standard's, the rest lies in
 * fields from 100 up, which other readers skip). This codec does not check which parts belong together.
 */
export interface WireRemoteLog {
  /** The entries of the page, newest first. */
  readonly pairs: readonly WirePair[];
  /** Binary address of the next older page; empty on the oldest. */
  readonly tail: Uint8Array;
  /** The genesis record; empty if absent. */
  readonly genesis: Uint8Array;
  /** The checkpoint, a signed note in UTF-8; empty if absent. */
  readonly checkpoint: Uint8Array;
  /** The levels of the index, from the lowest (whose references are leaf pages) upwards. */
  readonly levels: readonly WireLevel[];
  /** Binary address of the head, if a name holds only a pointer to it; empty otherwise. */
  readonly head: Uint8Array;
  /** What the head says of the manifest. Absent if the log has none. */
  readonly manifest?: WireHeadManifest;
  /** Which remote this is, {@link REMOTE_ID_BYTES} bytes; what a name holds has it. Nothing signs it. Absent if there is none. */
  readonly remoteId?: Uint8Array;
  /** Where the content of the newest snapshot is, as a binary address. Nothing signs it, and it may be anything. Absent if there is none. */
  readonly snapshotContent?: Uint8Array;
}

/** The length of a remote's id, in bytes. */
export const REMOTE_ID_BYTES = 16;

/** Field 108 with the length of an id: what stands before the id. */
export const REMOTE_ID_TAG: Uint8Array = Uint8Array.of(0xe2, 0x06, REMOTE_ID_BYTES);

/** Field 111: what stands before the length of the address of the newest snapshot's content. */
export const SNAPSHOT_CONTENT_TAG: Uint8Array = Uint8Array.of(0xfa, 0x06);

/**
 * Encodes a page or a head. The same value always gives the same bytes, and {@link decodeRemoteLog} takes them.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if a part has a length that decoding refuses, or if
 * {@link DEFAULT_WIRE_LIMITS} are exceeded
 */
export function encodeRemoteLog(log: WireRemoteLog): Uint8Array {
  const { maxBytes, maxPairs, maxLevels, maxAddressBytes } = DEFAULT_WIRE_LIMITS;
  if (log.pairs.length > maxPairs) {
    throw invalid(
      fieldOf("RemoteLog", "pair"),
      `has ${log.pairs.length} elements, and at most ${maxPairs} may be`,
    );
  }
  if (log.levels.length > maxLevels) {
    throw invalid(
      fieldOf("RemoteLog", "level"),
      `has ${log.levels.length} elements, and at most ${maxLevels} may be`,
    );
  }
  checkAddress(log.tail, maxAddressBytes, "RemoteLog", "tail", invalid);
  checkAddress(log.head, maxAddressBytes, "RemoteLog", "head", invalid);
  if (log.remoteId !== undefined) checkRemoteId(log.remoteId, invalid);
  for (const pair of log.pairs) checkPair(pair, maxAddressBytes, invalid);
  for (const level of log.levels) checkLevel(level, DEFAULT_WIRE_LIMITS, invalid);

  const writer = new ProtobufWriter("RemoteLog", 1024);
  for (const pair of log.pairs) writer.message(1, pair, writePair);
  writer.bytes(2, log.tail);
  writer.bytes(100, log.genesis);
  writer.bytes(101, log.checkpoint);
  for (const level of log.levels) writer.message(102, level, writeLevel);
  writer.bytes(103, log.head);
  writeHeadManifest(writer, log.manifest ?? NO_MANIFEST);
  writer.bytes(111, log.snapshotContent ?? EMPTY);
  const head = writer.finish();
  // Behind all others, so that it can be appended to a head, and taken off again.
  const bytes = log.remoteId === undefined ? head : concatBytes([head, REMOTE_ID_TAG, log.remoteId]);
  if (bytes.length > maxBytes) {
    throw invalid("message RemoteLog", `has ${bytes.length} bytes, and at most ${maxBytes} may be`);
  }
  return bytes;
}

/**
 * Decodes a page or a head, including one from a writer that knows only the standard. What it returns are views of
 * `bytes`, which therefore may not be changed; unknown fields are skipped. Nothing in it is verified.
 *
 * @param limits - all but `maxParents` apply; the defaults are {@link DEFAULT_WIRE_LIMITS}
 * @throws MalformedError `ERR_MALFORMED` for anything but exactly one such message within the limits: cut short,
 * a number not in its shortest form, a singular field twice, a wire type that is not the field's, a group,
 * a hash that has not 32 bytes, another number of hashes than of addresses
 */
export function decodeRemoteLog(bytes: Uint8Array, limits?: WireLimits): WireRemoteLog {
  const bounds = withDefaults(DEFAULT_WIRE_LIMITS, limits);
  const reader = new ProtobufReader(bytes, "RemoteLog", bounds);
  const pairs: WirePair[] = [];
  const levels: WireLevel[] = [];
  let tail: Uint8Array | undefined;
  let genesis: Uint8Array | undefined;
  let checkpoint: Uint8Array | undefined;
  let head: Uint8Array | undefined;
  let remoteId: Uint8Array | undefined;
  let snapshotContent: Uint8Array | undefined;
  const fields = new HeadManifestFields();
  const pairWithin = (inner: ProtobufReader): WirePair => readPair(inner, bounds.maxAddressBytes);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.limit("pair", pairs.length, bounds.maxPairs);
        pairs.push(reader.within("pair", "Pair", pairWithin));
        break;
      case 2:
        tail = reader.bytesOnce("tail", tail);
        checkAddress(tail, bounds.maxAddressBytes, "RemoteLog", "tail", malformed);
        break;
      case 100:
        genesis = reader.bytesOnce("genesis", genesis);
        break;
      case 101:
        checkpoint = reader.bytesOnce("checkpoint", checkpoint);
        break;
      case 102:
        reader.limit("level", levels.length, bounds.maxLevels);
        levels.push(readLevel(reader.message("level", "Level"), bounds));
        break;
      case 103:
        head = reader.bytesOnce("head", head);
        checkAddress(head, bounds.maxAddressBytes, "RemoteLog", "head", malformed);
        break;
      case 108:
        remoteId = reader.bytesOnce("remoteId", remoteId);
        checkRemoteId(remoteId, malformed);
        break;
      case 111:
        snapshotContent = reader.bytesOnce("snapshotContent", snapshotContent);
        break;
      default:
        if (!fields.read(reader)) reader.skip();
    }
  }
  const manifest = fields.finish();
  return {
    pairs,
    tail: tail ?? EMPTY,
    genesis: genesis ?? EMPTY,
    checkpoint: checkpoint ?? EMPTY,
    levels,
    head: head ?? EMPTY,
    ...(manifest && { manifest }),
    ...(remoteId !== undefined && { remoteId }),
    ...(snapshotContent?.length && { snapshotContent }),
  };
}

function checkRemoteId({ length }: Uint8Array, refuse: Refuse): void {
  if (length === REMOTE_ID_BYTES) return;
  throw refuse(fieldOf("RemoteLog", "remoteId"), `has ${length} bytes, not ${REMOTE_ID_BYTES}`);
}
