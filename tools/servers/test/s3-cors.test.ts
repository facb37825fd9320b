import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { BUCKET, bytes, codeOf, serve, signedFetch } from "./own-s3.ts";

const ORIGIN = "https://app.example";
const PATH = `/${BUCKET}/k`;

function preflight(endpoint: string, headers: Record<string, string>, origin = ORIGIN): Promise<Response> {
  return fetch(endpoint + PATH, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "PUT", ...headers },
  });
}

test("a page of an allowed origin is told that it may put, with its headers", async () => {
  const { server } = await serve({ cors: { allowedOrigins: [ORIGIN], maxAgeSeconds: 60 } });
  const answer = await preflight(server.endpoint, {
    "access-control-request-headers": "authorization,if-none-match,x-amz-date",
  });
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "access-control-allow-origin": ORIGIN,
    "access-control-allow-methods": "GET, HEAD, PUT, DELETE",
    "access-control-allow-headers": "authorization, if-none-match, x-amz-date",
    "access-control-expose-headers": "ETag",
    "access-control-max-age": "60",
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  });
});

test("what the rule does not allow is 403 AccessForbidden", async () => {
  const { server } = await serve({
    cors: { allowedOrigins: ["https://*.example"], allowedMethods: ["GET"], allowedHeaders: ["x-amz-*"] },
  });
  const get = { "access-control-request-method": "GET" };
  const ask = async (headers: Record<string, string>, origin?: string): Promise<string> =>
    codeOf(await preflight(server.endpoint, headers, origin));
  expect(await ask(get)).toBe("200");
  expect(await ask({ ...get, "access-control-request-headers": "X-Amz-Date" })).toBe("200");
  expect(await ask(get, "https://other.test")).toBe("403 AccessForbidden");
  expect(await ask({})).toBe("403 AccessForbidden");
  expect(await ask({ ...get, "access-control-request-headers": "if-match" })).toBe("403 AccessForbidden");
});

test("a server without a rule answers no preflight, and lets no page read", async () => {
  const { server } = await serve();
  expect(await codeOf(await preflight(server.endpoint, {}))).toBe("403 AccessForbidden");
  const answer = await signedFetch(server, { path: PATH, headers: { origin: ORIGIN } });
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
});

test("a page may read answers, errors too, and see their ETag", async () => {
  const { server, client } = await serve({ cors: { allowedOrigins: ["*"] } });
  const missing = await signedFetch(server, { path: PATH, headers: { origin: ORIGIN } });
  expect(missing.status).toBe(404);
  expect(missing.headers.get("access-control-allow-origin")).toBe("*");
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: bytes("x") }));
  const found = await signedFetch(server, { path: PATH, headers: { origin: ORIGIN } });
  expect(found.headers.get("access-control-expose-headers")).toBe("ETag");
});

test("a rule that exposes nothing hides the ETag from pages", async () => {
  const { server, client } = await serve({ cors: { allowedOrigins: ["*"] } });
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: bytes("x") }));
  server.setCors({ allowedOrigins: ["*"], exposeHeaders: [] });
  const answer = await signedFetch(server, { path: PATH, headers: { origin: ORIGIN } });
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.has("access-control-expose-headers")).toBe(false);
});
