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
import { answer, bytes, failure } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { clientFor, newPrefix, ownServer } from "./clients.ts";

const BUCKET = "open-to-all";
const server = await ownServer({ publicRead: [BUCKET] });

const page = "<!DOCTYPE html><html><body><form>Room number, please</form></body></html>";
const pages = [
  ["a page", answer(200, "text/html; charset=utf-8", page)],
  ["a page of no type", { body: `\n ${page}` }],
  ["a page without a head", answer(200, "text/html", "<h1>Log in</h1>")],
  ["a page of a megabyte", answer(200, "text/html", page.padEnd(1_000_000))],
] as const;

/** The remote on a real server behind a network that shows its page until somebody logs in. */
async function behindPage(how: string, reply: (typeof pages)[number][1]) {
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

  test("a page does not mean that an object is there", async () => {
    const { remote } = await behindPage(how, pages[0][1]);
    const address = await addressOf(bytes("hello"), rawSha256);
    expect(await failure(remote.storage.has(address))).toMatchObject(unknown);
  });

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

test("a live stream from a public bucket continues once somebody has logged in", async () => {
  const { real, remote, logIn } = await behindPage("plain HTTP", pages[0][1]);
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
