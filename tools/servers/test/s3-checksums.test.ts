import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { ChecksumAlgorithm, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { crc32cOf, crc32Of, crc64nvmeOf } from "../src/s3/crc.ts";
import { BUCKET, bytes, codeOf, failureOf, serve, signedFetch, signerOf } from "./own-s3.ts";

const PATH = `/${BUCKET}/k`;

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

test("the checksums of CRC are those of the check values that are published", () => {
  const check = bytes("123456789");
  expect(Buffer.from(crc32Of(check)).toString("hex")).toBe("cbf43926");
  expect(Buffer.from(crc32cOf(check)).toString("hex")).toBe("e3069283");
  expect(Buffer.from(crc64nvmeOf(check)).toString("hex")).toBe("ae8b14860a799888");
});

test.each([["CRC32"], ["CRC32C"], ["SHA1"], ["SHA256"], ["CRC64NVME"]] as const)(
  "a checksum %s of a client of Amazon's is checked, kept and given back",
  async (algorithm) => {
    const { client } = await serve();
    const put = { Bucket: BUCKET, Key: "k", Body: bytes("content") };
    await client.send(new PutObjectCommand({ ...put, ChecksumAlgorithm: ChecksumAlgorithm[algorithm] }));
    const field = `Checksum${algorithm}` as const;
    const head = { Bucket: BUCKET, Key: "k" };
    const with_ = await client.send(new HeadObjectCommand({ ...head, ChecksumMode: "ENABLED" }));
    expect(with_[field]).toMatch(/=$/);
    expect(with_.ChecksumType).toBe("FULL_OBJECT");
    expect((await client.send(new HeadObjectCommand(head)))[field]).toBeUndefined();
    const wrong = { ...put, Body: bytes("another"), [field]: with_[field] };
    expect(await failureOf(client.send(new PutObjectCommand(wrong)))).toMatchObject({
      status: 400,
      code: "BadDigest",
    });
  },
);

test("an object that came with no checksum has one of CRC-64/NVME", async () => {
  const { client } = await serve({}, { requestChecksumCalculation: "WHEN_REQUIRED" });
  const put = await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: bytes("123456789") }));
  expect(put.ChecksumCRC64NVME).toBe(Buffer.from("ae8b14860a799888", "hex").toString("base64"));
});

test("a content with a wrong SHA-256 is refused, and not kept", async () => {
  const { client } = await serve();
  const put = { Bucket: BUCKET, Key: "k", Body: bytes("content"), ChecksumSHA256: sha256("another") };
  expect(await failureOf(client.send(new PutObjectCommand(put)))).toMatchObject({ code: "BadDigest" });
  const head = client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "k" }));
  expect((await failureOf(head)).status).toBe(404);
});

test("a checksum that cannot be one is 400", async () => {
  const { server } = await serve();
  const put = (headers: Record<string, string>) =>
    signedFetch(server, { method: "PUT", path: PATH, body: "content", headers }).then(codeOf);
  const right = { "x-amz-checksum-sha256": sha256("content") };
  expect(await put(right)).toBe("200");
  expect(await put({ "x-amz-checksum-sha256": "short" })).toBe("400 InvalidRequest");
  expect(await put({ "x-amz-checksum-sha999": "AAAA" })).toBe("400 InvalidRequest");
  expect(await put({ ...right, "x-amz-checksum-crc32": "AAAAAA==" })).toBe("400 InvalidRequest");
  expect(await put({ "x-amz-sdk-checksum-algorithm": "SHA256" })).toBe("400 InvalidRequest");
  expect(await put({ "content-md5": "short" })).toBe("400 InvalidDigest");
  expect(await put({ "content-md5": createHash("md5").update("another").digest("base64") })).toBe(
    "400 BadDigest",
  );
  expect(await put({ "content-md5": createHash("md5").update("content").digest("base64") })).toBe("200");
});

test("a part of an object comes without the checksum of the whole", async () => {
  const { client } = await serve();
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: bytes("0123456789") }));
  const part = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "k", Range: "bytes=2-4" }));
  expect(await part.Body?.transformToString()).toBe("234");
  expect(part.ChecksumCRC32).toBeUndefined();
});

test("a stream of a client of Amazon's, with its checksum in a trailer, is put", async () => {
  const { client, server } = await serve();
  const pieces = [Buffer.alloc(70_000, 1), Buffer.alloc(9000, 2), Buffer.from("end")];
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const put = { Bucket: BUCKET, Key: "k", Body: Readable.from(pieces), ContentLength: length };
  await client.send(new PutObjectCommand({ ...put, ContentEncoding: "gzip", ChecksumAlgorithm: "SHA256" }));
  const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "k" }));
  expect(Buffer.from(await got.Body!.transformToByteArray()).equals(Buffer.concat(pieces))).toBe(true);
  expect(got.ContentEncoding).toBe("gzip");
  expect(server.requests.list({ operation: "PutObject" })[0]!.bytesIn).toBeGreaterThan(length);
});

test("chunks in the middle of a stream that are smaller than 8 KiB are 403 InvalidChunkSizeError", async () => {
  const { client } = await serve();
  const Body = Readable.from([Buffer.alloc(100), Buffer.alloc(100)]);
  const put = new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body, ContentLength: 200 });
  expect(await failureOf(client.send(put))).toMatchObject({ status: 403, code: "InvalidChunkSizeError" });
});

const TRAILER = {
  "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "x-amz-decoded-content-length": "5",
  "x-amz-trailer": "x-amz-checksum-sha256",
  "content-encoding": "aws-chunked",
};

test("a trailer that does not fit the chunks is refused", async () => {
  const { server } = await serve();
  const put = (body: string, headers: Record<string, string> = {}) =>
    signedFetch(server, { method: "PUT", path: PATH, body, headers: { ...TRAILER, ...headers } }).then(
      codeOf,
    );
  const trailer = `x-amz-checksum-sha256:${sha256("hello")}`;
  expect(await put(`5\r\nhello\r\n0\r\n${trailer}\r\n\r\n`)).toBe("200");
  expect(await put(`5\r\nhallo\r\n0\r\n${trailer}\r\n\r\n`)).toBe("400 BadDigest");
  expect(await put("5\r\nhello\r\n0\r\n\r\n")).toBe("400 MalformedTrailerError");
  expect(await put(`6\r\nhello\r\n0\r\n${trailer}\r\n\r\n`)).toBe("400 IncompleteBody");
  expect(await put("5\r\nhello\r\n")).toBe("400 IncompleteBody");
  const longer = { "x-amz-decoded-content-length": "6" };
  expect(await put(`5\r\nhello\r\n0\r\n${trailer}\r\n\r\n`, longer)).toBe("400 IncompleteBody");
});

test("chunks of a content that is too large are 400 EntityTooLarge", async () => {
  const { server } = await serve({ maximumObjectBytes: 4 });
  const body = `5\r\nhello\r\n0\r\nx-amz-checksum-sha256:${sha256("hello")}\r\n\r\n`;
  const answer = await signedFetch(server, { method: "PUT", path: PATH, body, headers: TRAILER });
  expect(await codeOf(answer)).toBe("400 EntityTooLarge");
});

/** Puts "hello" in signed chunks; `forge` changes the body that was signed. */
async function putSignedChunks(
  server: Parameters<typeof signedFetch>[0],
  withTrailer: boolean,
  forge: (body: string) => string = (body) => body,
): Promise<string> {
  const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
  const signingDate = new Date();
  const date = signingDate.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${date.slice(0, 8)}/${server.region}/s3/aws4_request`;
  const { host } = new URL(server.endpoint);
  const kind = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${withTrailer ? "-TRAILER" : ""}`;
  const headers = { ...TRAILER, "x-amz-content-sha256": kind, host };
  if (!withTrailer) Reflect.deleteProperty(headers, "x-amz-trailer");
  const signer = signerOf(server);
  const seed = await signer.sign(
    { method: "PUT", protocol: "http:", hostname: "", path: PATH, headers },
    { signingDate },
  );
  let previous = /Signature=(\w+)/.exec(seed.headers["authorization"]!)![1]!;
  let body = "";
  for (const chunk of ["hello", ""]) {
    const text = ["AWS4-HMAC-SHA256-PAYLOAD", date, scope, previous, hash(""), hash(chunk)].join("\n");
    previous = await signer.sign(text, { signingDate });
    body += `${chunk.length.toString(16)};chunk-signature=${previous}\r\n${chunk}${chunk === "" ? "" : "\r\n"}`;
  }
  if (withTrailer) {
    const line = `x-amz-checksum-sha256:${sha256("hello")}\n`;
    const text = ["AWS4-HMAC-SHA256-TRAILER", date, scope, previous, hash(line)].join("\n");
    const signature = await signer.sign(text, { signingDate });
    body += `${line.trim()}\r\nx-amz-trailer-signature:${signature}\r\n`;
  }
  const { host: _, ...rest } = seed.headers;
  return codeOf(
    await fetch(server.endpoint + PATH, { method: "PUT", headers: rest, body: forge(`${body}\r\n`) }),
  );
}

test("chunks that are signed one by one are put, and forged ones are refused", async () => {
  const { server } = await serve();
  expect(await putSignedChunks(server, false)).toBe("200");
  expect(await putSignedChunks(server, false, (body) => body.replace("hello", "hallo"))).toBe(
    "403 SignatureDoesNotMatch",
  );
  expect(await putSignedChunks(server, true)).toBe("200");
  const forged = sha256("hallo");
  expect(await putSignedChunks(server, true, (body) => body.replace(sha256("hello"), forged))).toBe(
    "403 SignatureDoesNotMatch",
  );
});
