// The options of a reader, checked before anything is opened.

import { checkLogId } from "../log/genesis.ts";
import { checkArgument, checkOptionTypes } from "../options/check-option-types.ts";
import {
  bytes,
  callback,
  flag,
  type KindsOf,
  list,
  number,
  oneOf,
  record,
  required,
  signal,
  text,
  withMethods,
} from "../options/option-kinds.ts";
import { checkRemotes } from "../remote/remote.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import type { Floor } from "../tree/floor.ts";
import {
  checkPoll,
  checkRetries,
  checkSequence,
  type FollowOptions,
  type FromOptions,
  type ReaderOptions,
} from "./reader-options.ts";

const A_CURSOR = 'a string, the name under which the place is kept, such as "screen"';

const readerKinds: KindsOf<ReaderOptions> = {
  logId: required(text, "a string of 64 hexadecimal digits, such as `writer.logId`"),
  remotes: required(
    list,
    'an array of remotes, such as `[fsRemote({ root: "folder" })]` with @remote-log/fs',
  ),
  // By its methods, not by its class: a reader of public logs need not load the ciphers.
  key: withMethods(["openingOf"], "a read key, such as `parseLink(link).key`"),
  identity: withMethods(["openingOf"], "an identity"),
  withoutKey: oneOf("fail", "sealed"),
  store: withMethods(
    ["get", "put", "compareAndSet"],
    "a store with the methods get, put and compareAndSet, such as `databaseReaderStore(database)` returns",
  ),
  cache: withMethods(
    ["get", "put", "delete"],
    "a cache with the methods get, put and delete, such as `memoryCache()` of @remote-log/layers returns",
  ),
  floor: record,
  limits: record,
  pollMilliseconds: number,
  retries: number,
  onRetry: callback,
  furtherRemotes: callback,
  policy: withMethods(["check"], "a `Policy` of @remote-log/core/cosign"),
  onSync: callback,
  onStatus: callback,
};

const floorKinds: KindsOf<Floor> = { size: required(number), root: bytes };

/**
 * Checks what a reader is opened with.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkReaderOptions(options: ReaderOptions): void {
  const operation = "reader.open";
  checkOptionTypes(options, readerKinds, { name: "openReader", operation });
  const { floor } = options;
  if (floor !== undefined) {
    checkOptionTypes(floor, floorKinds, { name: "the floor", operation });
    checkSequence(floor.size, "open", "The size of the floor");
  }
  checkLogId(options.logId);
  checkRemotes(options.remotes);
  checkPoll(options.pollMilliseconds);
  checkRetries(options.retries);
}

const operationKinds: KindsOf<OperationOptions> = { signal };
const fromKinds: KindsOf<FromOptions> = { signal, live: flag, removed: oneOf("fail", "skip") };
const followKinds: KindsOf<FollowOptions> = { ...fromKinds, cursor: required(text, A_CURSOR) };

/**
 * Checks the options of a call of a reader.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkCallOptions(options: unknown, call: string): void {
  const kinds =
    call === "from" || call === "fromSnapshot" ? fromKinds : call === "follow" ? followKinds : operationKinds;
  checkOptionTypes(options, kinds, { name: call, operation: `reader.${call}` });
}

/**
 * Checks the name of a cursor.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkCursor(cursor: unknown, operation: string): void {
  checkArgument(cursor, { ...text, expected: A_CURSOR }, { name: "The cursor", operation });
}
