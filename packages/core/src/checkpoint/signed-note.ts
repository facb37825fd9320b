// Text with signatures below it: C2SP signed-note.

import { bytesToHex } from "@noble/hashes/utils.js";
import { bytesEqual, concatBytes } from "../bytes.ts";
import { verifySignature } from "../crypto/ed25519.ts";
import { sha256 } from "../crypto/sha256.ts";
import type { SigningKey } from "../crypto/signing-key.ts";
import { IntegrityError, InvalidInputError, MalformedError } from "../errors/index.ts";
import { encodeUtf8 } from "../utf8.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { isKeyName, LARGEST_NOTE, readText } from "./note-text.ts";

/** One signature line of a note, of any algorithm. */
export interface NoteSignature {
  /** Name of the key: not empty, with no white space and no plus sign. */
  readonly name: string;
  /** The first 4 bytes of a hash of name, algorithm and key; the C2SP standard calls it key ID. */
  readonly keyHash: Uint8Array;
  /** The signature: 64 bytes for Ed25519, any number but 0 for other algorithms. */
  readonly signature: Uint8Array;
}

/** A text and the signatures below it. They are not verified: see {@link verifySignedNote}. */
export interface SignedNote {
  /** What is signed. It ends with a newline. */
  readonly text: string;
  /** The signature lines, in order: 1 to 100. */
  readonly signatures: readonly NoteSignature[];
}

/** An Ed25519 key and the name that it signs notes under. */
export interface NoteKey {
  /** Name of the key, as signature lines show it. */
  readonly name: string;
  /** The public key, 32 bytes. */
  readonly publicKey: Uint8Array;
}

const MOST_SIGNATURES = 100;
const KEY_HASH_BYTES = 4;
const ED25519 = Uint8Array.of(0x01);
const LINE_START = "\u2014 ";

/**
 * Reads a signed note (C2SP signed-note) of at most 64 KiB and 100 signature lines. It accepts exactly the
 * notes that {@link formatSignedNote} gives, so that a note has one encoding.
 *
 * @param note - the note, as text or as bytes of UTF-8
 * @throws MalformedError `ERR_MALFORMED`
 */
export function parseSignedNote(note: string | Uint8Array): SignedNote {
  const read = readText(note, LARGEST_NOTE);
  if ("fault" in read) throw malformed(`it ${read.fault}`);
  const whole = read.text;
  const end = whole.lastIndexOf("\n\n");
  if (end < 0) throw malformed("no blank line stands between its text and its signatures");
  const block = whole.slice(end + 2);
  if (!block.endsWith("\n")) throw malformed("it does not end with a whole signature line");
  const lines = block.slice(0, -1).split("\n");
  if (lines.length > MOST_SIGNATURES) throw malformed(`it has more than ${MOST_SIGNATURES} signature lines`);
  return { text: whole.slice(0, end + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  if (!line.startsWith(LINE_START))
    throw malformed("a signature line does not begin with a dash and a space");
  const space = line.indexOf(" ", LINE_START.length);
  const name = line.slice(LINE_START.length, space);
  if (space < 0 || !isKeyName(name)) throw malformed("a signature line does not hold the name of a key");
  const bytes = decodeBase64(line.slice(space + 1));
  if (bytes === undefined) throw malformed("a signature is not in canonical base64");
  if (bytes.length <= KEY_HASH_BYTES) throw malformed("a signature is too short");
  return { name, keyHash: bytes.slice(0, KEY_HASH_BYTES), signature: bytes.slice(KEY_HASH_BYTES) };
}

/**
 * The text form of a signed note (C2SP signed-note).
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if no reader would accept it
 */
export function formatSignedNote(note: SignedNote): string {
  if (!note.text.endsWith("\n")) throw unusable("its text does not end with a newline");
  const lines = note.signatures.map(({ name, keyHash, signature }) => {
    return `${LINE_START}${name} ${encodeBase64(concatBytes([keyHash, signature]))}\n`;
  });
  const whole = `${note.text}\n${lines.join("")}`;
  let parsed: SignedNote;
  try {
    parsed = parseSignedNote(whole);
  } catch (cause) {
    throw unusable("readers would refuse it", cause);
  }
  if (!isSameNote(note, parsed)) throw unusable("readers would take it for another note");
  return whole;
}

function isSameNote(a: SignedNote, b: SignedNote): boolean {
  if (a.text !== b.text || a.signatures.length !== b.signatures.length) return false;
  return a.signatures.every(({ name, keyHash, signature }, i) => {
    const other = b.signatures[i]!;
    return (
      name === other.name && bytesEqual(keyHash, other.keyHash) && bytesEqual(signature, other.signature)
    );
  });
}

/**
 * Signs a text with an Ed25519 key.
 *
 * @param text - ends with a newline
 * @param name - what the key is called in the signature line
 * @returns the text form of the note, with this one signature
 * @throws InvalidInputError `ERR_INVALID_INPUT` if no reader would accept the text or the name
 */
export async function signNote(text: string, name: string, key: SigningKey): Promise<string> {
  const format = (keyHash: Uint8Array, signature: Uint8Array): string =>
    formatSignedNote({ text, signatures: [{ name, keyHash, signature }] });
  // Refuses what can't be a note before anything is hashed or signed.
  format(new Uint8Array(KEY_HASH_BYTES), new Uint8Array(64));
  const keyHash = noteKeyHash({ name, publicKey: key.publicKey });
  return format(keyHash, await key.sign(encodeUtf8(text)));
}

/** Whether a note bears a signature line of a key, good or not. */
export function bearsLineOf({ signatures }: SignedNote, key: NoteKey): boolean {
  const keyHash = noteKeyHash(key);
  return signatures.some((one) => one.name === key.name && bytesEqual(one.keyHash, keyHash));
}

/**
 * Checks that a key signed a note. Lines of other keys are ignored; every line of this key has to be good, and
 * there has to be one.
 *
 * @throws IntegrityError `ERR_INTEGRITY`
 */
export async function verifySignedNote(note: SignedNote, key: NoteKey): Promise<void> {
  const named = note.signatures.filter(({ name }) => name === key.name);
  const own = named.filter(({ keyHash }) => bytesEqual(keyHash, noteKeyHash(key)));
  if (own.length === 0) throw forged(key, "bears no signature of that key");
  const message = encodeUtf8(note.text);
  for (const { signature } of own) {
    if (!(await verifySignature(key.publicKey, message, signature))) {
      throw forged(key, "bears a signature of that key that is not good");
    }
  }
}

/**
 * The verifier key of an Ed25519 key, as tools for signed notes (Go's `note` package among them) take it:
 * `<name>+<key hash in hex>+<base64 of algorithm and public key>`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the name can't be one, or the key does not have 32 bytes
 */
export function verifierKeyText(name: string, publicKey: Uint8Array): string {
  if (!isKeyName(name)) throw invalid("A key's name has at least one character, no white space and no plus.");
  if (publicKey.length !== 32) throw invalid(`A public key has 32 bytes, not ${publicKey.length}.`);
  const encoded = encodeBase64(concatBytes([ED25519, publicKey]));
  return `${name}+${bytesToHex(noteKeyHash({ name, publicKey }))}+${encoded}`;
}

function noteKeyHash({ name, publicKey }: NoteKey): Uint8Array {
  const named = encodeUtf8(`${name}\n`);
  return sha256(concatBytes([named, ED25519, publicKey])).slice(0, KEY_HASH_BYTES);
}

function malformed(why: string): MalformedError {
  return new MalformedError(`A signed note can't be read: ${why}.`, { operation: "note.parse" });
}

function unusable(why: string, cause?: unknown): InvalidInputError {
  return invalid(`A signed note can't be written: ${why}.`, cause);
}

function invalid(message: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(message, { operation: "note.format", cause });
}

function forged({ name }: NoteKey, why: string): IntegrityError {
  return new IntegrityError(`A note that ${name} should have signed ${why}.`, { operation: "note.verify" });
}
