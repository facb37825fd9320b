// Signatures, beside the example in the documentation of S3 and beside the signer of the SDK.

import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { expect, test } from "vitest";
import { signedHeaders } from "../../src/light/sign.ts";

const example = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// Amazon S3 API Reference, "Signature Calculations for the Authorization Header", example of GET Object.
test("the example of the documentation has the signature that stands there", async () => {
  const request = {
    method: "GET",
    url: new URL("https://examplebucket.s3.amazonaws.com"),
    path: "/test.txt",
    query: {},
    headers: { range: "bytes=0-9", "x-amz-content-sha256": EMPTY },
  };
  const headers = await signedHeaders(request, example, "us-east-1", new Date("2013-05-24T00:00:00Z"));
  expect(headers["authorization"]).toBe(
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
      "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, " +
      "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  );
  expect(headers["x-amz-date"]).toBe("20130524T000000Z");
  expect(headers).not.toHaveProperty("host");
});

test("any request has the signature that the signer of the SDK gives it", async () => {
  const text = fc.string({ maxLength: 20 });
  const any = fc.record({
    prefix: text,
    token: fc.option(text),
    session: fc.option(fc.base64String({ minLength: 4, maxLength: 40 })),
    secret: fc.string({ minLength: 1, maxLength: 90 }),
    time: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  });
  await fc.assert(
    fc.asyncProperty(any, async ({ prefix, token, session, secret, time }) => {
      const credentials = {
        accessKeyId: "alice",
        secretAccessKey: secret,
        ...(session !== null && { sessionToken: session }),
      };
      const headers = { "if-none-match": '"e"', "x-amz-content-sha256": EMPTY };
      const query = { "list-type": "2", prefix, ...(token !== null && { "continuation-token": token }) };
      const url = new URL("http://minio.example:9000");
      const at = new Date(time);
      // What is encoded already is not encoded again.
      const path = `/bucket/${encodeURIComponent(prefix)}%20`;
      const ours = await signedHeaders(
        { method: "GET", url, path, query, headers },
        credentials,
        "eu-west-1",
        at,
      );
      const signer = new SignatureV4({
        service: "s3",
        region: "eu-west-1",
        credentials,
        sha256: Sha256,
        uriEscapePath: false,
      });
      const request = { method: "GET", protocol: "http:", hostname: url.hostname, path, query };
      const theirs = await signer.sign(
        { ...request, headers: { ...headers, host: url.host } },
        { signingDate: at },
      );
      const { host: _, ...rest } = theirs.headers;
      expect(ours).toEqual(rest);
    }),
    { numRuns: 60 },
  );
});
