// What a reader keeps to be named by writers, and opens keyrings with; docs/protocol.md, "Keyrings".

import { bytesToHex } from "@noble/hashes/utils.js";
import { ageRecipientOf, decryptWith, generateAgeIdentity, loadAge } from "../age/age-file.ts";
import { bytesEqual } from "../bytes.ts";
import { lookForNativeCipher } from "../crypto/xchacha20-poly1305.ts";
import { IntegrityError, InvalidInputError, MalformedError, NoKeyError } from "../errors/index.ts";
import { type EpochOfLog, epochKeyOf } from "../log/epoch-keys.ts";
import type { Epoch } from "../log/manifest.ts";
import { ReadKey } from "../log/read-key.ts";
import type { Sealing } from "../log/sealing.ts";
import { checkArgument } from "../options/check-option-types.ts";
import { bytes, text } from "../options/option-kinds.ts";
import { decodeKeyring, type WireKeyring } from "../wire/keyring-message.ts";
import { type KeyringPlace, NamedKeys, type NamedReading } from "./named-keys.ts";
import type { OpenedKeyring } from "./opened-keyring.ts";
import type { RecipientKind } from "./recipients.ts";

/** The largest keyring that is opened, in bytes: 256 readers with post-quantum keys need less. */
export const LARGEST_KEYRING: number = 2 ** 20;

/** The most identities that are taken from one text. */
const MOST_IDENTITIES = 16;

/**
 * A new identity: the secret text that a reader keeps, and that makes the reader who it is for every log. Its owner passes on what
 * {@link recipientOf} gives. `age-keygen` makes the same.
 *
 * @param kind - `"x25519"` by default, which every `age` knows; `"hybrid"` also withstands quantum computers, takes 1.6 KB in every
 * keyring, and needs age 1.3 or newer if it is opened by that
 */
export async function generateIdentity(kind: RecipientKind = "x25519"): Promise<string> {
  return generateAgeIdentity(kind);
}

/**
 * The recipient of an identity: the public text by which a writer names the reader.
 *
 * @param identity - a text with one identity; lines that begin with `#` are comments
 * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"identity"` if it holds none, or several
 */
export async function recipientOf(identity: string): Promise<string> {
  const [one, another] = identitiesIn(identity);
  if (another !== undefined) throw noIdentity("it holds several, and each has a recipient of its own");
  await loadAge();
  try {
    return await ageRecipientOf(one!);
  } catch {
    throw noIdentity("a character of it is wrong, or missing");
  }
}

/**
 * A reader's identity, ready to open keyrings: for `openReader({ identity })`. Printing, inspecting or serialising it does not show
 * the secret.
 */
export class ReaderIdentity {
  readonly #identities: readonly string[];
  #recipients: Promise<readonly string[]> | undefined;
  readonly #named: NamedKeys = new NamedKeys(this);

  /**
   * @param identity - the text of an identity, or of a file with up to 16, as `generateIdentity` and `age-keygen` make them
   * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"identity"` if it holds none
   */
  constructor(identity: string) {
    this.#identities = identitiesIn(identity);
  }

  /**
   * The recipients of the identities, in their order: the public texts by which a writer names the reader.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"identity"` if a character of an identity is wrong
   */
  recipients(): Promise<readonly string[]> {
    this.#recipients ??= Promise.all(this.#identities.map(recipientOf));
    return this.#recipients;
  }

  /**
   * Opens the keyring of an epoch.
   *
   * @param keyring - its bytes, as {@link sealKeyring} made them
   * @param log - the log and the epoch that it has to be for
   * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"identity"` if a character of an identity is wrong
   * @throws NoKeyError `ERR_NO_KEY` with the reason `"not-granted"` if it does not name this reader
   * @throws MalformedError `ERR_MALFORMED` if it is too large, damaged, or none
   * @throws IntegrityError `ERR_INTEGRITY` if it is that of another log or epoch
   */
  async open(keyring: Uint8Array, log: EpochOfLog): Promise<OpenedKeyring> {
    checkArgument(keyring, bytes, { name: "A keyring", operation: "keyring.open" });
    if (keyring.length > LARGEST_KEYRING)
      throw malformed(log, `has ${keyring.length} bytes, and at most ${LARGEST_KEYRING} are accepted`);
    const recipients = await this.recipients();
    const outer = await this.#decrypt(keyring, log);
    if (outer === undefined) throw notGranted(log, recipients);
    const history = await this.#decrypt(outer.history, log);
    if (history === undefined) return { key: new ReadKey(outer.key), withHistory: false };
    if (history.history.length > 0) throw wrongKeyring(log, "holds a history within its history");
    if (!bytesEqual(epochKeyOf(history.key, log), outer.key))
      throw wrongKeyring(log, "holds keys that don't belong together");
    return { key: new ReadKey(history.key), withHistory: true };
  }

  /** @internal The opening of the entries of a stretch, by the keyrings of its epochs. `ERR_NO_KEY` if none of them names the reader. */
  async openingOf(view: KeyringPlace, reading: NamedReading): Promise<Pick<Sealing, "open">> {
    await lookForNativeCipher();
    return this.#named.openingOf(view, reading);
  }

  /**
   * @internal The key of the newest epoch, if its keyring names the reader and one of the views has it: what the places are sealed
   * with that the manifest names.
   */
  newestKey(
    views: readonly KeyringPlace[],
    epochs: readonly Epoch[],
    signal: AbortSignal,
  ): Promise<Pick<ReadKey, "toBytes"> | undefined> {
    return this.#named.newestKey(views, epochs, signal);
  }

  /** What serialisers get: not the secret. */
  toJSON(): string {
    return "[reader identity]";
  }

  /** What string conversion gives: not the secret. */
  toString(): string {
    return "[reader identity]";
  }

  async #decrypt(file: Uint8Array, log: EpochOfLog): Promise<WireKeyring | undefined> {
    const opened = await decryptWith({ identities: this.#identities }, file);
    if ("failure" in opened) {
      if (opened.failure === "no-match") return undefined;
      if (opened.failure === "malformed") throw malformed(log, "is no age file", opened.cause);
      throw malformed(log, "is damaged", opened.cause);
    }
    const { plaintext } = opened;
    const held = decodeKeyring(plaintext);
    if (bytesToHex(held.log) !== log.logId) throw wrongKeyring(log, "is that of another log");
    if (held.epoch !== log.epoch) throw wrongKeyring(log, `is that of epoch ${held.epoch}`);
    return held;
  }
}

function identitiesIn(identity: string): readonly string[] {
  checkArgument(identity, text, { name: "An identity", operation: "keyring.identity" });
  const lines = identity.split(/\r?\n/).map((line) => line.trim());
  const found = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (found.length === 0) throw noIdentity("there is none in it");
  if (found.length > MOST_IDENTITIES) throw noIdentity(`it holds more than ${MOST_IDENTITIES}`);
  if (!found.every((line) => /^AGE-SECRET-KEY-(PQ-)?1[02-9AC-HJ-NP-Z]{58}$/.test(line)))
    throw noIdentity("it holds something else, or a character is wrong");
  return found;
}

function noIdentity(why: string): InvalidInputError {
  return new InvalidInputError(
    `This is not the identity of a reader: ${why}. One begins with AGE-SECRET-KEY-1 or AGE-SECRET-KEY-PQ-1; rlog reader-key makes one.`,
    { operation: "keyring.identity", reason: "identity" },
  );
}

function notGranted({ logId, epoch }: EpochOfLog, recipients: readonly string[]): NoKeyError {
  return new NoKeyError(
    `The writer of log ${logId} has not named you as a reader of epoch ${epoch}, or no longer does. Ask the writer to grant you ` +
      `access: rlog grant ${recipients.join(" ")}`,
    { operation: "keyring.open", reason: "not-granted" },
  );
}

function malformed({ logId, epoch }: EpochOfLog, why: string, cause?: unknown): MalformedError {
  return new MalformedError(`The keyring of epoch ${epoch} of log ${logId} ${why}.`, {
    operation: "keyring.open",
    cause,
  });
}

function wrongKeyring({ logId, epoch }: EpochOfLog, why: string): IntegrityError {
  return new IntegrityError(
    `The keyring that log ${logId} names for epoch ${epoch} ${why}. Its writer named the wrong one; nothing was opened with it.`,
    { operation: "keyring.open" },
  );
}
