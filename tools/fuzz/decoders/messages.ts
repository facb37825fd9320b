// The messages of the wire format: docs/protocol.md, "Messages", "Entries", "Addresses".

import { Address } from "../../../packages/core/src/address/address.ts";
import { bytesEqual } from "../../../packages/core/src/bytes.ts";
import { readGenesis } from "../../../packages/core/src/log/genesis.ts";
import { encodeHeadPointer, readNameContent } from "../../../packages/core/src/log/head.ts";
import { readManifest } from "../../../packages/core/src/log/manifest.ts";
import { pairFromWire, pairLeafHash, pairToWire } from "../../../packages/core/src/log/pair.ts";
import { decodeWireBundle, encodeWireBundle } from "../../../packages/core/src/wire/bundle-message.ts";
import { decodeGenesis, encodeGenesis } from "../../../packages/core/src/wire/genesis-message.ts";
import { decodeIndexNode, encodeIndexNode } from "../../../packages/core/src/wire/index-node-message.ts";
import { decodeKeyring, encodeKeyring } from "../../../packages/core/src/wire/keyring-message.ts";
import { decodeManifest, encodeManifest } from "../../../packages/core/src/wire/manifest-message.ts";
import {
  decodeMvdsMessage,
  encodeMvdsMessage,
  mvdsMessageId,
} from "../../../packages/core/src/wire/mvds-message.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../../packages/core/src/wire/remote-log-message.ts";
import {
  decodeStoredObject,
  encodeStoredObject,
} from "../../../packages/core/src/wire/stored-object-message.ts";
import * as second from "../../second-reader/index.mjs";
import { type Decoder, MALFORMED, printed, promise } from "../decoder.ts";
import { mostly } from "../mutate/bytes.ts";
import { mutateNumbers, mutateProtobuf, type Schema } from "../mutate/protobuf.ts";
import { mutateText, textIn } from "../mutate/text.ts";

/** The fields of a `RemoteLog` that are messages: pairs and levels. */
export const remoteLogSchema: Schema = { 1: {}, 102: {} };
/** The fields of an `IndexNode` that are messages: bundles. */
export const indexNodeSchema: Schema = { 3: {} };

/** What an encoding means stays the same when it is written anew: unknown fields go, everything else is there. */
export function keepsItsMeaning<T>(
  value: T,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => T,
): void {
  const encoded = encode(value);
  const again = decode(encoded);
  promise(
    printed(again) === printed(value),
    "what was decoded means something else once it is encoded again",
  );
  promise(bytesEqual(encode(again), encoded), "an encoding that was encoded again is another one");
}

/** Decoders of messages. */
export const messages: readonly Decoder[] = [
  {
    name: "remote-log",
    share: 24,
    mutate: mostly(mutateProtobuf(remoteLogSchema)),
    refusals: MALFORMED,
    check: (input) =>
      keepsItsMeaning(decodeRemoteLog(input), encodeRemoteLog, (bytes) => decodeRemoteLog(bytes)),
  },
  {
    name: "pair",
    share: 16,
    mutate: mostly(mutateProtobuf(remoteLogSchema)),
    refusals: MALFORMED,
    check: (input) => {
      for (const wire of decodeRemoteLog(input).pairs) {
        const pair = pairFromWire(wire);
        const again = pairFromWire(pairToWire(pair));
        promise(printed(again) === printed(pair), "a pair that was written again is another one");
        promise(
          bytesEqual(pairLeafHash(again), pairLeafHash(pair)),
          "a pair that was written again has another leaf",
        );
      }
    },
  },
  {
    name: "index-node",
    share: 24,
    mutate: mostly(mutateProtobuf(indexNodeSchema)),
    refusals: MALFORMED,
    check: (input) =>
      keepsItsMeaning(decodeIndexNode(input), encodeIndexNode, (bytes) => decodeIndexNode(bytes)),
  },
  {
    name: "bundle-message",
    share: 24,
    mutate: mostly(mutateProtobuf({})),
    refusals: MALFORMED,
    check: (input) => {
      keepsItsMeaning(decodeWireBundle(input), encodeWireBundle, decodeWireBundle);
      const { first, lengths } = second.decodeBundleMessage(input);
      const own = decodeWireBundle(input);
      promise(
        printed([own.first, own.lengths]) === printed([first, lengths]),
        "two readers read two bundles",
      );
    },
  },
  {
    name: "genesis",
    share: 24,
    mutate: mostly(mutateProtobuf({})),
    refusals: ["ERR_MALFORMED", "ERR_UNSUPPORTED"],
    check: (input) => {
      const { genesis } = readGenesis(input);
      promise(bytesEqual(encodeGenesis(decodeGenesis(input)), input), "a genesis record has two encodings");
      promise(genesis.signingKey.length === 32, "a genesis record has a key of another length");
    },
  },
  {
    name: "manifest",
    share: 24,
    mutate: mostly(mutateProtobuf({ 4: {}, 5: {} })),
    refusals: ["ERR_MALFORMED", "ERR_UNSUPPORTED"],
    check: (input) => {
      keepsItsMeaning(decodeManifest(input), encodeManifest, decodeManifest);
      const { removed } = readManifest(input);
      const edges = removed.flatMap(({ first, count }) => [first, first + count]);
      promise(
        edges.every((edge, i) => i === 0 || edge > edges[i - 1]!),
        "ranges of removed entries do not ascend",
      );
    },
  },
  {
    name: "keyring-message",
    share: 24,
    mutate: mostly(mutateProtobuf({})),
    refusals: MALFORMED,
    check: (input) => keepsItsMeaning(decodeKeyring(input), encodeKeyring, decodeKeyring),
  },
  {
    name: "stored-object",
    share: 16,
    mutate: mostly(mutateProtobuf({})),
    refusals: MALFORMED,
    check: (input) => keepsItsMeaning(decodeStoredObject(input), encodeStoredObject, decodeStoredObject),
  },
  {
    name: "mvds-message",
    share: 24,
    mutate: mostly(mutateProtobuf({ 6004: {} })),
    refusals: MALFORMED,
    check: (input) => {
      const message = decodeMvdsMessage(input);
      keepsItsMeaning(message, encodeMvdsMessage, (bytes) => decodeMvdsMessage(bytes));
      promise(mvdsMessageId(message).length === 32, "a message has no id");
    },
  },
  {
    name: "name-content",
    share: 16,
    mutate: mostly(mutateProtobuf(remoteLogSchema)),
    refusals: MALFORMED,
    check: (input) => {
      const content = readNameContent(input);
      if (content.kind === "head") return;
      const again = readNameContent(encodeHeadPointer(content.address));
      promise(
        again.kind === "pointer" && again.address.equals(content.address),
        "a pointer that was written again points elsewhere",
      );
    },
  },
  {
    name: "address",
    share: 16,
    mutate: mostly(mutateNumbers),
    refusals: MALFORMED,
    check: (input) => {
      const address = Address.fromBytes(input);
      promise(bytesEqual(address.bytes, input), "an address has two encodings");
      const { codec, hash, digest } = address;
      promise(Address.create(codec, hash, digest).equals(address), "an address is not what its parts make");
      promise(Address.fromString(`${address}`).equals(address), "the text of an address is that of another");
    },
  },
  {
    name: "address-text",
    share: 16,
    mutate: mostly(mutateText),
    refusals: MALFORMED,
    check: (input) => {
      const text = textIn(input);
      promise(Address.fromString(text).toString() === text, "an address has two texts");
    },
  },
];
