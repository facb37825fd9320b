// Revisions, and the file that holds a value.

import { createHash, randomBytes } from "node:crypto";
import { IntegrityError, type Revision, UnreachableError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import { fill, openFile, readFile } from "./read-file.ts";

/** One revision of a name: which one it is, and the random id that makes it this one and no other. */
export interface NameRevision {
  /** 1 for the first, and one more for each that follows. */
  readonly number: number;
  /** 32 hexadecimal digits. */
  readonly id: string;
}

// A value file is, one after the other:
//
//   18 bytes   the line `remote-log name 2`
//   32 bytes   SHA-256 of all that follows
//   16 bytes   the id of the revision
//    4 bytes   the length of the content, the highest byte first
//    4 bytes   the beginning of the SHA-256 of the line, the id and the length
//   the content
//
// Whoever copies files leaves them cut off for a while, or with zeros at their end. By the length, and by the check over the
// header that holds it, that is told from bytes that somebody changed: a file that is still arriving needs patience, not repair.
// Files of earlier versions, whose first line ends in 1, have neither length nor check, and are read as well.
const MAGIC = Buffer.from("remote-log name 2\n", "latin1");
const EARLIER_MAGIC = Buffer.from("remote-log name 1\n", "latin1");
const HASH_START = MAGIC.length;
const ID_START = HASH_START + 32;
const LENGTH_START = ID_START + 16;
const CHECK_START = LENGTH_START + 4;

/** Bytes of a value file before the content. */
const HEADER_BYTES = CHECK_START + 4;

const revisionText = /^([0-9]{16})-([0-9a-f]{32})$/;

/** How the content of a name is read. */
export interface ValueOptions {
  /** The most bytes of content to take. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  readonly context: OperationContext;
}

/** A new revision, under an id that was never used. */
export function newRevision(number: number): NameRevision {
  return { number, id: randomBytes(16).toString("hex") };
}

/** The text of a revision, which is also the name of its folder: `<16 digits>-<32 hex>`. */
export function formatRevision({ number, id }: NameRevision): Revision {
  return `${number.toString().padStart(16, "0")}-${id}`;
}

/** Reads the text of a revision; `undefined` for every other text. */
export function parseRevision(text: string): NameRevision | undefined {
  const parts = revisionText.exec(text);
  const number = Number(parts?.[1]);
  // Room for one more, so that the number after it is exact, too.
  if (!parts || number < 1 || number >= Number.MAX_SAFE_INTEGER) return undefined;
  return { number, id: parts[2]! };
}

/** The bytes of a value file. */
export function encodeValue(revision: NameRevision, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + content.length);
  bytes.set(MAGIC);
  bytes.set(Buffer.from(revision.id, "hex"), ID_START);
  new DataView(bytes.buffer).setUint32(LENGTH_START, content.length);
  bytes.set(checkOf(bytes), CHECK_START);
  bytes.set(content, HEADER_BYTES);
  bytes.set(hashOf(bytes), HASH_START);
  return bytes;
}

/** Reads the id alone, unchecked; `undefined` if there is no such file. */
export async function readId(path: string, context: OperationContext): Promise<string | undefined> {
  const file = await openFile(path, context);
  if (file === undefined) return undefined;
  try {
    const header = new Uint8Array(HEADER_BYTES);
    const length = await fill(file.handle, header, 0);
    const id = idOf(header.subarray(0, length));
    if (id !== undefined) return id;
    const last = new Uint8Array(1);
    await fill(file.handle, last, Math.max(0, file.size - 1));
    throw damaged(header.subarray(0, length), last[0] === 0, context);
  } finally {
    await file.handle.close();
  }
}

/** Reads and checks the content; `undefined` if there is no such file. */
export async function readValue(
  path: string,
  options: ValueOptions,
): Promise<{ readonly id: string; readonly content: Uint8Array } | undefined> {
  const bytes = await readFile(path, { ...options, header: HEADER_BYTES });
  if (bytes === undefined) return undefined;
  const id = idOf(bytes);
  if (id === undefined || !equal(bytes.subarray(HASH_START, ID_START), hashOf(bytes)))
    throw damaged(bytes, bytes.at(-1) === 0, options.context);
  return { id, content: bytes.slice(headerBytesOf(bytes)) };
}

/** The id in a file of which at least the header was read; `undefined` if the header is not whole. */
function idOf(bytes: Uint8Array): string | undefined {
  const isWhole = bytes.length >= headerBytesOf(bytes) && (isEarlier(bytes) || hasSoundHeader(bytes));
  return isWhole ? Buffer.from(bytes.subarray(ID_START, LENGTH_START)).toString("hex") : undefined;
}

function headerBytesOf(bytes: Uint8Array): number {
  return isEarlier(bytes) ? LENGTH_START : HEADER_BYTES;
}

function isEarlier(bytes: Uint8Array): boolean {
  return equal(bytes.subarray(0, HASH_START), EARLIER_MAGIC);
}

function hasSoundHeader(bytes: Uint8Array): boolean {
  return (
    equal(bytes.subarray(0, HASH_START), MAGIC) &&
    equal(bytes.subarray(CHECK_START, HEADER_BYTES), checkOf(bytes))
  );
}

/** SHA-256 of what comes behind the place of the hash. */
function hashOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes.subarray(ID_START)).digest();
}

/** The check over the header, except for the hash. */
function checkOf(bytes: Uint8Array): Buffer {
  const header = createHash("sha256").update(bytes.subarray(0, HASH_START));
  return header.update(bytes.subarray(ID_START, CHECK_START)).digest().subarray(0, 4);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/**
 * The error for a file that is not as it was written.
 *
 * @param bytes - all of it, or at least the header
 * @param endsInZero - whether its last byte is zero
 */
function damaged(
  bytes: Uint8Array,
  endsInZero: boolean,
  context: OperationContext,
): IntegrityError | UnreachableError {
  return isArriving(bytes, endsInZero) ? incomplete("a value is there in part", context) : corrupt(context);
}

/** Whether a file that is not whole looks like one that is being copied: cut off, or with zeros at its end. */
function isArriving(bytes: Uint8Array, endsInZero: boolean): boolean {
  if (bytes.length < headerBytesOf(bytes)) {
    // Nothing that was cut off has the hash of what is left of it.
    return !equal(bytes.subarray(HASH_START, ID_START), hashOf(bytes));
  }
  if (endsInZero || isEarlier(bytes)) return true;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(LENGTH_START);
  return hasSoundHeader(bytes) && bytes.length < HEADER_BYTES + length;
}

/**
 * The error for a name of which a part has not arrived.
 *
 * @param what - a clause
 */
export function incomplete(what: string, { operation, action }: OperationContext): UnreachableError {
  return new UnreachableError(
    `While ${action}, ${what}: the folder is a copy that is still arriving, from a sync tool for example, or that was not ` +
      "finished. Nothing has to be removed. Try again once it has arrived; if nothing copies it any more, copy it again.",
    { operation, reason: "incomplete" },
  );
}

function corrupt({ operation, action }: OperationContext): IntegrityError {
  return new IntegrityError(
    `While ${action}, a value was found that its own hash does not match: corrupt or forged. ` +
      "The next update replaces it.",
    { operation },
  );
}
