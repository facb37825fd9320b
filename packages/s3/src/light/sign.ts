// Signature Version 4 of AWS, by the signer of their SDK, with hashes in JavaScript: not every runtime has Web Crypto, and a browser
// has it only for pages that came over HTTPS.

import { concatBytes, encodeUtf8, sha256 } from "@remote-log/core/adapter";
import { createScope, getCanonicalHeaders, getSigningKey, SignatureV4Base } from "@smithy/signature-v4";
import { hexOf } from "../layout.ts";
import type { LightS3Credentials } from "./client.ts";

/** A request before it is signed. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Encoded, from the slash on. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

type Data = string | ArrayBuffer | ArrayBufferView;

/** SHA-256, or HMAC-SHA-256 (FIPS 198-1) if there is a secret, as the signer wants it: of texts that are short. */
class Sha256 {
  readonly #secret: Uint8Array | undefined;
  #parts: Uint8Array[] = [];

  constructor(secret?: Data) {
    const bytes = secret === undefined ? undefined : bytesOf(secret);
    this.#secret = bytes !== undefined && bytes.length > BLOCK_BYTES ? sha256(bytes) : bytes;
  }

  update(data: Data): void {
    this.#parts.push(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    if (this.#secret === undefined) return sha256(concatBytes(this.#parts));
    const inner = sha256(concatBytes([block(this.#secret, 0x36), ...this.#parts]));
    return sha256(concatBytes([block(this.#secret, 0x5c), inner]));
  }

  reset(): void {
    this.#parts = [];
  }
}

/** What a block of SHA-256 takes, in bytes. */
const BLOCK_BYTES = 64;

/** The block that a key makes with a mask. */
function block(key: Uint8Array, mask: number): Uint8Array {
  return Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (key[i] ?? 0) ^ mask);
}

function bytesOf(data: Data): Uint8Array {
  if (typeof data === "string") return encodeUtf8(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The parts of a signature that the SDK's signer has, without what signs URLs and streams of events. */
class Signer extends SignatureV4Base {
  constructor() {
    // Paths of S3 are encoded once. Credentials and region come with each request.
    super({
      service: SERVICE,
      region: "",
      credentials: { accessKeyId: "", secretAccessKey: "" },
      sha256: Sha256,
      uriEscapePath: false,
    });
  }

  async headersOf(
    { method, url, path, query, headers }: UnsignedRequest,
    credentials: LightS3Credentials,
    region: string,
    at: Date,
  ): Promise<Readonly<Record<string, string>>> {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const { longDate, shortDate } = this.formatDate(at);
    const sent = {
      ...headers,
      "x-amz-date": longDate,
      ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
    };
    const { protocol, hostname } = url;
    const request = {
      method,
      protocol,
      hostname,
      path,
      query: { ...query },
      headers: { ...sent, host: url.host },
    };
    const signed = getCanonicalHeaders(request);
    const hash = headers["x-amz-content-sha256"]!;
    const scope = createScope(shortDate, region, SERVICE);
    const canonical = this.createCanonicalRequest(request, signed, hash);
    const text = await this.createStringToSign(longDate, scope, canonical, ALGORITHM);
    const key = await getSigningKey(Sha256, { accessKeyId, secretAccessKey }, shortDate, region, SERVICE);
    const signature = new Sha256(key);
    signature.update(text);
    const parts = [
      `Credential=${accessKeyId}/${scope}`,
      `SignedHeaders=${this.getCanonicalHeaderList(signed)}`,
      `Signature=${hexOf(await signature.digest())}`,
    ];
    return { ...sent, authorization: `${ALGORITHM} ${parts.join(", ")}` };
  }
}

const SERVICE = "s3";
const ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * The headers of a request with its signature. The hash of the body has to be among them (`x-amz-content-sha256`).
 *
 * @param at - the time that the signature is of
 */
export function signedHeaders(
  request: UnsignedRequest,
  credentials: LightS3Credentials,
  region: string,
  at: Date,
): Promise<Readonly<Record<string, string>>> {
  return new Signer().headersOf(request, credentials, region, at);
}
