// The manifest as the document describes it, for a second library.

import protobuf from "protobufjs";
import { isRemoteLogError } from "../../src/errors/index.ts";
import type { WireManifest } from "../../src/wire/manifest-message.ts";

/** The messages as the document gives them. */
export const manifestProto = protobuf.parse(
  `syntax = "proto3";
   message Manifest {
     uint64 version = 1; bytes previous = 2; repeated bytes succession = 3; repeated Epoch epoch = 4;
     repeated Removal removed = 5; uint64 firstKept = 6; uint64 snapshot = 7; bytes remotes = 8;
   }
   message Epoch { uint64 first = 1; bytes keyId = 2; bytes keyring = 3; }
   message Removal { uint64 first = 1; uint64 count = 2; }
   message StoredObject { bytes hash = 1; bytes address = 2; }`,
  { keepCase: true },
).root;

/** A message in plain values. */
export interface Seen {
  readonly [field: string]: unknown;
}

const isEmpty = (value: unknown): boolean =>
  value === 0 || (value instanceof Uint8Array && value.length === 0);

/** A message in the names of the document, without what is empty. */
export function plain(value: object): Seen {
  const parts = Object.entries(value).map(([name, part]): [string, unknown] => {
    if (part instanceof Uint8Array) return [name, new Uint8Array(part)];
    if (Array.isArray(part))
      return [
        name,
        part.map((one: object) => (one instanceof Uint8Array ? new Uint8Array(one) : plain(one))),
      ];
    return [name, part];
  });
  return Object.fromEntries(
    parts.filter(([, part]) => !isEmpty(part) && !(Array.isArray(part) && part.length === 0)),
  );
}

/** A manifest in the names of the document. */
export const inDocument = ({ successions, epochs, ...others }: WireManifest): Seen =>
  plain({ ...others, succession: successions, epoch: epochs });

/** The code of the error with which something is refused. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isRemoteLogError(error)) return error.code;
    throw error;
  }
  return "accepted";
}
