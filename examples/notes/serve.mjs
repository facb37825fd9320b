// Serves the notes, and what they need: our own S3 server, or one of yours.
//
//   node examples/notes/serve.mjs                       our own S3 server, which keeps its objects in examples/notes/.data
//   AWS_ENDPOINT_URL=… AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… node examples/notes/serve.mjs --bucket remote-log

import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startOwnS3 } from "@remote-log/servers";
import { buildPage } from "./build.mjs";

const { values: given } = parseArgs({
  options: {
    port: { type: "string", default: "8480" },
    bucket: { type: "string", default: "remote-log" },
    prefix: { type: "string", default: "notes" },
    poll: { type: "string", default: "5000" },
    data: { type: "string", default: fileURLToPath(new URL(".data", import.meta.url)) },
  },
});
const port = Number(given.port);
const { bucket, prefix } = given;
const { AWS_ENDPOINT_URL, AWS_REGION = "us-east-1" } = process.env;

/** How long the page may use what it is given, in milliseconds. */
const VALID = 900_000;

const server = createServer((request, response) => {
  answer(request).then(
    ({ status = 200, type = "text/plain; charset=utf-8", body = "", headers = {} }) => {
      response.writeHead(status, { "content-type": type, ...headers });
      response.end(request.method === "HEAD" ? undefined : body);
    },
    (/** @type {unknown} */ error) => {
      console.error(error);
      response.writeHead(500).end();
    },
  );
});
await new Promise((resolve, reject) => {
  server.once("error", reject);
  server.listen(port, "127.0.0.1", resolve);
});
const hosts = ["127.0.0.1", "localhost"].map((name) => `${name}:${server.address().port}`);
const { endpoint, region, credentials } =
  AWS_ENDPOINT_URL === undefined ? await ownStorage() : givenStorage();
const files = await buildPage({ endpoint, region, bucket, prefix, pollMilliseconds: Number(given.poll) });
console.log(`The notes are at http://${hosts[0]}/ and their storage at ${endpoint}. Ctrl-C ends it.`);

/** Our own S3 server, which needs Node alone. It allows this page, and no other. */
function ownStorage() {
  const exposeHeaders = ["ETag", "x-amz-checksum-sha256", "x-amz-meta-remote-log-write"];
  const cors = { allowedOrigins: hosts.map((host) => `http://${host}`), exposeHeaders };
  const place = port === 0 ? {} : { port: port + 1 };
  return startOwnS3({ ...place, data: given.data, buckets: [bucket], cors });
}

function givenStorage() {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw new Error("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, too.");
  const credentials = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
  return { endpoint: AWS_ENDPOINT_URL, region: AWS_REGION, credentials };
}

async function answer({ method, headers: { host }, url }) {
  // Another name that leads here is a page of somebody else.
  if (!hosts.includes(host)) return { status: 403, body: "Ask 127.0.0.1.\n" };
  if (method !== "GET" && method !== "HEAD") return { status: 405 };
  const { pathname } = new URL(url, "http://127.0.0.1");
  if (pathname === "/credentials") return givenToPage();
  const file = files.get(pathname);
  if (file === undefined) return { status: 404, body: "There is nothing.\n" };
  const headers = {
    "cache-control": "no-cache",
    "content-security-policy":
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; worker-src 'self'; ` +
      `connect-src 'self' ${endpoint}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  return { ...file, headers };
}

/**
 * What the page may use for a quarter of an hour. This gives out the account itself, as is enough on one machine. On a network, ask first who
 * it is, and give out what can do no more than it has to: see the README.
 */
function givenToPage() {
  const expiration = new Date(Date.now() + VALID);
  const body = JSON.stringify({ ...credentials, expiration });
  return { type: "application/json", body, headers: { "cache-control": "no-store" } };
}
