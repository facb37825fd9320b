// The body of a request, decoded and checked.

import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { chunkedForm, type Decoded, decodeChunked } from "./chunked.ts";
import { ClientGone, S3Failure } from "./failure.ts";
import type { S3Request } from "./request.ts";
import type { Signed } from "./signature.ts";

/** Room for what `aws-chunked` adds to a content. */
const CHUNKED_OVERHEAD = 1.1;
const CHUNKED_SLACK = 65_536;

/**
 * Reads the body of a request as it was sent.
 *
 * @param maximumBytes - largest content that is taken
 * @param onBytes - told of every piece
 * @throws S3Failure `EntityTooLarge`, `MissingContentLength`; ClientGone if the client left
 */
export async function readBody(
  incoming: IncomingMessage,
  request: S3Request,
  maximumBytes: number,
  onBytes: (count: number) => void,
): Promise<Uint8Array> {
  const { headers } = request;
  const chunked = chunkedForm(headers["x-amz-content-sha256"]) !== undefined;
  const announced = headers[chunked ? "x-amz-decoded-content-length" : "content-length"];
  if (request.operation === "PutObject" && announced === undefined) {
    throw new S3Failure(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  if (Number(announced ?? 0) > maximumBytes) throw tooLarge(Number(announced), maximumBytes);
  const room = chunked ? maximumBytes * CHUNKED_OVERHEAD + CHUNKED_SLACK : maximumBytes;
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    // If the content is too large, the connection stays: it is needed for the answer.
    for await (const piece of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      onBytes(piece.length);
      length += piece.length;
      if (length > room) throw tooLarge(length, maximumBytes);
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof S3Failure) throw error;
    throw new ClientGone("The client left before its body was complete.", { cause: error });
  }
  return Buffer.concat(pieces);
}

/**
 * Checks a body against what the request's signature says about it, and decodes it.
 *
 * @throws S3Failure `XAmzContentSHA256Mismatch`, and what `decodeChunked` throws
 */
export async function decodeBody(
  request: S3Request,
  body: Uint8Array,
  signed: Signed | undefined,
): Promise<Decoded> {
  const claimed = request.headers["x-amz-content-sha256"];
  const form = chunkedForm(claimed);
  if (form !== undefined) {
    return decodeChunked(body, form, signed, Number(request.headers["x-amz-decoded-content-length"]));
  }
  if (claimed === undefined || claimed === "UNSIGNED-PAYLOAD") return { content: body, trailers: new Map() };
  if (!/^[0-9a-f]{64}$/.test(claimed)) {
    throw new S3Failure(
      400,
      "InvalidArgument",
      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, " +
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
      { fields: { ArgumentName: "x-amz-content-sha256", ArgumentValue: claimed } },
    );
  }
  const actual = createHash("sha256").update(body).digest("hex");
  if (actual !== claimed) {
    throw new S3Failure(
      400,
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      { fields: { ClientComputedContentSHA256: claimed, S3ComputedContentSHA256: actual } },
    );
  }
  return { content: body, trailers: new Map() };
}

function tooLarge(proposed: number, maximumBytes: number): S3Failure {
  return new S3Failure(
    400,
    "EntityTooLarge",
    "Your proposed upload exceeds the maximum allowed object size.",
    {
      fields: { ProposedSize: String(proposed), MaxSizeAllowed: String(maximumBytes) },
    },
  );
}
