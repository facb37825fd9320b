// Test set: mixed
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { closedUrl, runs } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { serverOrSkip } from "../src/availability.ts";
import { kuboCommand } from "../src/kubo/rpc.ts";
import { s3Request } from "../src/s3-request.ts";
import { addressOf, readChunk } from "./bee-chunks.ts";
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
const kubo = await serverOrSkip("kubo");
const bee = await serverOrSkip("bee");
const names = ["s3", ...(minio.skip ? [] : ["minio"])];

test.each(names)("%s is started for a person, ready to use, until Ctrl-C", async (name) => {
  const tmp = await ownTmpdir();
  const running = startScript(cli, [name]);
  const ended = running.ended;
  await expect.poll(() => running.printed()).toContain("Ctrl-C");
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

test("our own S3 server listens and keeps its objects where it is told to", async () => {
  const folder = await temporaryFolder();
  const port = new URL(await closedUrl()).port;
  for (let starts = 0; starts < runs(1, 2); starts++) {
    const words = [
      "s3",
      "--port",
      port,
      "--data",
      folder,
      "--cors",
      "http://localhost:*",
      "--cors",
      "https://a.example",
    ];
    const running = startScript(cli, words);
    await expect.poll(() => running.printed()).toContain("Ctrl-C");
    expect(running.printed()).toContain(`AWS_ENDPOINT_URL=http://127.0.0.1:${port}\n`);
    expect(running.printed()).toContain(`stays in ${folder}\n`);
    const headers = { origin: "http://localhost:5173", "access-control-request-method": "PUT" };
    const reply = await fetch(`http://127.0.0.1:${port}/remote-log/k`, { method: "OPTIONS", headers });
    expect(reply.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
    expect(reply.headers.get("access-control-expose-headers")).toContain("x-amz-meta-remote-log-write");
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(0);
  }
  expect(await readdir(join(folder, "buckets"))).toEqual(["remote-log"]);
});

test.skipIf(kubo.skip).each([1, 2])(
  "a Kubo network of %i is started for a person, until Ctrl-C",
  async (count) => {
    const tmp = await ownTmpdir();
    const running = startScript(cli, ["kubo", "--nodes", `${count}`]);
    const ended = running.ended;
    await expect.poll(() => running.printed()).toContain("Ctrl-C");
    const printed = running.printed();
    const values = (variable: string): string[] =>
      [...printed.matchAll(new RegExp(`^export KUBO_\\d_${variable}=(\\S+)$`, "gm"))].map(
        ([, value]) => value!,
      );
    const nodes = values("RPC");
    expect(new Set(nodes).size).toBe(count);
    for (const rpc of nodes) {
      const { Peers } = (await kuboCommand(rpc, "swarm/peers")) as { Peers: { Peer: string }[] | null };
      expect(new Set(Peers?.map(({ Peer }) => Peer)).size).toBe(count - 1);
    }
    const gateways = values("GATEWAY");
    // A block that is inside its own name: the gateway gives it without storage.
    for (const gateway of gateways)
      expect((await fetch(`${gateway}/ipfs/bafkqaaa?format=raw`)).status).toBe(200);
    expect(printed).toContain(`\n# rlog init --remote 'ipfs+${nodes[0]}'\n`);
    expect(printed).toContain(`\n# rlog read LOG_ID --remote 'ipns://NAME?gateway=${gateways.at(-1)}'\n`);

    running.child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    await expect(kuboCommand(nodes[0]!, "id")).rejects.toThrow("it did not answer");
    await untilEmpty(tmp);
  },
);

test.skipIf(bee.skip).each([1, 2])(
  "a Bee network of %i is started for a person, with a batch of stamps, until Ctrl-C",
  async (count) => {
    const tmp = await ownTmpdir();
    const running = startScript(cli, ["bee", "--nodes", `${count}`]);
    const ended = running.ended;
    await expect.poll(() => running.printed()).toContain("Ctrl-C");
    const printed = running.printed();
    const value = (variable: string): string | undefined =>
      new RegExp(`^export BEE_${variable}=(\\S+)$`, "m").exec(printed)?.[1];
    const [url, stamp, other] = [value("URL")!, value("STAMP")!, value("2_URL")];
    expect(other === undefined).toBe(count === 1);
    const address = await addressOf(url, stamp, "some content");
    expect(await readChunk(other ?? url, address)).toBe("some content");
    const counts = await fetch(`${value("CONTROL")}/counts`);
    expect(await counts.json()).toEqual({ chunks: 1, pushes: 1 });
    expect(printed).toContain(`\n# rlog init --remote 'bee+${url}?stamp=${stamp}'\n`);
    expect(printed).toContain(`\n# SWARM_GATEWAY=${other ?? url} rlog read "$(rlog link)"\n`);

    running.child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
    await untilEmpty(tmp);
  },
);

test("without a name, the servers are listed with how it stands with them", async () => {
  setVariable("MINIO_BINARY", "/nowhere/minio");
  setVariable("BEE_BINARY", "/nowhere/bee");
  const { code, out } = await startScript(cli).ended;
  expect(code).toBe(0);
  expect(out).toMatch(/^s3 .*\n +always here$/m);
  expect(out).toMatch(/^minio .*\n +not here: MINIO_BINARY is \/nowhere\/minio/m);
  expect(out).toMatch(/^versitygw /m);
  expect(out).toMatch(/^kubo /m);
  expect(out).toMatch(/^bee .*\n +not here: BEE_BINARY is \/nowhere\/bee/m);
});

test("a name that nobody has, and two names at once, are misuse", async () => {
  const unknown = await startScript(cli, ["minioo"]).ended;
  expect(unknown.code).toBe(2);
  expect(unknown.err).toContain("There is no server called minioo.");
  for (const words of ["pnpm servers <name>", "--port <port>", "--data <folder>", "--cors <origin>"])
    expect(unknown.err).toContain(words);
  expect((await startScript(cli, ["minio", "s3"]).ended).code).toBe(2);
  expect((await startScript(cli, ["--port", "9000"]).ended).code).toBe(2);
});

test.each([
  [["kubo", "--nodes", "0"], '--nodes takes a number from 1 to 9, not "0".'],
  [["kubo", "--nodes", "three"], '--nodes takes a number from 1 to 9, not "three".'],
  [["s3", "--nodes", "2"], "s3 is always one server: --nodes is for kubo, bee."],
  [["--nodes", "2"], "--nodes is for a server that is started: pnpm servers <name> --nodes <n>."],
  [["--prepare", "kubo", "--nodes", "2"], "--nodes is for a server that is started"],
  [["s3", "--port", "65536"], '--port takes a number from 1 to 65535, not "65536".'],
  [["minio", "--cors", "*"], "--cors is for our own S3 server: pnpm servers s3 --cors …."],
])("%j is misuse", async (words, why) => {
  const { code, out, err } = await startScript(cli, words).ended;
  expect(code).toBe(2);
  expect(err).toContain(why);
  expect(out).toBe("");
});

test("preparing fails if a server can't be had", async () => {
  setVariable("XDG_CACHE_HOME", await temporaryFolder());
  setVariable("MINIO_BINARY", "/nowhere/minio");
  const { code, err } = await startScript(cli, ["--prepare", "minio", "s3"]).ended;
  expect(code).toBe(1);
  expect(err).toBe(
    "There is no minio here: MINIO_BINARY is /nowhere/minio, which is no file that can be executed.\n",
  );
});
