// The server of the notes as its README starts it: with our own S3 server, which needs Node alone.

import { spawn } from "node:child_process";
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import { formatLink, generateSeed, openLink, openWriter } from "@remote-log/core";
import { openS3Remote, s3Remote } from "@remote-log/s3";
import { until } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test } from "vitest";

const program = fileURLToPath(new URL("../notes/serve.mjs", import.meta.url));

/** Starts it, and says where it is. */
async function serve(data: string): Promise<string> {
  const { AWS_ENDPOINT_URL: _, ...env } = process.env;
  const words = [program, "--port", "0", "--data", data];
  const child = spawn(process.execPath, words, { env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await until(() => said.includes("\n") || child.exitCode !== null, { what: "the server" });
  return /http:\/\/\S+\//.exec(said)![0];
}

/** What the server answers to whoever calls it by another name. */
function statusFor(host: string, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (answer) => resolve(answer.resume().statusCode))
      .on("error", reject)
      .end();
  });
}

/** What the page does: it asks where the notes are, and what it may use. */
async function bucketAt(url: string): Promise<Bucket> {
  const { endpoint, region, bucket, prefix } = await (await fetch(new URL("place.json", url))).json();
  const { expiration, ...credentials } = await (await fetch(new URL("credentials", url))).json();
  expect(Date.parse(expiration) - Date.now()).toBeGreaterThan(0);
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return { endpoint, secret: credentials.secretAccessKey, at: { client, bucket, prefix } };
}

interface Bucket {
  readonly endpoint: string;
  readonly secret: string;
  readonly at: { readonly client: S3Client; readonly bucket: string; readonly prefix: string };
}

test("it serves the page without credentials, gives them to this machine alone, and has a bucket that this page may use", async () => {
  const url = await serve(await temporaryFolder());
  const page = await fetch(url);
  expect(page.headers.get("content-type")).toContain("text/html");
  const policy = page.headers.get("content-security-policy");
  const { endpoint, secret, at } = await bucketAt(url);
  expect(policy).toContain(`connect-src 'self' ${endpoint};`);
  const files = ["", "page.js", "style.css", "icon.svg", "place.json", "service-worker.js"];
  for (const file of files) {
    const answer = await fetch(new URL(file, url));
    expect([file, answer.status]).toEqual([file, 200]);
    expect((await answer.text()).includes(secret)).toBe(false);
  }
  expect((await fetch(new URL("package.json", url))).status).toBe(404);
  expect((await fetch(new URL("credentials", url), { method: "POST" })).status).toBe(405);
  for (const path of ["", "credentials"])
    expect(await statusFor("notes.example", new URL(path, url).href)).toBe(403);
  // A page may use the storage if it is this one, and no other.
  const allowed = async (origin: string): Promise<string | null> => {
    const headers = { origin, "access-control-request-method": "PUT" };
    const answer = await fetch(new URL(`${at.bucket}/x`, endpoint), {
      method: "OPTIONS",
      headers,
    });
    return answer.headers.get("access-control-allow-origin");
  };
  const own = new URL(url).origin;
  expect([await allowed(own), await allowed("http://notes.example")]).toEqual([own, null]);

  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel(),
    remotes: [await openS3Remote(at)],
    publish: "manual",
  });
  await writer.append(new TextEncoder().encode("a note"));
  await writer.publish();
  const link = formatLink({ logId: writer.logId, key: writer.readKey!, remotes: ["s3:here"] });
  await writer.close();
  const reader = await openLink(link, { schemes: { "s3:": () => s3Remote(at) } });
  const [entry] = await reader.latest(1);
  expect(new TextDecoder().decode(entry?.content)).toBe("a note");
  await reader.close();
});
