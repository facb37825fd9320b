// Makes the keyring of an epoch: an age file that the named readers open; docs/protocol.md, "Keyrings".

import { hexToBytes } from "@noble/hashes/utils.js";
import { encryptFor } from "../age/age-file.ts";
import { epochKeyOf } from "../log/epoch-keys.ts";
import type { ReadKey } from "../log/read-key.ts";
import { encodeKeyring } from "../wire/keyring-message.ts";
import { EMPTY } from "../wire/protobuf-reader.ts";
import { checkRecipients, paddedCount, padRecipients } from "./recipients.ts";

/** A reader that the writer of a log named. */
export interface NamedReader {
  /** The public key that the reader made: `age1…` or `age1pq1…`. */
  readonly recipient: string;
  /** Whether the reader may read what was appended before, too. */
  readonly withHistory: boolean;
}

/** What a keyring is made of. */
export interface KeyringContent {
  /** The log id, 64 hexadecimal digits. */
  readonly logId: string;
  /** The number of the epoch, from 0. */
  readonly epoch: number;
  /** The read key of the epoch. Readers without history don't get it, but the key that follows from it. */
  readonly readKey: ReadKey;
  /** Who can open it. */
  readonly readers: readonly NamedReader[];
}

/**
 * Makes the keyring of an epoch. It is an age file, which the stock `age` opens as well, for all readers; within it is another one for
 * those with history. Both have the same number of recipients, a power of two and at least four: throw-away ones fill them up. So
 * the length of a keyring tells no more than this number and the kind of keys.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"recipient"`, `"mixed-recipients"` or `"too-many-readers"`
 *
 * @example
 * ```ts
 * import { ReadKey } from "@remote-log/core";
 * import { generateIdentity, ReaderIdentity, recipientOf, sealKeyring } from "@remote-log/core/keyring";
 *
 * const bob = await generateIdentity(); // Bob keeps it to himself
 * const [logId, epoch] = ["00".repeat(32), 0];
 * const keyring = await sealKeyring({
 *   logId,
 *   epoch,
 *   readKey: new ReadKey(crypto.getRandomValues(new Uint8Array(32))),
 *   readers: [{ recipient: await recipientOf(bob), withHistory: true }],
 * });
 * const { key } = await new ReaderIdentity(bob).open(keyring, { logId, epoch });
 * ```
 */
export async function sealKeyring({ logId, epoch, readKey, readers }: KeyringContent): Promise<Uint8Array> {
  const everybody = readers.map(({ recipient }) => recipient);
  const kind = await checkRecipients(everybody);
  const count = paddedCount(everybody.length);
  const log = hexToBytes(logId);
  const newest = readKey.toBytes();
  const seal = async (recipients: readonly string[], plaintext: Uint8Array): Promise<Uint8Array> =>
    encryptFor(await padRecipients(recipients, kind, count), plaintext);
  const history = await seal(
    readers.filter(({ withHistory }) => withHistory).map(({ recipient }) => recipient),
    encodeKeyring({ log, epoch, key: newest, history: EMPTY }),
  );
  const key = epochKeyOf(newest, { logId, epoch });
  return seal(everybody, encodeKeyring({ log, epoch, key, history }));
}
