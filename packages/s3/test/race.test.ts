// Test set: mixed
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { isRemoteLogError } from "@remote-log/core";
import { s3Names } from "@remote-log/s3";
import { type S3Server, serverOrSkip, startMinio, startVersitygw } from "@remote-log/servers";
import { bytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { BUCKET, clientFor, newPrefix, ownServer, withBucket } from "./clients.ts";

const WRITERS = 20;

/** Has 20 writers update one name from one revision, again and again; tells how many won in each round. */
async function race(server: S3Server, rounds: number): Promise<readonly number[]> {
  const prefix = newPrefix();
  const writers = Array.from({ length: WRITERS }, () => {
    const { client } = clientFor(server);
    return s3Names({ client, bucket: BUCKET, prefix });
  });
  let expected: string | null = null;
  const wins: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = expected;
    const endings = await Promise.allSettled(
      writers.map((names, i) => names.update("race", bytes(`${round} ${i}`), { expected: from })),
    );
    const won = endings.flatMap((ending, i) =>
      ending.status === "fulfilled" ? [{ revision: ending.value, content: bytes(`${round} ${i}`) }] : [],
    );
    for (const ending of endings) {
      if (ending.status === "fulfilled") continue;
      const { reason } = ending as { reason: unknown };
      expect(isRemoteLogError(reason) ? reason.code : reason).toBe("ERR_NAME_CONFLICT");
    }
    wins.push(won.length);
    const found = await writers[0]!.resolve("race");
    expect(found.status).toBe("found");
    if (found.status !== "found") break;
    expect(won).toContainEqual({ revision: found.revision, content: found.content });
    expected = found.revision;
  }
  return wins;
}

const onceIn = (rounds: number) => Array.from({ length: rounds }, () => 1);

test("of 20 writers exactly one wins, in each of 10 rounds, on our own server", {
  timeout: 240_000,
}, async () => {
  expect(await race(await ownServer(), 10)).toEqual(onceIn(10));
});

test("so it is where the service answers 409 to those who were in each other's way", {
  timeout: 240_000,
}, async () => {
  const server = await ownServer();
  server.faults.add({ kind: "conflict-on-race" });
  expect(await race(server, 10)).toEqual(onceIn(10));
});

const minio = await serverOrSkip("minio");
test.skipIf(minio.skip)("so it is on MinIO, in each of 50 rounds", { timeout: 480_000 }, async () => {
  expect(await race(await withBucket(startMinio()), 50)).toEqual(onceIn(50));
});

const versitygw = await serverOrSkip("versitygw");
test.skipIf(versitygw.skip)(
  "on versitygw, which looks and then writes, several are told that they won: the adapter does not let it come to that",
  { timeout: 480_000 },
  async () => {
    const server = await withBucket(startVersitygw());
    const { client } = clientFor(server);
    const Key = newPrefix();
    const put = (body: string, IfMatch?: string) =>
      client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: bytes(body), IfMatch }));
    let { ETag } = await put("first");
    const wins: number[] = [];
    for (let round = 0; round < 50; round++) {
      const from = ETag;
      const endings = await Promise.allSettled(
        Array.from({ length: WRITERS }, (_, i) => put(`${round} ${i}`, from)),
      );
      wins.push(endings.filter(({ status }) => status === "fulfilled").length);
      ({ ETag } = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key })));
    }
    // A matter of luck: reported, not promised.
    console.info(`Winners among ${WRITERS} writers on versitygw, in 50 rounds: ${wins.join(" ")}`);
    const names = s3Names({ client, bucket: BUCKET, prefix: newPrefix() });
    const updating = names.update("race", bytes("x"), { expected: null });
    await expect(updating).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
  },
);
