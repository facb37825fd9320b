// Keyrings of a log, right or changed.

import { encodeKeyring, type WireKeyring } from "../../../packages/core/src/wire/keyring-message.ts";
import { bytesOf } from "../decoder.ts";
import { ageFile, type Named } from "./age-file.ts";
import { type PrivateLog, readKeys } from "./private-log.ts";

const none = new Uint8Array(0);

/** Keyrings of epoch 1 of a log, right or changed. */
export interface Keyrings {
  /** The message within the file within: the read key. */
  readonly history: (change?: Partial<WireKeyring>) => Uint8Array;
  /** The message within the file. */
  readonly message: (change?: Partial<WireKeyring>) => Uint8Array;
  /** The file. */
  readonly file: (change?: Partial<WireKeyring>, named?: readonly Named[]) => Uint8Array;
}

/** The keyrings of a log. */
export function keyringsOf({ logId, epochKey }: PrivateLog): Keyrings {
  const place = { log: bytesOf(logId), epoch: 1 };
  const history: Keyrings["history"] = (change) =>
    ageFile(["reader"], encodeKeyring({ ...place, key: readKeys[1], history: none, ...change }));
  const message: Keyrings["message"] = (change) =>
    encodeKeyring({ ...place, key: epochKey, history: history(), ...change });
  return { history, message, file: (change, named = ["reader"]) => ageFile(named, message(change)) };
}
