import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Bee } from "@ethersphere/bee-js";
import { deriveKeys, generateSeed } from "@remote-log/core";
import { serverOrSkip, startBee } from "@remote-log/servers";
import { type BeeNode, swarmRemote } from "@remote-log/swarm";
import { afterAll, describe, expect, test } from "vitest";
import { startNodeProxy } from "../node-proxy.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const { skip } = await serverOrSkip("bee");

const program = `
import { Bee } from "@ethersphere/bee-js";
import { type BeeClient, type BeeNode, swarmRemote, swarmStorage } from "@remote-log/swarm";

type IsAny<T> = 0 extends 1 & T ? true : false;
export const known: IsAny<Bee> = false;
const bee = new Bee("http://127.0.0.1:1633");
export const client: BeeClient = bee;
export const nodes: BeeNode[] = ["http://127.0.0.1:1633", bee, { url: "http://127.0.0.1:1633" }];
export const remote = swarmRemote({ bee, owner: "ab".repeat(20) });
export const storage = swarmStorage({ bee });
// @ts-expect-error -- a client that does not say where its node is
export const half: BeeClient = { uploadChunk: bee.uploadChunk };
`;

test("the Bee of bee-js is, under strict types, what the adapter asks for", () => {
  // Inside the package, so that it is found.
  const folder = join(root, "packages/swarm/node_modules/.cache/remote-log");
  const file = join(folder, `client-types-${process.pid}.ts`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, program);
  const settings =
    "--noEmit --strict --exactOptionalPropertyTypes --allowImportingTsExtensions --skipLibCheck";
  const resolution =
    "--target es2022 --module esnext --moduleResolution bundler --customConditions @remote-log/source";
  const libraries = "--lib es2023,esnext.disposable,dom --types node --ignoreConfig";
  const words = [settings, resolution, libraries].join(" ").split(" ");
  try {
    const said = execFileSync(join(root, "node_modules/.bin/tsc"), [...words, file], { encoding: "utf8" });
    expect(said).toBe("");
  } catch (error) {
    expect((error as { stdout?: string }).stdout ?? error).toBe("");
  } finally {
    rmSync(file);
  }
});

describe.skipIf(skip)("at run time", async () => {
  if (skip) return;
  const server = await startBee();
  afterAll(() => server.stop());
  const stamp = await server.buyBatch();
  const proxy = await startNodeProxy(server.url);

  /** What goes over the wire while a content and a name are written and read again. */
  async function traffic(bee: BeeNode, headers: Readonly<Record<string, string>>) {
    proxy.asked.length = 0;
    const nameKey = deriveKeys(generateSeed()).swarm;
    const { storage, names } = swarmRemote({ bee, headers, stamp, nameKey });
    const address = await storage.put(text("content"));
    expect(await storage.get(address)).toEqual(text("content"));
    await names.update("a name", text("head"), { expected: null });
    expect(await names.resolve("a name")).toMatchObject({ status: "found", content: text("head") });
    await Promise.all([storage.close?.(), names.close?.()]);
    return [...proxy.asked];
  }

  test("a Bee serves as its URL does, with a slash at its end or without", async () => {
    for (const url of [proxy.url, `${proxy.url}/`]) {
      const paths = (await traffic(new Bee(url), {})).map(({ path }) => path.split("/")[1]);
      expect(new Set(paths)).toEqual(new Set(["stamps", "chunks", "soc"]));
    }
  });

  test("the headers given are sent with every request, whether the node is a Bee or a URL", async () => {
    const headers = { Authorization: "Bearer of-the-node", "X-Tenant": "one" };
    for (const bee of [new Bee(proxy.url), proxy.url]) {
      const requests = await traffic(bee, headers);
      expect(requests.length).toBeGreaterThan(5);
      for (const asked of requests) {
        expect(asked.headers).toMatchObject({ authorization: "Bearer of-the-node", "x-tenant": "one" });
      }
    }
  });

  test("headers of the Bee itself can't be seen, and are not sent", async () => {
    const bee = new Bee(proxy.url, { headers: { "x-of-the-client": "one" } });
    for (const { headers } of await traffic(bee, {})) expect(headers).not.toHaveProperty("x-of-the-client");
  });

  test("what the Bee writes and what the adapter writes is one thing", async () => {
    const bee = new Bee(server.url);
    const { storage } = swarmRemote({ bee, stamp, nameKey: deriveKeys(generateSeed()).swarm });
    const content = text("either wrote this");
    const { reference } = await bee.uploadChunk(stamp, bee.makeContentAddressedChunk(content));
    const address = await storage.put(content);
    expect(Buffer.from(address.digest).toString("hex")).toBe(reference.toHex());
    expect(await storage.get(address)).toEqual(content);
  });
});
