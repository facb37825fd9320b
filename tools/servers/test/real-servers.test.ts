import { chmod, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { prepareServer, serverOrSkip } from "../src/availability.ts";
import { startMinio } from "../src/minio.ts";
import { createBucket, s3Request } from "../src/s3-request.ts";
import type { S3Server } from "../src/s3-server.ts";
import type { StartOptions } from "../src/start-s3.ts";
import { startVersitygw } from "../src/versitygw.ts";
import {
  ownTmpdir,
  setVariable,
  startScript,
  temporaryFolder,
  testProgram,
  untilEmpty,
} from "./processes.ts";

const servers = [
  { name: "minio", starter: startMinio, verdict: await serverOrSkip("minio") },
  { name: "versitygw", starter: startVersitygw, verdict: await serverOrSkip("versitygw") },
] as const;

describe.each(servers)("$name", ({ name, starter, verdict }) => {
  async function start(options?: StartOptions): Promise<S3Server> {
    const server = await starter(options);
    onTestFinished(() => server.stop());
    return server;
  }

  test.skipIf(verdict.skip)(
    "stores and gives back, and is gone with its folder when it is stopped",
    async () => {
      const tmp = await ownTmpdir();
      const server = await start();
      expect(server.name).toBe(name);
      expect(server.version).toMatch(/^v\d/);
      await createBucket(server, "some-bucket");
      expect((await s3Request(server, "PUT", "/some-bucket/some/key")).status).toBe(200);
      expect((await s3Request(server, "HEAD", "/some-bucket/some/key")).status).toBe(200);
      expect((await s3Request(server, "HEAD", "/some-bucket/other/key")).status).toBe(404);
      await server.stop();
      await expect(s3Request(server, "GET", "/")).rejects.toThrow("fetch failed");
      expect(await readdir(tmp)).toEqual([]);
      await server.stop();
    },
  );

  test.skipIf(verdict.skip)(
    "refuses to create a bucket twice, which is an error with its reason",
    async () => {
      const server = await start();
      await createBucket(server, "some-bucket");
      await expect(createBucket(server, "some-bucket")).rejects.toMatchObject({
        code: "ERR_SERVER_REQUEST",
        message: expect.stringMatching(/some-bucket: 409 \(Bucket\w+\)/) as string,
      });
    },
  );

  test.skipIf(verdict.skip)("takes its own credentials and region alone", async () => {
    const [one, other] = await Promise.all([start(), start({ region: "eu-north-1" })]);
    expect(other.region).toBe("eu-north-1");
    expect(other.endpoint).not.toBe(one.endpoint);
    expect(other.credentials.accessKeyId).not.toBe(one.credentials.accessKeyId);
    await createBucket(one, "some-bucket");
    const status = async (account: Partial<S3Server>): Promise<number> =>
      (await s3Request({ ...one, ...account }, "PUT", "/some-bucket/key")).status;
    expect(await status({})).toBe(200);
    expect(await status({ credentials: other.credentials })).toBeGreaterThanOrEqual(400);
    const secretAccessKey = other.credentials.secretAccessKey;
    expect(await status({ credentials: { ...one.credentials, secretAccessKey } })).toBe(403);
    expect(await status({ region: other.region })).toBeGreaterThanOrEqual(400);
    expect((await fetch(`${one.endpoint}/`)).status).toBe(403);
  });

  test.skipIf(verdict.skip)("ends with the process that started it, also by kill -9", async () => {
    const tmp = await ownTmpdir();
    const parent = startScript(testProgram("parent.mjs"), [name, "stay"]);
    const { endpoint } = JSON.parse(await parent.line) as { endpoint: string };
    expect((await fetch(endpoint)).status).toBe(403);
    parent.child.kill("SIGKILL");
    await expect.poll(() => fetch(endpoint).catch(() => "gone")).toBe("gone");
    await untilEmpty(tmp);
  });
});

test.skipIf(servers[1].verdict.skip)(
  "versitygw keeps its metadata in files if there are no extended attributes",
  async () => {
    // The real one, behind a script that fails as it does in a folder without them.
    const binary = await prepareServer("versitygw");
    const path = join(await temporaryFolder(), "versitygw-without-xattr");
    const refuse = 'echo "failed to init posix backend: xattr check failed: not supported" >&2; exit 1';
    await writeFile(
      path,
      `#!/bin/sh\ncase "$*" in *--version*|*--sidecar*) exec "${binary}" "$@";; esac\n${refuse}\n`,
    );
    await chmod(path, 0o755);
    setVariable("VERSITYGW_BINARY", path);
    const tmp = await ownTmpdir();
    const server = await startVersitygw();
    onTestFinished(() => server.stop());
    await createBucket(server, "some-bucket");
    expect((await s3Request(server, "PUT", "/some-bucket/key")).status).toBe(200);
    expect((await s3Request(server, "HEAD", "/some-bucket/key")).status).toBe(200);
    await server.stop();
    expect(await readdir(tmp)).toEqual([]);
  },
);
