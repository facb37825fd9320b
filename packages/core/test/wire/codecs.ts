import type fc from "fast-check";
import { decodeGenesis, encodeGenesis } from "../../src/wire/genesis-message.ts";
import { decodeIndexNode, encodeIndexNode } from "../../src/wire/index-node-message.ts";
import { decodeManifest, encodeManifest } from "../../src/wire/manifest-message.ts";
import { decodeMvdsMessage, encodeMvdsMessage } from "../../src/wire/mvds-message.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { decodeStoredObject, encodeStoredObject } from "../../src/wire/stored-object-message.ts";
import { genesis, indexNode, manifest, mvdsMessage, remoteLog, storedObject } from "./messages.ts";

/** One kind of message: how it is written and read, and random ones of it. */
export interface Codec<T> {
  readonly name: string;
  readonly values: fc.Arbitrary<T>;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => T;
}

/** Calls back with each codec, so that a test can run over all of them with their types kept. */
export function forEachCodec(run: <T>(codec: Codec<T>) => void): void {
  run({
    name: "remote log",
    values: remoteLog,
    encode: encodeRemoteLog,
    decode: (bytes) => decodeRemoteLog(bytes),
  });
  run({
    name: "index node",
    values: indexNode,
    encode: encodeIndexNode,
    decode: (bytes) => decodeIndexNode(bytes),
  });
  run({ name: "manifest", values: manifest, encode: encodeManifest, decode: decodeManifest });
  run({
    name: "stored object",
    values: storedObject,
    encode: encodeStoredObject,
    decode: decodeStoredObject,
  });
  run({ name: "genesis record", values: genesis, encode: encodeGenesis, decode: decodeGenesis });
  run({
    name: "MVDS message",
    values: mvdsMessage,
    encode: encodeMvdsMessage,
    decode: (bytes) => decodeMvdsMessage(bytes),
  });
}
