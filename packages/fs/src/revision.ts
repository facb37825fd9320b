// Revisions, and the file that holds a value.

import { createHash, randomBytes } from "node:crypto";
import { IntegrityError, type Revision } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import { fill, openFile, readFile } from "./read-file.ts";

/** One revision of a name: which one it is, and the random id that makes it this one and no other. */
export interface NameRevision {
  /** 1 for the first, and one more for each that follows. */
  readonly number: number;
  /** 32 hexadecimal digits. */
  readonly id: string;
}

const MAGIC = Buffer.from("remote-log name 1\n", "latin1");
const HASH_START = MAGIC.length;
const ID_START = HASH_START + 32;

/** Bytes of a value file before the content: a line that says what it is, SHA-256 of all that follows, the id. */
const HEADER_BYTES = ID_START + 16;

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
  bytes.set(content, HEADER_BYTES);
  bytes.set(createHash("sha256").update(bytes.subarray(ID_START)).digest(), HASH_START);
  return bytes;
}

/** Reads the id alone, unchecked; `undefined` if there is no such file. */
export async function readId(path: string, context: OperationContext): Promise<string | undefined> {
  const file = await openFile(path, context);
  if (file === undefined) return undefined;
  try {
    const header = new Uint8Array(HEADER_BYTES);
    if ((await fill(file.handle, header, 0)) < HEADER_BYTES) throw corrupt(context);
    return Buffer.from(header.subarray(ID_START)).toString("hex");
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
  const hash = createHash("sha256").update(bytes.subarray(ID_START)).digest();
  const intact =
    bytes.length >= HEADER_BYTES &&
    Buffer.compare(bytes.subarray(0, HASH_START), MAGIC) === 0 &&
    Buffer.compare(bytes.subarray(HASH_START, ID_START), hash) === 0;
  if (!intact) throw corrupt(options.context);
  const id = Buffer.from(bytes.subarray(ID_START, HEADER_BYTES)).toString("hex");
  return { id, content: bytes.slice(HEADER_BYTES) };
}

function corrupt({ operation, action }: OperationContext): IntegrityError {
  return new IntegrityError(
    `While ${action}, a value was found that its own hash does not match: corrupt or forged. ` +
      "The next update replaces it.",
    { operation },
  );
}
