// Keys as text: verifier keys (C2SP signed-note), and the signer keys of Go's `note` package.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { bytesEqual, concatBytes } from "../bytes.ts";
import { decodeBase64, encodeBase64 } from "../checkpoint/base64.ts";
import { isKeyName } from "../checkpoint/note-text.ts";
import { signingKeyFromSeed } from "../crypto/ed25519.ts";
import { SEED_BYTES, type SigningKey } from "../crypto/signing-key.ts";
import { InvalidInputError, MalformedError } from "../errors/index.ts";
import { COSIGNATURE_V1, type CosignerIdentity, keyHashOf } from "./cosignature.ts";

/** The signature type of plain Ed25519 signatures. */
export const ED25519 = 0x01;

const PUBLIC_KEY_BYTES = 32;
const PRIVATE = "PRIVATE+KEY+";

/** A verifier key, taken apart. */
export interface VerifierKey {
  readonly name: string;
  /** The signature type: 1 for Ed25519, 4 for `cosignature/v1`, others for other algorithms. */
  readonly type: number;
  readonly keyHash: Uint8Array;
  readonly publicKey: Uint8Array;
}

/**
 * Reads a verifier key, such as `example.com/log+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k`. The hash of an Ed25519 key is
 * checked.
 *
 * @throws MalformedError `ERR_MALFORMED`
 */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = "", hex = "", encoded = ""] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/su.exec(text) ?? [];
  const bytes = decodeBase64(encoded);
  if (!isKeyName(name) || bytes === undefined || bytes.length < 2) {
    throw malformed("is not of the form <name>+<key hash>+<base64>");
  }
  const [type] = bytes;
  const key = { name, type: type!, keyHash: hexToBytes(hex), publicKey: bytes.slice(1) };
  if (type !== ED25519 && type !== COSIGNATURE_V1) return key;
  if (key.publicKey.length !== PUBLIC_KEY_BYTES) throw malformed("does not hold 32 bytes of an Ed25519 key");
  if (!bytesEqual(key.keyHash, keyHashOf(name, key.type, key.publicKey)))
    throw malformed("has a key hash that is not its key's");
  return key;
}

/**
 * The verifier key of a cosigner, of the type `cosignature/v1`: what a policy names a mirror or a witness by.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the name can't be one, or the key does not have 32 bytes
 */
export function cosignerKeyText({ name, publicKey }: CosignerIdentity): string {
  checkName(name);
  if (publicKey.length !== PUBLIC_KEY_BYTES)
    throw invalid(`A public key has ${PUBLIC_KEY_BYTES} bytes, not ${publicKey.length}.`);
  const encoded = encodeBase64(concatBytes([Uint8Array.of(COSIGNATURE_V1), publicKey]));
  return `${name}+${bytesToHex(keyHashOf(name, COSIGNATURE_V1, publicKey))}+${encoded}`;
}

/**
 * The secret key of a cosigner as Go's tools for signed notes take it. It is a secret: keep it in a file that nobody else can read.
 *
 * @param seed - the seed of the Ed25519 key, 32 bytes
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the name can't be one, or the seed does not have 32 bytes
 */
export async function cosignerSecretText(name: string, seed: Uint8Array): Promise<string> {
  checkName(name);
  const { publicKey } = await signingKeyFromSeed(seed);
  const encoded = encodeBase64(concatBytes([Uint8Array.of(ED25519), seed]));
  return `${PRIVATE}${name}+${bytesToHex(keyHashOf(name, ED25519, publicKey))}+${encoded}`;
}

/**
 * Reads the secret key of a cosigner.
 *
 * @throws MalformedError `ERR_MALFORMED`: the message does not show what was read
 */
export async function parseCosignerSecret(
  text: string,
): Promise<{ readonly name: string; readonly key: SigningKey }> {
  const [, name = "", hex = "", encoded = ""] =
    /^PRIVATE\+KEY\+([^+]*)\+([0-9a-f]{8})\+([^\n]*)\n?$/u.exec(text) ?? [];
  const bytes = decodeBase64(encoded);
  if (!isKeyName(name) || bytes === undefined || bytes[0] !== ED25519 || bytes.length !== 1 + SEED_BYTES) {
    throw new MalformedError(
      "A cosigner's secret key is not of the form PRIVATE+KEY+<name>+<hash>+<base64>.",
      {
        operation: "cosign.key",
      },
    );
  }
  const key = await signingKeyFromSeed(bytes.slice(1));
  if (!bytesEqual(hexToBytes(hex), keyHashOf(name, ED25519, key.publicKey))) {
    throw new MalformedError("A cosigner's secret key has a hash that is not its key's.", {
      operation: "cosign.key",
    });
  }
  return { name, key };
}

function checkName(name: string): void {
  if (!isKeyName(name)) throw invalid("A key's name has at least one character, no white space and no plus.");
}

function malformed(why: string): MalformedError {
  return new MalformedError(`A verifier key ${why}.`, { operation: "cosign.key" });
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError(message, { operation: "cosign.key" });
}
