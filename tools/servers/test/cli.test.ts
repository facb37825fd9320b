import { expect, test } from "vitest";
import { serverOrSkip } from "../src/availability.ts";
import { s3Request } from "../src/s3-request.ts";
import {
  ownTmpdir,
  setVariable,
  startScript,
  temporaryFolder,
  testProgram,
  untilEmpty,
} from "./processes.ts";

const cli = testProgram("../../dist/cli.js");
const minio = await serverOrSkip("minio");
const names = ["s3", ...(minio.skip ? [] : ["minio"])];

test.each(names)("%s is started for a person, ready to use, until Ctrl-C", async (name) => {
  const tmp = await ownTmpdir();
  const running = startScript(cli, [name]);
  const ended = running.ended;
  await expect.poll(() => running.printed(), { timeout: 15_000 }).toContain("Ctrl-C");
  const printed = running.printed();
  const value = (variable: string): string =>
    new RegExp(`^export ${variable}=(\\S+)$`, "m").exec(printed)![1]!;
  const account = {
    endpoint: value("AWS_ENDPOINT_URL"),
    region: value("AWS_REGION"),
    credentials: {
      accessKeyId: value("AWS_ACCESS_KEY_ID"),
      secretAccessKey: value("AWS_SECRET_ACCESS_KEY"),
    },
  };
  expect((await s3Request(account, "HEAD", "/remote-log")).status).toBe(200);
  const uri = new URL(/'(s3:.*)'/.exec(printed)![1]!);
  expect(uri.host).toBe("remote-log");
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    region: account.region,
    endpoint: account.endpoint,
  });

  running.child.kill("SIGINT");
  expect((await ended).code).toBe(0);
  await expect(s3Request(account, "GET", "/")).rejects.toThrow("fetch failed");
  await untilEmpty(tmp);
});

test("without a name, the servers are listed with how it stands with them", async () => {
  setVariable("MINIO_BINARY", "/nowhere/minio");
  const { code, out } = await startScript(cli).ended;
  expect(code).toBe(0);
  expect(out).toMatch(/^s3 .*\n +always here$/m);
  expect(out).toMatch(/^minio .*\n +not here: MINIO_BINARY is \/nowhere\/minio/m);
  expect(out).toMatch(/^versitygw /m);
});

test("a name that nobody has, and two names at once, are misuse", async () => {
  const unknown = await startScript(cli, ["minioo"]).ended;
  expect(unknown.code).toBe(2);
  expect(unknown.err).toContain("There is no server called minioo.");
  expect(unknown.err).toContain("pnpm servers <name>");
  expect((await startScript(cli, ["minio", "s3"]).ended).code).toBe(2);
  expect((await startScript(cli, ["--port", "9000"]).ended).code).toBe(2);
});

test("preparing fails where a server can't be had", async () => {
  setVariable("XDG_CACHE_HOME", await temporaryFolder());
  setVariable("MINIO_BINARY", "/nowhere/minio");
  const { code, err } = await startScript(cli, ["--prepare", "minio", "s3"]).ended;
  expect(code).toBe(1);
  expect(err).toBe(
    "There is no minio here: MINIO_BINARY is /nowhere/minio, which is no file that can be executed.\n",
  );
});
