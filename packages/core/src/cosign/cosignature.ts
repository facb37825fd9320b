// Timestamped signatures of others below a checkpoint: C2SP tlog-cosignature, `cosignature/v1` (Ed25519).

import { bytesEqual, concatBytes } from "../bytes.ts";
import type { NoteSignature, SignedNote } from "../checkpoint/index.ts";
import { verifySignature } from "../crypto/ed25519.ts";
import { sha256 } from "../crypto/sha256.ts";
import type { SigningKey } from "../crypto/signing-key.ts";
import { encodeUtf8 } from "../utf8.ts";

/** An Ed25519 key that cosigns checkpoints, and the name that it does so under. */
export interface CosignerIdentity {
  /** Name of the key, as signature lines show it. */
  readonly name: string;
  /** The public key, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** The signature type of `cosignature/v1` (C2SP signed-note, "Signature types"). */
export const COSIGNATURE_V1 = 0x04;

const TIMESTAMP_BYTES = 8;
const SIGNATURE_BYTES = 64;
const KEY_HASH_BYTES = 4;

/** The first four bytes of the hash of name, type and key, by which signature lines tell whose they are. */
export function keyHashOf(name: string, type: number, publicKey: Uint8Array): Uint8Array {
  const named = encodeUtf8(`${name}\n`);
  return sha256(concatBytes([named, Uint8Array.of(type), publicKey])).slice(0, KEY_HASH_BYTES);
}

/** What a cosigner signs: the time in seconds since 1970, and the text of the checkpoint. */
function signedMessage(text: string, seconds: number): Uint8Array {
  return encodeUtf8(`cosignature/v1\ntime ${seconds}\n${text}`);
}

/**
 * Signs the text of a checkpoint. Whoever calls this has made sure of what the signature says.
 *
 * @param seconds - the time, in whole seconds since 1970
 */
export async function cosign(
  text: string,
  { name, key }: { readonly name: string; readonly key: SigningKey },
  seconds: number,
): Promise<NoteSignature> {
  const timestamp = new Uint8Array(TIMESTAMP_BYTES);
  const view = new DataView(timestamp.buffer);
  view.setUint32(0, Math.floor(seconds / 2 ** 32));
  view.setUint32(4, seconds % 2 ** 32);
  const signature = concatBytes([timestamp, await key.sign(signedMessage(text, seconds))]);
  return { name, keyHash: keyHashOf(name, COSIGNATURE_V1, key.publicKey), signature };
}

/** Whether a signature line is one of a cosigner's, good or not. */
function isLineOf(line: NoteSignature, cosigner: CosignerIdentity): boolean {
  return (
    line.name === cosigner.name &&
    bytesEqual(line.keyHash, keyHashOf(cosigner.name, COSIGNATURE_V1, cosigner.publicKey))
  );
}

/**
 * When a cosigner signed a checkpoint, if it did.
 *
 * @returns the time of its newest signature, in seconds since 1970; `undefined` if the note has no line of it; `"forged"` if one of its
 * lines is not good
 */
export async function cosignedAt(
  { text, signatures }: SignedNote,
  cosigner: CosignerIdentity,
): Promise<number | "forged" | undefined> {
  let newest: number | undefined;
  for (const line of signatures.filter((one) => isLineOf(one, cosigner))) {
    const { signature } = line;
    if (signature.length !== TIMESTAMP_BYTES + SIGNATURE_BYTES) return "forged";
    const view = new DataView(signature.buffer, signature.byteOffset);
    const seconds = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
    // Beyond that the decimal that was signed can't be told any more.
    if (!Number.isSafeInteger(seconds)) return "forged";
    const good = await verifySignature(
      cosigner.publicKey,
      signedMessage(text, seconds),
      signature.subarray(TIMESTAMP_BYTES),
    );
    if (!good) return "forged";
    newest = Math.max(newest ?? 0, seconds);
  }
  return newest;
}
