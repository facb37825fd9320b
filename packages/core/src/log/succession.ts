// A succession: the statement by which a log's recovery key makes another key the one that signs; docs/protocol.md, "Key rotation".

import { bytesEqual } from "../bytes.ts";
import { decodeBase64, encodeBase64 } from "../checkpoint/base64.ts";
import { checkpointOrigin, parseSignedNote, signNote, verifySignedNote } from "../checkpoint/index.ts";
import { readDecimal } from "../checkpoint/note-text.ts";
import { HASH_BYTES, sha256 } from "../crypto/sha256.ts";
import type { SigningKey } from "../crypto/signing-key.ts";
import { IntegrityError, MalformedError } from "../errors/index.ts";

/** What a succession says. */
export interface Succession {
  /** Its number, from 1: how often the signing key has changed with it. */
  readonly index: number;
  /** How many entries the key before it has signed for the owner of the log, and their root. */
  readonly size: number;
  readonly root: Uint8Array;
  /** How many versions of the manifest that key has signed, and their root. */
  readonly versions: number;
  readonly manifestRoot: Uint8Array;
  /** The key that signs from then on: an Ed25519 public key, 32 bytes. */
  readonly signingKey: Uint8Array;
  /** SHA-256 of the recovery key that vouches for the next one, 32 bytes. */
  readonly nextRecoveryKeyHash: Uint8Array;
}

/** A succession that a recovery key has signed. */
export interface SignedSuccession extends Succession {
  /** It as text: a C2SP signed note. */
  readonly note: string;
}

/** The origin line of a log's successions. It is the name of the recovery keys, too. */
export function successionOrigin(logId: string): string {
  return `${checkpointOrigin(logId)}/succession`;
}

/**
 * Signs a succession.
 *
 * @param key - the recovery key whose hash the genesis record or the succession before has
 */
export function signSuccession(logId: string, succession: Succession, key: SigningKey): Promise<string> {
  const { index, size, root, versions, manifestRoot, signingKey, nextRecoveryKeyHash } = succession;
  const origin = successionOrigin(logId);
  const values = [root, manifestRoot, signingKey, nextRecoveryKeyHash, key.publicKey].map(encodeBase64);
  const [first, second, ...keys] = values as [string, string, ...string[]];
  const lines = [origin, index, size, first, versions, second, ...keys];
  return signNote(`${lines.join("\n")}\n`, origin, key);
}

/** What a succession has to be. */
export interface ExpectedSuccession {
  readonly logId: string;
  readonly index: number;
  /** SHA-256 of the recovery key that has to have signed it. */
  readonly recoveryKeyHash: Uint8Array;
}

/**
 * Reads a succession, and checks that it is of this log and number, and that the right recovery key signed it.
 *
 * @throws MalformedError `ERR_MALFORMED` if it is none
 * @throws IntegrityError `ERR_INTEGRITY` if it is of another log or number, or another key signed it
 */
export async function verifySuccession(
  note: string,
  { logId, index, recoveryKeyHash }: ExpectedSuccession,
): Promise<SignedSuccession> {
  const signed = parseSignedNote(note);
  const lines = signed.text.split("\n");
  if (lines.length !== 10) throw malformed("it does not have exactly nine lines");
  const [number, size, versions] = [1, 2, 4].map((i) => readDecimal(lines[i]!));
  if (number === undefined || size === undefined || versions === undefined)
    throw malformed("a number in it is not a whole number below 2^53 in plain decimal");
  const [root, manifestRoot, signingKey, nextRecoveryKeyHash, recoveryKey] = [3, 5, 6, 7, 8].map((i) => {
    const bytes = decodeBase64(lines[i]!);
    if (bytes?.length !== HASH_BYTES)
      throw malformed(`line ${i + 1} is not ${HASH_BYTES} bytes in canonical base64`);
    return bytes;
  }) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const origin = successionOrigin(logId);
  if (lines[0] !== origin) throw forged(`is not of log ${logId}`);
  if (number !== index) throw forged(`has number ${number}, and ${index} is expected`);
  if (!bytesEqual(sha256(recoveryKey), recoveryKeyHash))
    throw forged("is by another recovery key than the log names");
  await verifySignedNote(signed, { name: origin, publicKey: recoveryKey });
  return { index, size, root, versions, manifestRoot, signingKey, nextRecoveryKeyHash, note };
}

function malformed(why: string): MalformedError {
  return new MalformedError(`A succession of signing keys can't be read: ${why}.`, {
    operation: "succession.read",
  });
}

function forged(why: string): IntegrityError {
  return new IntegrityError(
    `A succession of signing keys ${why}: corrupt or forged. Nothing of it was used.`,
    {
      operation: "succession.verify",
    },
  );
}
