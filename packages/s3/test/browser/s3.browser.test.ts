import { createHash } from "node:crypto";
import { addressOf, rawSha256 } from "@remote-log/core";
import { s3Names, s3Remote } from "@remote-log/s3";
import { bytes } from "@remote-log/test-kit";
import { beforeEach, describe, expect, test } from "vitest";
import { canRun, places, tabOfGroup } from "../../../../tools/browser-tests/in-chromium.ts";
import { clientFor, newPrefix, ownServer } from "../clients.ts";
import type { BrowserPlace, commands } from "./commands.ts";

const BUCKET = "open-to-all";
// Enough for a page of the log besides its head, and a content that is an object of its own.
const texts = Array.from({ length: 40 }, (_, i) => `entry ${i}${i === 7 ? " long".repeat(400) : ""}`);
const expose = { allowedOrigins: ["*"], exposeHeaders: ["ETag", "x-amz-checksum-sha256"] };

describe.skipIf(!canRun)("in Chromium", async () => {
  // What is written seems to be ten minutes old, so that a browser takes it for fresh for a minute.
  const server = await ownServer({ publicList: [BUCKET], now: () => Date.now() - 600_000 });
  const { run } = tabOfGroup<typeof commands>(import.meta.url);

  beforeEach(() => server.setCors(expose));

  /** A place of its own, and the URL under which everybody can read it. */
  function newPlace(): { place: BrowserPlace; url: string } {
    const { endpoint, region, credentials } = server;
    const prefix = newPrefix();
    return {
      place: { endpoint, region, credentials, bucket: BUCKET, prefix },
      url: `${endpoint}/${BUCKET}/${prefix}`,
    };
  }

  const preflights = () => server.requests.count({ operation: "Preflight" });

  test.each(places)(
    "a log that was written with the SDK is read with it, and by plain HTTP in a worker (%s)",
    async (where) => {
      const { place, url } = newPlace();
      const { logId, read } = await run(where, "writeAndRead", place, texts);
      expect(read).toEqual(texts);
      expect(await run("runInWorker", "readPublic", url, logId)).toEqual(texts);
    },
  );

  test.each(places)("what a service says is understood, lists and errors too (%s)", async (where) => {
    const { place } = newPlace();
    const contents = ["one", "two", "two", "three"];
    const listed = await run(where, "putAndList", place, contents);
    const addresses = contents.map(async (text) => `${await addressOf(bytes(text), rawSha256)}`);
    expect(listed.toSorted()).toEqual([...new Set(await Promise.all(addresses))].toSorted());
    expect(await run(where, "resolve", place, "absent")).toBe("absent");
    const elsewhere = { ...place, bucket: "no-such-bucket" };
    await expect(run(where, "resolve", elsewhere, "log")).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
    const wrong = { ...place.credentials, secretAccessKey: "wrong" };
    await expect(run(where, "resolve", { ...place, credentials: wrong }, "log")).rejects.toMatchObject({
      code: "ERR_DENIED",
      message: expect.stringContaining("SignatureDoesNotMatch") as string,
    });
  });

  test("what another device changed shows at once, whatever the browser has in its cache", async () => {
    const { place } = newPlace();
    const { names, storage } = s3Remote({ ...place, client: clientFor(server).client });
    const expected = await names.update("log", bytes("one"), { expected: null });
    const address = await storage.put(bytes("a content"));
    expect(await run("runHere", "shown", place, "log")).toBe("one");
    expect(await run("runHere", "isThere", place, "a content")).toBe(true);
    await names.update("log", bytes("two"), { expected });
    await storage.delete!(address);
    expect(await run("runHere", "shown", place, "log")).toBe("two");
    expect(await run("runHere", "isThere", place, "a content")).toBe(false);
  });

  test("reading over plain HTTP sends no preflight, and what did not change has no body", async () => {
    const { place, url } = newPlace();
    const { logId } = await run("runHere", "writeAndRead", place, texts);
    server.requests.clear();
    expect(await run("runHere", "readPublic", url, logId)).toEqual(texts);
    expect(preflights()).toBe(0);
    server.requests.clear();
    expect(await run("runHere", "resolveAgain", url, logId)).toMatchObject({ status: "unchanged" });
    const key = `${place.prefix}/names/${createHash("sha256").update(logId).digest("hex")}`;
    // The first time the browser's own cache asks.
    const unchanged = { status: 304, bytesOut: 0 };
    expect(server.requests.list({ key, operation: "GetObject" })).toMatchObject([unchanged, unchanged]);
  });

  test("where CORS does not expose the ETag, writers are told so before a name is changed", async () => {
    const { place } = newPlace();
    server.setCors({ ...expose, exposeHeaders: [] });
    const hidden = { code: "ERR_UNSUPPORTED", message: expect.stringContaining("ExposeHeaders") as string };
    await expect(run("runHere", "openRemote", place)).rejects.toMatchObject(hidden);
    await expect(run("runHere", "writeAndRead", place, ["x"])).rejects.toMatchObject(hidden);
    expect(server.requests.count({ operation: "PutObject", status: 200 })).toBeGreaterThan(0);
    const puts = server.requests.list({ operation: "PutObject" });
    expect(puts.filter(({ key }) => key.startsWith(`${place.prefix}/names/`))).toEqual([]);
    await s3Names({ ...place, client: clientFor(server).client }).update("log", bytes("x"), {
      expected: null,
    });
    await expect(run("runHere", "resolve", place, "log")).rejects.toMatchObject(hidden);
  });

  test("where CORS does not expose the ETag, contents are written, and public logs are read", async () => {
    const { place, url } = newPlace();
    const { logId } = await run("runHere", "writeAndRead", place, texts);
    server.setCors({ ...expose, exposeHeaders: [] });
    await run("runHere", "putAndList", place, ["a content"]);
    expect(await run("runHere", "readContent", url, "a content")).toBe("a content");
    expect(await run("runHere", "readPublic", url, logId)).toEqual(texts);
    expect(await run("runHere", "resolveAgain", url, logId)).toMatchObject({
      status: "unchanged",
      revision: expect.stringMatching(/^sha256:/) as string,
    });
  });

  test("where CORS does not allow the page, the error names it", async () => {
    const { place, url } = newPlace();
    server.setCors(undefined);
    const refused = { code: "ERR_UNREACHABLE", message: expect.stringContaining("CORS") as string };
    await expect(run("runHere", "openRemote", place)).rejects.toMatchObject(refused);
    await expect(run("runHere", "readPublic", url, "0".repeat(64))).rejects.toMatchObject(refused);
  });
});
