// Decodes bodies in the encoding `aws-chunked`, signed or not, with trailers.

import { createHash } from "node:crypto";
import { S3Failure } from "./failure.ts";
import { equals, type Signed, signatureDoesNotMatch } from "./signature.ts";

/** A body that came in the encoding `aws-chunked`, decoded. */
export interface Decoded {
  readonly content: Uint8Array;
  /** What came after the last chunk: names in lower case. */
  readonly trailers: ReadonlyMap<string, string>;
}

/** How a body in `aws-chunked` is signed and ended, as `x-amz-content-sha256` says. */
export interface ChunkedForm {
  readonly signed: boolean;
  readonly trailer: boolean;
}

/** All chunks but the last have at least this many bytes. */
const LEAST_CHUNK = 8192;
const EMPTY_SHA256 = sha256("");

/** Reads the form of a chunked body; `undefined` if the body is a plain one. */
export function chunkedForm(contentSha256: string | undefined): ChunkedForm | undefined {
  switch (contentSha256) {
    case "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
      return { signed: false, trailer: true };
    case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD":
      return { signed: true, trailer: false };
    case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER":
      return { signed: true, trailer: true };
    default:
      return undefined;
  }
}

/**
 * Decodes a body and checks the signatures of its chunks and of its trailer.
 *
 * @param expectedLength - `x-amz-decoded-content-length`
 * @throws S3Failure `IncompleteBody`, `InvalidChunkSizeError`, `SignatureDoesNotMatch`, `MalformedTrailerError`
 */
export async function decodeChunked(
  body: Uint8Array,
  form: ChunkedForm,
  signed: Signed | undefined,
  expectedLength: number,
): Promise<Decoded> {
  const reader = new LineReader(body);
  const chunks: Uint8Array[] = [];
  let previous = signed?.signature ?? "";
  for (;;) {
    const [size = "", ...extensions] = reader.line().split(";");
    if (!/^[0-9a-fA-F]{1,8}$/.test(size)) throw incomplete();
    const chunk = reader.take(Number.parseInt(size, 16));
    if (form.signed) {
      previous = await checkChunk(chunk, extensions, previous, signed);
    }
    if (chunk.length === 0) break;
    const last = chunks.at(-1);
    if (last !== undefined && last.length < LEAST_CHUNK) throw chunkTooSmall(chunks.length, last.length);
    chunks.push(chunk);
    if (reader.line() !== "") throw incomplete();
  }
  const trailers = readTrailers(reader);
  if (form.trailer && form.signed) await checkTrailer(trailers, previous, signed);
  const content = Buffer.concat(chunks);
  if (content.length !== expectedLength) throw incomplete();
  return { content, trailers };
}

async function checkChunk(
  chunk: Uint8Array,
  extensions: readonly string[],
  previous: string,
  signed: Signed | undefined,
): Promise<string> {
  const given = extensions.find((extension) => extension.startsWith("chunk-signature="))?.slice(16);
  const text = [
    "AWS4-HMAC-SHA256-PAYLOAD",
    signed?.date,
    signed?.scope,
    previous,
    EMPTY_SHA256,
    sha256(chunk),
  ];
  const expected = await signed?.signString(text.join("\n"));
  if (given === undefined || expected === undefined || !equals(given, expected))
    throw signatureDoesNotMatch();
  return expected;
}

async function checkTrailer(
  trailers: ReadonlyMap<string, string>,
  previous: string,
  signed: Signed | undefined,
): Promise<void> {
  const given = trailers.get("x-amz-trailer-signature");
  const lines = [...trailers].filter(([name]) => name !== "x-amz-trailer-signature");
  const hash = sha256(lines.map(([name, value]) => `${name}:${value}\n`).join(""));
  const text = ["AWS4-HMAC-SHA256-TRAILER", signed?.date, signed?.scope, previous, hash].join("\n");
  const expected = await signed?.signString(text);
  if (given === undefined || expected === undefined || !equals(given, expected))
    throw signatureDoesNotMatch();
}

function readTrailers(reader: LineReader): Map<string, string> {
  const trailers = new Map<string, string>();
  while (!reader.atEnd) {
    const line = reader.line().trim();
    if (line === "") continue;
    const colon = line.indexOf(":");
    if (colon < 1) {
      throw new S3Failure(
        400,
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our published schema.",
      );
    }
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return trailers;
}

/** Reads lines that end in CR LF, and counted bytes between them. */
class LineReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  line(): string {
    const end = this.#bytes.indexOf("\r\n", this.#at);
    if (end === -1) throw incomplete();
    const line = this.#bytes.toString("latin1", this.#at, end);
    this.#at = end + 2;
    return line;
  }

  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw incomplete();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

function incomplete(): S3Failure {
  return new S3Failure(
    400,
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  );
}

function chunkTooSmall(chunk: number, size: number): S3Failure {
  return new S3Failure(
    403,
    "InvalidChunkSizeError",
    `Only the last chunk is allowed to have a size less than ${LEAST_CHUNK} bytes`,
    { fields: { Chunk: String(chunk), BadChunkSize: String(size) } },
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
