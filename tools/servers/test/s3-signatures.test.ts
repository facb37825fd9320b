import { GetObjectCommand, HeadBucketCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { BUCKET, bytes, clientOf, codeOf, failureOf, serve, signedFetch, signerOf } from "./own-s3.ts";

const MINUTE = 60_000;

test("a request signed with another secret is 403 SignatureDoesNotMatch", async () => {
  const { server } = await serve();
  const credentials = { ...server.credentials, secretAccessKey: "another" };
  const sent = clientOf(server, { credentials }).send(
    new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: bytes("x") }),
  );
  expect(await failureOf(sent)).toMatchObject({ status: 403, code: "SignatureDoesNotMatch" });
});

test("a request by an unknown key is 403 InvalidAccessKeyId", async () => {
  const { server } = await serve();
  const credentials = { ...server.credentials, accessKeyId: "UNKNOWN" };
  const sent = clientOf(server, { credentials }).send(new GetObjectCommand({ Bucket: BUCKET, Key: "k" }));
  expect(await failureOf(sent)).toMatchObject({ status: 403, code: "InvalidAccessKeyId" });
});

test("a request that is not signed is 403 AccessDenied", async () => {
  const { server } = await serve();
  expect(await codeOf(await fetch(`${server.endpoint}/${BUCKET}/k`))).toBe("403 AccessDenied");
  const put = await fetch(`${server.endpoint}/${BUCKET}/k`, { method: "PUT", body: "x" });
  expect(await codeOf(put)).toBe("403 AccessDenied");
});

test("a public bucket is read, and not written, without a signature", async () => {
  const { server, client } = await serve({ publicRead: [BUCKET] });
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: bytes("content") }));
  const url = `${server.endpoint}/${BUCKET}/k`;
  expect(await (await fetch(url)).text()).toBe("content");
  expect(await codeOf(await fetch(url, { method: "PUT", body: "x" }))).toBe("403 AccessDenied");
  expect(await codeOf(await fetch(url, { method: "DELETE" }))).toBe("403 AccessDenied");
  expect(await codeOf(await fetch(`${server.endpoint}/${BUCKET}?list-type=2`))).toBe("403 AccessDenied");
});

test("a stranger is told that an object is missing only if he may list the bucket", async () => {
  const { server } = await serve({ publicRead: ["read"], publicList: ["list"] });
  expect(await codeOf(await fetch(`${server.endpoint}/read/absent`))).toBe("403 AccessDenied");
  expect(await codeOf(await fetch(`${server.endpoint}/list/absent`))).toBe("404 NoSuchKey");
  expect((await fetch(`${server.endpoint}/list?list-type=2`)).status).toBe(200);
});

test("a clock that is more than 15 minutes off is 403 RequestTimeTooSkewed", async () => {
  const { server } = await serve();
  const at = async (offset: number): Promise<string> => {
    const signingDate = new Date(Date.now() + offset);
    return codeOf(await signedFetch(server, { path: `/${BUCKET}?list-type=2`, signingDate }));
  };
  expect(await at(-14 * MINUTE)).toBe("200");
  expect(await at(14 * MINUTE)).toBe("200");
  expect(await at(-16 * MINUTE)).toBe("403 RequestTimeTooSkewed");
  expect(await at(16 * MINUTE)).toBe("403 RequestTimeTooSkewed");
});

test("the date of an answer is by the server's clock", async () => {
  const { server } = await serve({ now: () => Date.parse("2026-05-01T12:00:00Z") });
  const answer = await fetch(`${server.endpoint}/${BUCKET}`, { method: "HEAD" });
  expect(answer.headers.get("date")).toBe("Fri, 01 May 2026 12:00:00 GMT");
});

test("a client of Amazon's corrects its clock by the server's and tries again", async () => {
  const { client } = await serve({ now: () => Date.now() + 60 * MINUTE });
  const { $metadata } = await client.send(
    new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: bytes("x") }),
  );
  expect($metadata.attempts).toBe(2);
});

test("another region in the signature is 400 AuthorizationHeaderMalformed, with the right one", async () => {
  const { server } = await serve({ region: "eu-central-1" });
  const answer = await signedFetch({ ...server, region: "us-east-1" }, { path: `/${BUCKET}/k` });
  expect(answer.status).toBe(400);
  const document = await answer.text();
  expect(document).toContain("<Code>AuthorizationHeaderMalformed</Code>");
  expect(document).toContain("<Region>eu-central-1</Region>");
});

test("a session token has to be the account's", async () => {
  const { server } = await serve({
    credentials: { accessKeyId: "temporary", secretAccessKey: "secret", sessionToken: "token" },
  });
  const head = new HeadBucketCommand({ Bucket: BUCKET });
  expect((await clientOf(server).send(head)).BucketRegion).toBe("us-east-1");
  for (const sessionToken of ["another", undefined]) {
    const credentials = { accessKeyId: "temporary", secretAccessKey: "secret" };
    const answer = await signedFetch(
      { ...server, credentials: sessionToken === undefined ? credentials : { ...credentials, sessionToken } },
      { path: `/${BUCKET}/k` },
    );
    expect(await codeOf(answer)).toBe("400 InvalidToken");
  }
});

test("headers of Amazon's that are not signed are 403 AccessDenied", async () => {
  const { server } = await serve();
  const url = new URL(`${server.endpoint}/${BUCKET}/k`);
  const { headers } = await signerOf(server).sign({
    method: "PUT",
    protocol: "http:",
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
  });
  const { host: _, ...rest } = headers;
  const send = (added: Record<string, string>) =>
    fetch(url, { method: "PUT", body: "x", headers: { ...rest, ...added } }).then(codeOf);
  expect(await send({ "x-amz-meta-added": "1" })).toBe("403 AccessDenied");
  expect(await send({})).toBe("200");
});

test("a body that is not the signed one is 400 XAmzContentSHA256Mismatch, and is not kept", async () => {
  const { server, client } = await serve();
  const answer = await signedFetch(server, {
    method: "PUT",
    path: `/${BUCKET}/k`,
    body: "forged",
    headers: { "x-amz-content-sha256": "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73" },
  });
  expect(await codeOf(answer)).toBe("400 XAmzContentSHA256Mismatch");
  const head = client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "k" }));
  expect((await failureOf(head)).status).toBe(404);
});

async function presign(
  server: Parameters<typeof signerOf>[0] & { endpoint: string },
  options: { method: string; path: string; signingDate?: Date; expiresIn?: number },
): Promise<string> {
  const { host, hostname } = new URL(server.endpoint);
  const { method, path, ...times } = options;
  const request = {
    method,
    protocol: "http:",
    hostname,
    path,
    headers: { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
  };
  const { query = {} } = await signerOf(server).presign(request, times);
  return `${server.endpoint}${path}?${new URLSearchParams(query as Record<string, string>)}`;
}

test("a presigned address puts and gets one key until it expires", async () => {
  const { server } = await serve();
  const path = `/${BUCKET}/a%20key`;
  const put = await fetch(await presign(server, { method: "PUT", path }), { method: "PUT", body: "content" });
  expect(put.status).toBe(200);
  const address = await presign(server, { method: "GET", path });
  expect(await (await fetch(address)).text()).toBe("content");
  expect(await codeOf(await fetch(address, { method: "DELETE" }))).toBe("403 SignatureDoesNotMatch");
  expect(await codeOf(await fetch(address.replace("a%20key", "another")))).toBe("403 SignatureDoesNotMatch");
  const signingDate = new Date(Date.now() - 2 * MINUTE);
  const expired = await presign(server, { method: "GET", path, signingDate, expiresIn: 60 });
  expect(await codeOf(await fetch(expired))).toBe("403 AccessDenied");
});

test("a presigned address for another region is 400 AuthorizationQueryParametersError", async () => {
  const { server } = await serve();
  const address = await presign({ ...server, region: "eu-west-1" }, { method: "GET", path: `/${BUCKET}/k` });
  expect(await codeOf(await fetch(address))).toBe("400 AuthorizationQueryParametersError");
});
