// A seed behind a passphrase: an age file, as `age -p` makes one (scrypt).

import { decryptWith, encryptWithPassphrase, looksLikeAgeFile, SCRYPT_WORK } from "../age/age-file.ts";
import { InvalidInputError } from "../errors/index.ts";
import { checkArgument } from "../options/check-option-types.ts";
import { text as aText } from "../options/option-kinds.ts";
import { decodeUtf8Loosely, encodeUtf8 } from "../utf8.ts";
import { DeviceSeed } from "./device-seed.ts";
import { readSeedText, seedText } from "./seed-text.ts";

/** A sealed seed has fewer bytes, with room for what other programs may add. */
const LARGEST_SEALED_SEED = 4096;

const operation = "seed.open";

/** Options of {@link sealSeed}. */
export interface SealSeedOptions {
  /**
   * The work of trying one passphrase, as the base-2 logarithm of scrypt's N: 1 to 20. Default 18, which takes about a second and
   * 256 MiB of memory each time. Fewer make it easier to guess the passphrase.
   */
  readonly workFactor?: number | undefined;
}

/**
 * Seals a seed with a passphrase. What comes out is a text to keep in a file or a database: an age file, which `age -d` opens, too;
 * the seed is in it as `seedText` makes it a text. A passphrase that can be guessed protects nothing: take five random words or more.
 *
 * @param seed - 32 bytes, or the seed of a device
 * @param passphrase - not empty
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the seed does not have 32 bytes, the passphrase is empty (reason
 * `"empty-passphrase"`), or the work factor is out of range
 *
 * @example
 * ```ts
 * import { generateSeed } from "@remote-log/core";
 * import { openSeed, sealSeed } from "@remote-log/core/keyring";
 *
 * const passphrase = "orbit velvet canyon thrift maple";
 * const sealed = await sealSeed(generateSeed(), passphrase, { workFactor: 12 });
 * const seed = await openSeed(sealed, passphrase); // 32 bytes
 * ```
 */
export async function sealSeed(
  seed: Uint8Array | DeviceSeed,
  passphrase: string,
  { workFactor = SCRYPT_WORK }: SealSeedOptions = {},
): Promise<string> {
  const text = seedText(seed);
  checkPassphrase(passphrase, "seed.seal");
  if (!Number.isInteger(workFactor) || workFactor < 1 || workFactor > 20) {
    throw new InvalidInputError("The work factor of a sealed seed is a whole number from 1 to 20.", {
      operation: "seed.seal",
    });
  }
  return encryptWithPassphrase(passphrase, encodeUtf8(`${text}\n`), workFactor);
}

/** Options of {@link openSeed}. */
export interface OpenSeedOptions {
  /** What the seed is called in errors, as part of a sentence. Default: `"the seed"`. */
  readonly name?: string | undefined;
}

/**
 * The seed in a text, as files keep it: 64 hexadecimal digits, or what {@link sealSeed} made of it. `age -p -a` makes the same of a
 * file with the digits.
 *
 * @param passphrase - needed if it is sealed, and only then
 * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"passphrase-needed"`, `"wrong-passphrase"`, `"not-sealed"` if there is
 * a passphrase and the seed is readable without, `"device-seed"` if it is the seed of a device, and `"not-a-seed"` if it is damaged,
 * or something else
 */
export async function openSeed(
  text: string,
  passphrase?: string,
  options: OpenSeedOptions = {},
): Promise<Uint8Array> {
  const seed = await openWriterSeed(text, passphrase, options);
  if (!(seed instanceof DeviceSeed)) return seed;
  const { name = "the seed" } = options;
  throw new InvalidInputError(
    `What should be ${name} is the seed of a device, and not the seed of a log. It was left as it is. Open it with openWriterSeed.`,
    { operation, reason: "device-seed" },
  );
}

/**
 * The seed in a text, as {@link openSeed} reads it, or the seed of a device, as `seedText` writes it: what `openWriter` takes as its
 * `seed`.
 *
 * @param passphrase - needed if it is sealed, and only then
 * @throws InvalidInputError `ERR_INVALID_INPUT` as {@link openSeed}, but for the seed of a device
 *
 * @example
 * ```ts
 * import { deviceSeed, generateSeed } from "@remote-log/core";
 * import { openWriterSeed, sealSeed } from "@remote-log/core/keyring";
 *
 * const passphrase = "orbit velvet canyon thrift maple";
 * const sealed = await sealSeed(await deviceSeed(generateSeed()), passphrase, { workFactor: 12 });
 * const seed = await openWriterSeed(sealed, passphrase); // openWriter({ seed, … })
 * ```
 */
export async function openWriterSeed(
  text: string,
  passphrase?: string,
  { name = "the seed" }: OpenSeedOptions = {},
): Promise<Uint8Array | DeviceSeed> {
  checkArgument(text, aText, { name: "The text of a seed", operation });
  if (passphrase !== undefined) checkPassphrase(passphrase, operation);
  const plain = readSeedText(text);
  if (plain !== undefined) {
    if (passphrase !== undefined) throw notSealed(name);
    return plain;
  }
  if (text.length > LARGEST_SEALED_SEED) throw notASeed(name, "is too long for one");
  if (!isSealedSeed(text)) throw notASeed(name, "is neither 64 hexadecimal digits nor an age file");
  if (passphrase === undefined) throw passphraseNeeded(name);
  const opened = await decryptWith({ passphrase }, text);
  if ("plaintext" in opened) {
    const seed = readSeedText(decodeUtf8Loosely(opened.plaintext));
    if (seed !== undefined) return seed;
    throw notASeed(name, "is an age file with something else in it");
  }
  if (opened.failure === "no-match") {
    throw new InvalidInputError(
      `This passphrase does not open ${name}: it was sealed with another one. Nothing was changed. Look for a capital letter or a ` +
        "keyboard of another language, or restore the seed from its words.",
      { operation, reason: "wrong-passphrase" },
    );
  }
  throw notASeed(name, "is damaged, or an age file without a passphrase", opened.cause);
}

/** Whether a text is a seed behind a passphrase. */
export function isSealedSeed(text: string): boolean {
  return looksLikeAgeFile(text);
}

/** @throws InvalidInputError `ERR_INVALID_INPUT`, with the reason `"empty-passphrase"` if there is nothing in it */
export function checkPassphrase(passphrase: string, operation: string): void {
  checkArgument(passphrase, aText, { name: "A passphrase", operation });
  if (passphrase !== "") return;
  throw new InvalidInputError("A passphrase must not be empty.", { operation, reason: "empty-passphrase" });
}

function passphraseNeeded(name: string): InvalidInputError {
  return new InvalidInputError(
    `A passphrase is needed: ${name} is sealed with one. Give the passphrase, or restore the seed from its words.`,
    { operation, reason: "passphrase-needed" },
  );
}

/** The error for a passphrase if the seed is kept without: it would seem to be protected. */
export function notSealed(name: string): InvalidInputError {
  return new InvalidInputError(
    `A passphrase was given, and ${name} is kept without one, readable as it is. Nothing was changed. Leave the passphrase out, or ` +
      "put what sealSeed makes of the seed in its place.",
    { operation, reason: "not-sealed" },
  );
}

function notASeed(name: string, why: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(
    `What should be ${name} ${why}. It was left as it is. Restore it from a backup, or from its words.`,
    { operation, reason: "not-a-seed", cause },
  );
}
