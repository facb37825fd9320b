// The checksums that S3 knows: which a request claims, and whether they are right.

import { createHash } from "node:crypto";
import { crc32cOf, crc32Of, crc64nvmeOf } from "./crc.ts";
import { invalidRequest, S3Failure } from "./failure.ts";
import type { Headers } from "./request.ts";

/** The checksum algorithms that the server knows, as their headers name them. */
export type ChecksumAlgorithm = "crc32" | "crc32c" | "crc64nvme" | "sha1" | "sha256";

/** A checksum that is kept with an object. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. */
  readonly value: string;
}

/** A checksum that a request gives, or promises in a trailer. */
export interface ClaimedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; `undefined` if it comes in the trailer. */
  readonly value: string | undefined;
}

const PREFIX = "x-amz-checksum-";
const NOT_ALGORITHMS = new Set([`${PREFIX}mode`, `${PREFIX}type`, `${PREFIX}algorithm`]);

const DIGESTS: Readonly<Record<ChecksumAlgorithm, (content: Uint8Array) => Uint8Array>> = {
  crc32: crc32Of,
  crc32c: crc32cOf,
  crc64nvme: crc64nvmeOf,
  sha1: (content) => createHash("sha1").update(content).digest(),
  sha256: (content) => createHash("sha256").update(content).digest(),
};
const LENGTHS: Readonly<Record<ChecksumAlgorithm, number>> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  sha1: 20,
  sha256: 32,
};

/** The checksum of a content. */
function checksumOf(algorithm: ChecksumAlgorithm, content: Uint8Array): Checksum {
  return { algorithm, value: Buffer.from(DIGESTS[algorithm](content)).toString("base64") };
}

/** The header that carries a checksum. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `${PREFIX}${algorithm}`;
}

/**
 * Reads which checksum a request gives in its headers or promises in its trailer.
 *
 * @returns `undefined` if it gives none
 * @throws S3Failure `InvalidRequest` if there are several, or one that the server does not know or cannot read
 */
export function claimedChecksum(headers: Headers): ClaimedChecksum | undefined {
  const given = Object.keys(headers).filter((name) => name.startsWith(PREFIX) && !NOT_ALGORITHMS.has(name));
  const trailer = headers["x-amz-trailer"]?.trim().toLowerCase();
  const names = trailer === undefined ? given : [...given, trailer];
  if (names.length > 1) {
    throw invalidRequest(
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  const name = names[0];
  const promised = headers["x-amz-sdk-checksum-algorithm"]?.toLowerCase();
  if (name === undefined) {
    if (promised === undefined) return undefined;
    throw invalidRequest(
      "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers " +
        "were found.",
    );
  }
  const algorithm = name.slice(PREFIX.length);
  if (!name.startsWith(PREFIX) || !isAlgorithm(algorithm)) {
    throw invalidRequest("The algorithm type you specified in x-amz-checksum- header is invalid.");
  }
  if (promised !== undefined && promised !== algorithm) {
    throw invalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
  const value = trailer === undefined ? headers[name] : undefined;
  if (value !== undefined) checkForm(algorithm, value);
  return { algorithm, value };
}

/**
 * Checks a content against the checksum that the request claimed.
 *
 * @param trailers - what came after the body, names in lower case
 * @returns the checksum to keep: CRC-64/NVME if the request claimed none
 * @throws S3Failure `BadDigest` if it differs
 */
export function verifyChecksum(
  claimed: ClaimedChecksum | undefined,
  content: Uint8Array,
  trailers: ReadonlyMap<string, string>,
): Checksum {
  if (claimed === undefined) return checksumOf("crc64nvme", content);
  const { algorithm } = claimed;
  const value = claimed.value ?? trailers.get(checksumHeader(algorithm));
  if (value === undefined) {
    throw new S3Failure(
      400,
      "MalformedTrailerError",
      "The request contained trailing data that was not well-formed or did not conform to our published schema.",
    );
  }
  checkForm(algorithm, value);
  const actual = checksumOf(algorithm, content);
  if (actual.value !== value) {
    throw new S3Failure(
      400,
      "BadDigest",
      `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
    );
  }
  return actual;
}

/**
 * Checks a body against `Content-MD5`.
 *
 * @throws S3Failure `InvalidDigest` if the header is no MD5, `BadDigest` if it differs
 */
export function verifyMd5(headers: Headers, content: Uint8Array): void {
  const given = headers["content-md5"];
  if (given === undefined) return;
  if (decodeBase64(given)?.length !== 16) {
    throw new S3Failure(400, "InvalidDigest", "The Content-MD5 you specified was invalid.", {
      fields: { "Content-MD5": given },
    });
  }
  const actual = createHash("md5").update(content).digest("base64");
  if (actual !== given) {
    throw new S3Failure(400, "BadDigest", "The Content-MD5 you specified did not match what we received.", {
      fields: { ExpectedDigest: given, CalculatedDigest: actual },
    });
  }
}

function checkForm(algorithm: ChecksumAlgorithm, value: string): void {
  if (decodeBase64(value)?.length !== LENGTHS[algorithm]) {
    throw invalidRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`);
  }
}

function isAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(DIGESTS, name);
}

function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
