// Test set: mixed
import { deriveKeys, generateSeed, memoryReaderStore, openReader, openWriter } from "@remote-log/core";
import { ipfsRemote, ipfsRemoteFromUri, keepNameOnce } from "@remote-log/ipfs";
import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { clientNames, nodeBy } from "../clients.ts";
import { command } from "../node-command.ts";
import { nodeOfFile } from "../node-for-tests.ts";

const { skip } = await serverOrSkip("kubo", { smoke: true });

describe.skipIf(skip)("a remote on a Kubo node", async () => {
  if (skip) return;
  const node = await nodeOfFile();

  test.each(clientNames)(
    "takes a log whose newest state any IPFS tool prints, given as %s",
    async (client) => {
      const seed = generateSeed();
      const nameKey = deriveKeys(seed).ipns;
      const remote = await ipfsRemote({ node: nodeBy(client, node.rpc), nameKey });
      const journal = new MemoryLevel<Uint8Array, Uint8Array>();
      const settings = { visibility: "public" } as const;
      const writer = await openWriter({
        seed,
        journal,
        remotes: [remote],
        publish: "manual",
        settings,
      });
      for (let i = 0; i < 20; i++) await writer.append(new TextEncoder().encode(`entry ${i}`));
      await writer.publish();
      const head = await command(node, `cat?arg=/ipns/${remote.name}`);
      expect(head).toContain(`remote-log/v1/`);
      expect(head).toContain("entry 19");
      const uri = `ipfs+${node.rpc}?name=${remote.name}`;
      const reader = await openReader({
        logId: writer.logId,
        remotes: [await ipfsRemoteFromUri(uri)],
        store: memoryReaderStore(),
      });
      expect((await reader.latest(1)).map(({ content }) => new TextDecoder().decode(content))).toEqual([
        "entry 19",
      ]);
      await reader.close();
      await writer.close();
    },
  );

  test("is called by the address of its node where nothing else is said", async () => {
    const nameKey = randomBytes(32);
    for (const client of clientNames) {
      const { label, name } = await ipfsRemote({ node: nodeBy(client, node.rpc), nameKey });
      expect(label).toBe(`ipfs+${node.rpc}`);
      expect(name).toMatch(/^k51qzi5uqu5[0-9a-z]{51}$/);
    }
    expect(await ipfsRemote({ node: node.rpc, nameKey, label: "home" })).toMatchObject({ label: "home" });
  });

  test("can be read by who knows the name, and not be written without the key", async () => {
    const writer = await ipfsRemote({ node: node.rpc, nameKey: randomBytes(32) });
    const reader = await ipfsRemote({ node: node.rpc, name: `/ipns/${writer.name}` });
    expect(await reader.names.resolve(reader.name)).toEqual({ status: "absent" });
    const content = randomBytes(100);
    const revision = await writer.names.update(writer.name, content, { expected: null });
    expect(await reader.names.resolve(reader.name)).toEqual({ status: "found", content, revision });
    const updating = reader.names.update(reader.name, content, { expected: revision });
    expect(await failure(updating)).toMatchObject({ code: "ERR_DENIED" });
    await expect(keepNameOnce({ names: reader.names, name: reader.name })).resolves.toBeDefined();
  });

  test("closes its halves by themselves", async () => {
    const { storage, names, name } = await ipfsRemote({ node: node.rpc, nameKey: randomBytes(32) });
    await storage.close();
    expect(await failure(storage.put(randomBytes(10)))).toMatchObject({ code: "ERR_CLOSED" });
    await names.update(name, randomBytes(10), { expected: null });
    await names.close();
    expect(await failure(names.resolve(name))).toMatchObject({ code: "ERR_CLOSED" });
  });

  test("publishes and reads on the routers that it is given, too, without the headers of the node", async () => {
    const router = await scriptedServer(undefined, { target: node.gateway });
    const at = { node: node.rpc, delegated: [router.url], headers: { authorization: "Bearer hunter2" } };
    const { names, name } = await ipfsRemote({ ...at, nameKey: randomBytes(32) });
    await names.update(name, randomBytes(10), { expected: null });
    await names.resolve(name);
    await expect
      .poll(() => new Set(router.requests.map(({ method }) => method)))
      .toEqual(new Set(["GET", "PUT"]));
    for (const { path, headers } of router.requests) {
      expect(path).toBe(`/routing/v1/ipns/${name}`);
      expect(headers.authorization).toBeUndefined();
    }
    await names.close();
  });
});

test("a remote without a name and a key, or with a name that is not of the key, is refused", async () => {
  const node = "http://127.0.0.1:5001";
  const { name } = await ipfsRemote({ node, nameKey: randomBytes(32) });
  const refused = { code: "ERR_INVALID_INPUT" };
  expect(await failure(ipfsRemote({ node }))).toMatchObject(refused);
  expect(await failure(ipfsRemote({ node, name, nameKey: randomBytes(32) }))).toMatchObject(refused);
  expect(await failure(ipfsRemote({ node, nameKey: randomBytes(31) }))).toMatchObject(refused);
  expect(await failure(ipfsRemote({ node, name: "alice" }))).toMatchObject(refused);
});
