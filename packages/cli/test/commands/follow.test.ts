import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

test("follow writes what is there and then what comes, and SIGINT ends it cleanly", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "before", "--publish"]);
  const following = place.start(["follow", id, "--remote", uri, "--poll", "0.1"]);
  await following.shows("before\n");
  await place.ok(["append", "after", "--publish"]);
  await following.shows("after\n");
  following.child.kill("SIGINT");
  expect(await following.ended).toEqual({ code: 0, out: "before\nafter\n", err: "" });
});

test("follow without a log writes what is appended here, published or not, beside its writer", async () => {
  const place = await Place.make();
  await place.log();
  await place.ok(["append", "a", "b"]);
  const following = place.start(["follow", "--from", "1", "--poll", "0.1"]);
  await following.shows("b\n");
  await place.ok(["append", "c"]);
  await following.shows("c\n");
  following.child.kill("SIGTERM");
  expect(await following.ended).toEqual({ code: 0, out: "b\nc\n", err: "" });
});

test("a cursor continues where it stopped", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  const words = ["follow", id, "--remote", uri, "--poll", "0.1", "--cursor", "backup"];
  await place.ok(["append", "a", "b", "--publish"]);
  const first = place.start(words);
  await first.shows("b\n");
  first.child.kill("SIGTERM");
  expect((await first.ended).code).toBe(0);
  await place.ok(["append", "c", "--publish"]);
  const second = place.start(words);
  await second.shows("c\n");
  second.child.kill("SIGTERM");
  expect((await second.ended).out).toBe("c\n");
});

test("follow waits for a log that is not published yet, while another process reads with the same state", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  const following = place.start(["follow", id, "--remote", uri, "--poll", "0.1"]);
  await following.warns("[ERR_NOT_FOUND] It is tried again at each poll.\n");
  expect((await place.rlog(["latest", id, "--remote", uri])).code).toBe(4);
  await place.ok(["append", "first", "--publish"]);
  await following.shows("first\n");
  // However many polls failed: one line when it began, and one when it was over.
  following.child.kill("SIGINT");
  expect((await following.ended).err).toMatch(/^rlog: .*\nrlog: the remotes answer again: 1 entry\.\n$/);
  expect((await place.ok(["latest", id, "--remote", uri])).out).toBe("first\n");
});

test("whoever reads the output may stop, which is no failure", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "--publish"], "a long line, many times\n".repeat(6_000));
  const reading = place.start(["read", id, "--remote", uri]);
  reading.child.stdout!.once("data", () => reading.child.stdout!.destroy());
  const { code, err } = await reading.ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
});

test("a content that is gone ends it, and is told once", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "--publish"], "x\n".repeat(40));
  await rm(join(fileURLToPath(uri), "contents"), { recursive: true });
  const { code, err } = await place.rlog(["follow", id, "--remote", uri, "--poll", "0.1"]);
  expect([code, err.trimEnd().split("\n")]).toEqual([4, [expect.stringMatching(/ \[ERR_NOT_FOUND\]$/)]]);
});

test("what ends it is told once, and not as something that is tried again", async () => {
  const place = await Place.make();
  place.env = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
  const server = await scriptedServer({
    status: 403,
    body: "<Error><Code>InvalidAccessKeyId</Code></Error>",
  });
  const uri = `s3://logs?region=us-east-1&endpoint=${encodeURIComponent(server.url)}`;
  const { code, err } = await place.rlog(["follow", "0".repeat(64), "--remote", uri, "--poll", "0.1"]);
  expect([code, err.trimEnd().split("\n")]).toEqual([1, [expect.stringMatching(/ \[ERR_DENIED\]$/)]]);
});
