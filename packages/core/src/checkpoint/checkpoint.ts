// The state of a log at one size, as signed text: C2SP tlog-checkpoint.

import { HASH_BYTES } from "../crypto/sha256.ts";
import type { SigningKey } from "../crypto/signing-key.ts";
import { IntegrityError, InvalidInputError, MalformedError } from "../errors/index.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { isKeyName, readDecimal } from "./note-text.ts";
import { parseSignedNote, signNote, verifySignedNote } from "./signed-note.ts";

/** The state of a log at one size: what its writer signs. */
export interface Checkpoint {
  /** Names the log; see {@link checkpointOrigin}. */
  readonly origin: string;
  /** Number of entries, 0 to 2^53 − 1. */
  readonly size: number;
  /** Root of the Merkle tree over these entries (RFC 9162, SHA-256), 32 bytes. */
  readonly root: Uint8Array;
}

/**
 * The origin line of a log's checkpoints: `remote-log/v1/<log id>`. It is the name of the signing key, too.
 *
 * @param logId - the log id in hex: 64 digits, in lower case
 * @throws InvalidInputError `ERR_INVALID_INPUT` for any other text
 */
export function checkpointOrigin(logId: string): string {
  if (!/^[0-9a-f]{64}$/.test(logId)) throw invalid("A log id is written as 64 hex digits in lower case.");
  return `remote-log/v1/${logId}`;
}

/**
 * The text of a checkpoint (C2SP tlog-checkpoint), without a signature: three lines, and no extension lines.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if a field is not as {@link Checkpoint} says, or if the
 * origin could not be the name of a key (white space, a plus sign)
 */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!isKeyName(origin)) throw invalid("An origin has at least one character, no white space and no plus.");
  if (!Number.isSafeInteger(size) || size < 0) throw invalid(`A size is from 0 to 2^53 - 1, not ${size}.`);
  if (root.length !== HASH_BYTES) throw invalid(`A root has ${HASH_BYTES} bytes, not ${root.length}.`);
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/**
 * Reads the text of a checkpoint, without its signature: it says what somebody claims. Of a signed note, such as
 * `Reader.checkpoint`, that is `parseSignedNote(note).text`; {@link verifyCheckpoint} takes the note as a whole.
 *
 * Stricter than C2SP tlog-checkpoint: extension lines are refused, for our logs have none, and the origin has to
 * be fit for the name of a key. It accepts exactly what {@link formatCheckpoint} gives.
 *
 * @throws MalformedError `ERR_MALFORMED`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n", 5);
  if (lines.length !== 4 || lines[3] !== "") throw malformed("it does not have exactly three lines");
  const origin = lines[0]!;
  const size = readDecimal(lines[1]!);
  const root = decodeBase64(lines[2]!);
  if (!isKeyName(origin)) throw malformed("its origin is empty or has white space or a plus sign");
  if (size === undefined) throw malformed("its size is not a whole number below 2^53 in plain decimal");
  if (root?.length !== HASH_BYTES) throw malformed(`its root is not ${HASH_BYTES} bytes in canonical base64`);
  return { origin, size, root };
}

/**
 * Signs a checkpoint, under its origin as the name of the key.
 *
 * @returns the text of the signed note
 * @throws InvalidInputError `ERR_INVALID_INPUT` as {@link formatCheckpoint} does
 */
export async function signCheckpoint(checkpoint: Checkpoint, key: SigningKey): Promise<string> {
  return signNote(formatCheckpoint(checkpoint), checkpoint.origin, key);
}

/**
 * Reads a signed checkpoint and checks that it is of this log and signed by its key. What it returns, the
 * owner of the key has stated. Signature lines of other keys, such as those of witnesses, are ignored.
 *
 * @param note - the signed note, as text or as bytes of UTF-8
 * @param options - the origin that it has to have, and the key that has to have signed it
 * @throws MalformedError `ERR_MALFORMED` if it is no signed checkpoint
 * @throws IntegrityError `ERR_INTEGRITY` if it is of another origin, or bears no good signature of the key
 *
 * @example
 * ```ts
 * import { checkpointOrigin, generateSeed, openReader, openWriter, verifyCheckpoint } from "@remote-log/core";
 * import { memoryRemote } from "@remote-log/memory";
 * import { MemoryLevel } from "memory-level";
 *
 * const remote = memoryRemote();
 * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes: [remote] });
 * await writer.append(new TextEncoder().encode("hello"));
 * await writer.publish();
 * const reader = await openReader({ logId: writer.logId, remotes: [remote] });
 *
 * await reader.sync();
 * const { logId, genesis } = reader.genesis!;
 * const signer = { origin: checkpointOrigin(logId), publicKey: genesis.signingKey };
 * console.log(await verifyCheckpoint(reader.checkpoint!, signer)); // { origin, size: 1, root }
 * await reader.close();
 * await writer.close();
 * ```
 */
export async function verifyCheckpoint(
  note: string | Uint8Array,
  options: { readonly origin: string; readonly publicKey: Uint8Array },
): Promise<Checkpoint> {
  const { origin, publicKey } = options;
  const signed = parseSignedNote(note);
  const checkpoint = parseCheckpoint(signed.text);
  if (checkpoint.origin !== origin) {
    throw new IntegrityError(`A checkpoint is not of ${origin}, but of another log.`, {
      operation: "checkpoint.verify",
    });
  }
  await verifySignedNote(signed, { name: origin, publicKey });
  return checkpoint;
}

function malformed(why: string): MalformedError {
  return new MalformedError(`A checkpoint can't be read: ${why}.`, { operation: "checkpoint.parse" });
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError(message, { operation: "checkpoint.format" });
}
