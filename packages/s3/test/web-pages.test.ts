// A network that wants a password first answers with a page and status 200: that says nothing of the log, and passes.

import { createHash } from "node:crypto";
import {
  type Address,
  addressOf,
  generateSeed,
  openReader,
  openWriter,
  type Remote,
  rawSha256,
} from "@remote-log/core";
import { s3Remote } from "@remote-log/s3";
import { publicS3Remote } from "@remote-log/s3/public";
import { answer, bytes, failure, type Reply, redirect } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { clientFor, newPrefix, ownServer } from "./clients.ts";

const BUCKET = "open-to-all";
const server = await ownServer({ publicRead: [BUCKET] });

/** Where the network has people log in. */
const portal = await scriptedServer(
  answer(200, "text/html", "<html><form>Room number, please</form></html>"),
);
const page = "<!DOCTYPE html><html><body><form>Room number, please</form></body></html>";
const pages = [
  ["a page", answer(200, "text/html; charset=utf-8", page)],
  ["a page of no type", { body: `\n ${page}` }],
  ["a page without a head", answer(200, "text/html", "<h1>Log in</h1>")],
  ["a page of a megabyte", answer(200, "text/html", page.padEnd(1_000_000))],
  ["a redirect to a page", redirect(302, `${portal.url}/login`)],
  ["a redirect to a page, with a page", { ...redirect(307, `${portal.url}/login`), body: page }],
] as const;

/** The remote on a real server behind a network that shows its page until somebody logs in. */
async function behindPage(how: string, reply: Reply) {
  const prefix = newPrefix();
  const real = s3Remote({ client: clientFor(server).client, bucket: BUCKET, prefix });
  const network = await scriptedServer(reply, { target: server.endpoint });
  const logIn = (): void => network.become(() => undefined);
  const client = clientFor({ ...server, endpoint: network.url }, { maxAttempts: 1 }).client;
  const remote: Remote =
    how === "the SDK"
      ? s3Remote({ client, bucket: BUCKET, prefix })
      : publicS3Remote({ url: `${network.url}/${BUCKET}/${prefix}` });
  return { real, remote, logIn };
}

const unknown = { code: "ERR_UNREACHABLE", retry: "safe" };

describe.each(["the SDK", "plain HTTP"])("with %s", (how) => {
  test.each(pages)("%s in the place of an object, or of a name, is no answer", async (_, reply) => {
    const { remote } = await behindPage(how, reply);
    const address: Address = await addressOf(bytes("hello"), rawSha256);
    expect(await failure(remote.storage.get(address))).toMatchObject(unknown);
    expect(await failure(remote.names.resolve("log"))).toMatchObject(unknown);
    expect(await failure(remote.names.resolve("log", { known: '"0"' }))).toMatchObject(unknown);
    await using reader = await openReader({ logId: "0".repeat(64), remotes: [remote], retries: 0 });
    expect(await failure(reader.sync())).toMatchObject(unknown);
  });

  test.each(pages.filter(([what]) => what !== "a page of no type"))(
    "%s does not mean that an object is there",
    async (_, reply) => {
      const { remote } = await behindPage(how, reply);
      const address = await addressOf(bytes("hello"), rawSha256);
      expect(await failure(remote.storage.has(address))).toMatchObject(unknown);
      expect(portal.requests).toEqual([]);
    },
  );

  test("an entry that is a page in HTML is an entry like others", async () => {
    const { real, remote: other, logIn } = await behindPage(how, pages[0][1]);
    logIn();
    // A signature covers the host, so that the SDK has to ask the server itself.
    const remote = how === "the SDK" ? real : other;
    const address = await real.storage.put(bytes(page));
    expect(await remote.storage.get(address)).toEqual(bytes(page));
    expect(await remote.storage.has(address)).toBe(true);
  });
});

test.each([302, 303, 307] as const)(
  "a redirect (%d) that is none of S3 is no wrong region",
  async (status) => {
    const { url } = await scriptedServer(redirect(status, portal.url));
    const { client } = clientFor({ ...server, endpoint: url }, { maxAttempts: 1 });
    const { storage, names } = s3Remote({ client, bucket: BUCKET, compareAndSet: "none" });
    const address = await addressOf(bytes("hello"), rawSha256);
    const listing = async () => {
      for await (const found of storage.list!()) throw new Error(`It listed ${found}.`);
    };
    for (const doing of [
      () => storage.put(bytes("hello")),
      () => storage.delete!(address),
      listing,
      () => names.update("log", bytes("hello"), { expected: null }),
    ]) {
      expect([`${doing}`, await failure(doing())]).toMatchObject([
        `${doing}`,
        { ...unknown, reason: "redirect" },
      ]);
    }
  },
);

test("a redirect of S3 itself still names the region", async () => {
  const headers = { "x-amz-bucket-region": "eu-west-1" };
  const { url } = await scriptedServer({ ...redirect(307, portal.url), headers });
  const { client } = clientFor({ ...server, endpoint: url }, { maxAttempts: 1 });
  const error = await failure(s3Remote({ client, bucket: BUCKET }).names.resolve("log"));
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", reason: "wrong-region" });
  expect(error.message).toContain("eu-west-1");
});

test.each([
  ["page", pages[0][1]],
  ["redirect", redirect(302, `${portal.url}/login`)],
])("a live stream from a public bucket continues once somebody has logged in (%s)", async (_, reply) => {
  const { real, remote, logIn } = await behindPage("plain HTTP", reply);
  await using writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [real],
    settings: { visibility: "public" },
    publish: "manual",
  });
  for (let i = 0; i < 40; i++) void writer.append(bytes(`entry ${i}`));
  await writer.publish();
  let polls = 0;
  await using reader = await openReader({
    logId: writer.logId,
    remotes: [remote],
    pollMilliseconds: 1,
    onSync: ({ status }) => {
      if (status === "failed" && ++polls === 3) logIn();
    },
  });
  let next = 0;
  for await (const { content } of reader.from(0, { live: true })) {
    expect(new TextDecoder().decode(content)).toBe(`entry ${next++}`);
    if (next === 40) break;
  }
  expect(polls).toBe(3);
});

test("what is no page, and not the content either, is still corrupt or forged", async () => {
  const forged = await scriptedServer({ body: "< html" });
  const remote = publicS3Remote({ url: forged.url });
  const address = await addressOf(createHash("sha256").update("x").digest(), rawSha256);
  expect(await failure(remote.storage.get(address))).toMatchObject({ code: "ERR_INTEGRITY", retry: "never" });
});
