// Test set: mixed
import { cp } from "node:fs/promises";
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import {
  createBucket,
  type S3Server,
  serverOrSkip,
  startMinio,
  startOwnS3,
  startVersitygw,
} from "@remote-log/servers";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { Place } from "../../rlog.ts";

// The server's own account, as the AWS tools take it from the environment.
function accountOf({ credentials }: S3Server): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

/** A place whose `rlog` may use the server, and a URI that nobody else uses. */
async function placeOn(
  server: S3Server,
  options?: Parameters<typeof Place.make>[0],
): Promise<{ place: Place; uri: string }> {
  const place = await Place.make(options);
  place.env = accountOf(server);
  const query = `region=${server.region}&endpoint=${encodeURIComponent(server.endpoint)}`;
  return { place, uri: `s3://logs/${crypto.randomUUID()}?${query}` };
}

/** Removes some of the contents below a prefix, by their place in the order of their keys. */
async function removeContents(server: S3Server, uri: string, isLost: (at: number) => boolean): Promise<void> {
  const { credentials, endpoint, region } = server;
  const client = new S3Client({ credentials, endpoint, region, forcePathStyle: true });
  const Prefix = new URL(uri).pathname.slice(1);
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: "logs", Prefix }));
  const keys = Contents.map(({ Key }) => Key!).filter((key) => key.includes("/contents/"));
  expect(keys.length).toBeGreaterThan(4);
  for (const Key of keys.filter((_, i) => isLost(i))) {
    await client.send(new DeleteObjectCommand({ Bucket: "logs", Key }));
  }
  client.destroy();
}

/** Which of some texts any object below a prefix has. */
async function textsIn(server: S3Server, uri: string, texts: readonly string[]): Promise<string[]> {
  const { credentials, endpoint, region } = server;
  const client = new S3Client({ credentials, endpoint, region, forcePathStyle: true });
  const Prefix = new URL(uri).pathname.slice(1);
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: "logs", Prefix }));
  let all = "";
  for (const { Key } of Contents) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: "logs", Key }));
    all += await Body!.transformToString("latin1");
  }
  client.destroy();
  return texts.filter((text) => all.includes(text));
}

const servers = [
  { name: "our own server", skip: false, start: () => startOwnS3() },
  { name: "MinIO", skip: (await serverOrSkip("minio")).skip, start: () => startMinio() },
];

for (const { name, skip, start } of servers) {
  describe.skipIf(skip)(`rlog on ${name}`, async () => {
    if (skip) return;
    const server = await start();
    afterAll(() => server.stop());
    await createBucket(server, "logs");

    test("a log moves, and whoever has the old link follows; a log at two places says so", async () => {
      const { place, uri: first } = await placeOn(server);
      const other = first.replace(/logs\/[^?]*/, `logs/${crypto.randomUUID()}`);
      await place.ok(["--quiet", "init", "--remote", `first=${first}`]);
      await place.ok(["append", "one", "--publish"]);
      const link = (await place.ok(["--quiet", "link"])).out.trim();
      const trusting = ["read", link, "--trust", server.endpoint];
      expect((await place.ok(trusting)).out).toBe("one\n");

      expect((await place.ok(["verify", link, "--trust", server.endpoint])).out).not.toContain("manifest");
      const moved = await place.ok(["move", "first", `second=${other}`]);
      expect(moved.err).toContain("Removed first");
      await place.ok(["append", "two", "--publish"]);
      const followed = await place.ok(trusting);
      expect(followed.out).toBe("one\ntwo\n");
      expect(followed.err).toContain("reading from there, too");
      expect((await place.rlog(["move", "first", other])).err).toContain("It has: second.");

      await place.ok(["remote", "add", `first=${first}`]);
      await place.ok(["append", "three"]);
      await place.ok(["publish"]);
      const verified = await place.ok(["verify", link, "--trust", server.endpoint]);
      expect(verified.out).toMatch(/^manifest version \d+, signed: where the log lives$/m);
      const onlySecond = (await place.ok(["--quiet", "link", "--remote", other])).out.trim();
      const both = await place.ok(["read", onlySecond, "--trust", server.endpoint, "--no-state"]);
      expect(both).toMatchObject({
        out: "one\ntwo\nthree\n",
        err: expect.stringContaining("from there, too"),
      });
    });

    test("a log goes all the way: appended offline, published, caught up, verified, with nothing on standard error", async () => {
      const { place, uri } = await placeOn(server, { apart: server.name === "minio" });
      const id = (await place.ok(["--quiet", "init", "--public", "--remote", uri])).out.trim();
      place.env = { ...accountOf(server), AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
      expect((await place.ok(["--quiet", "append", "one"])).err).toBe("");
      place.env = accountOf(server);
      await place.ok(["append", "two", "x".repeat(5000), "--publish"]);
      const read = await place.ok(["read", id, "--remote", uri]);
      expect(read).toMatchObject({ out: `one\ntwo\n${"x".repeat(5000)}\n`, err: "" });
      await place.ok(["append", "four", "--publish"]);
      expect((await place.ok(["latest", id, "--remote", uri])).out).toBe("four\n");
      expect((await place.ok(["verify", id, "--remote", uri])).out).toContain("ok");
    });

    test("follow shows an entry that is published while it runs", async () => {
      const { place, uri } = await placeOn(server);
      const id = (await place.ok(["--quiet", "init", "--public", "--remote", uri])).out.trim();
      await place.ok(["append", "before", "--publish"]);
      const following = place.start(["follow", id, "--remote", uri, "--poll", "0.1"]);
      await following.shows("before");
      await place.ok(["append", "after", "--publish"]);
      await following.shows("after");
      following.child.kill("SIGINT");
      expect((await following.ended).code).toBe(0);
    });

    test("a second device with a copy of the journal is noticed before it signs anything", async () => {
      const { place, uri } = await placeOn(server);
      await place.ok(["init", "--public", "--remote", uri]);
      await cp(place.path(".rlog"), place.path("copy"), { recursive: true });
      await place.ok(["append", "first device", "--publish"]);
      const second = await place.rlog(["append", "second device", "--publish", "--dir", "copy"]);
      expect(second.err).toContain("[ERR_RESTORED]");
      expect(second.code).toBe(1);
    });

    test("a mirror takes from two sources what each of them has, keeps what its target has, and tells the rest", async () => {
      const { place, uri } = await placeOn(server);
      const id = (await place.ok(["--quiet", "init", "--public", "--remote", uri])).out.trim();
      const lines = Array.from({ length: 100 }, (_, i) => `entry ${i}\n`).join("");
      await place.ok(["append", "--publish"], lines);
      const other = (await placeOn(server)).uri;
      const copy = (await placeOn(server)).uri;
      await place.ok(["mirror", id, "--remote", uri, "--to", other, "--no-state"]);
      await removeContents(server, uri, (i) => i % 2 === 0);
      await removeContents(server, other, (i) => i % 2 === 1);
      const mirror = ["mirror", id, "--remote", uri, "--to", copy, "--no-state"];
      const alone = await place.rlog(mirror);
      expect(alone.code).toBe(4);
      expect(alone.err).toContain("[ERR_INCOMPLETE]");
      await place.ok([...mirror, "--remote", other]);
      // Sources that lack objects take none away.
      await place.ok(mirror);
      expect((await place.ok(["read", id, "--remote", copy, "--no-state"])).out).toBe(lines);
    });

    test("what is removed, or no longer kept, is in no object of the bucket, and for a mirror it is no gap", async () => {
      const { place, uri } = await placeOn(server);
      const id = (await place.ok(["--quiet", "init", "--public", "--remote", `s3=${uri}`])).out.trim();
      const texts = Array.from({ length: 40 }, (_, i) => `text-${i}-`);
      await place.ok(["append", ...texts, "--publish"]);
      expect(await textsIn(server, uri, texts)).toEqual(texts);

      const removed = await place.ok(["remove", "5", "25-27", "--now"]);
      expect(removed.err).toContain("Removed the contents of 4 entries.");
      expect(removed.err).not.toContain("s3:");
      const left = texts.filter((_, i) => i !== 5 && !(i >= 25 && i <= 27));
      expect(await textsIn(server, uri, texts)).toEqual(left);
      const kept = await place.ok(["keep-newest", "20", "--now"]);
      expect(kept.err).toContain("The first that is kept is 20.");
      expect(await textsIn(server, uri, texts)).toEqual(left.slice(19));

      const { uri: copy } = await placeOn(server);
      await place.ok(["mirror", id, "--remote", uri, "--to", copy, "--no-state"]);
      for (const remote of [uri, copy]) {
        const { out, err } = await place.ok(["read", id, "--remote", remote, "--no-state"]);
        expect(out).toBe(
          left
            .slice(19)
            .map((line) => `${line}\n`)
            .join(""),
        );
        expect(err).toContain("The writer removed entries 25 to 27.\n");
      }
    });

    test("credentials that are wrong end it with a clear error, and show no secret", async () => {
      const { place, uri } = await placeOn(server);
      await place.ok(["init", "--public", "--remote", uri]);
      place.env = { ...accountOf(server), AWS_SECRET_ACCESS_KEY: "wrong-and-secret" };
      const { code, err } = await place.rlog(["--debug", "append", "a", "--publish"]);
      expect(code).toBe(1);
      expect(err).toContain("[ERR_DENIED]");
      expect(err).not.toContain("wrong-and-secret");
    });

    test("a bucket that is not there is no empty log", async () => {
      const { place, uri } = await placeOn(server);
      const id = (await place.ok(["--quiet", "init", "--public", "--remote", uri])).out.trim();
      const { code, err } = await place.rlog(["read", id, "--remote", uri.replace("s3://logs", "s3://lost")]);
      expect(code).not.toBe(0);
      expect(err).toContain("lost");
      expect(err).not.toContain("[ERR_NOT_FOUND]");
    });
  });
}

test("a public bucket is read over plain HTTP, without credentials", async () => {
  const server = await startOwnS3({ buckets: ["logs"], publicRead: ["logs"], publicList: ["logs"] });
  onTestFinished(() => server.stop());
  const { place, uri } = await placeOn(server);
  const id = (await place.ok(["--quiet", "init", "--public", "--remote", uri])).out.trim();
  await place.ok(["append", "for everybody", "--publish"]);
  place.env = {};
  const { pathname } = new URL(uri);
  const url = `${server.endpoint}/logs${pathname}`;
  expect((await place.ok(["read", id, "--remote", url])).out).toBe("for everybody\n");
  expect((await place.rlog(["init", "--public", "--remote", url, "--dir", "writer"])).code).toBe(0);
  const { code, err } = await place.rlog(["append", "a", "--publish", "--dir", "writer"]);
  expect(code).toBe(1);
  expect(err).toContain("[ERR_UNSUPPORTED]");
});

const versitygw = await serverOrSkip("versitygw");
describe.skipIf(versitygw.skip)("rlog on versitygw, which checks a condition before it writes", () => {
  test("publishing is refused with advice, and works with one writer once the URI says so", async () => {
    const server = await startVersitygw();
    onTestFinished(() => server.stop());
    await createBucket(server, "logs");
    const { place, uri } = await placeOn(server);
    await place.ok(["init", "--public", "--dir", "racy", "--remote", uri]);
    const refused = await place.rlog(["append", "a", "--publish", "--dir", "racy"]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("compare-and-set=none");
    const single = `${uri}&compare-and-set=none`;
    const id = (await place.ok(["--quiet", "init", "--public", "--remote", single])).out.trim();
    await place.ok(["append", "a", "--publish"]);
    expect((await place.ok(["read", id, "--remote", uri])).out).toBe("a\n");
  });
});
