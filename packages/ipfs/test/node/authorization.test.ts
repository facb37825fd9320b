import { ipfsRemote, ipfsStorage } from "@remote-log/ipfs";
import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { describe, expect, test } from "vitest";
import { clientNames, nodeBy } from "../clients.ts";
import { guardedNode } from "./guarded-node.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("a node that asks for authorization", async () => {
  if (skip) return;
  const headers = { authorization: "Bearer writers" };
  const nosy = { authorization: "Bearer nosy" };
  const readers = { authorization: "Bearer readers" };
  const url = await guardedNode({
    writer: { ...headers, paths: ["/api/v0/block", "/api/v0/name", "/api/v0/pin"] },
    reader: { ...readers, paths: ["/api/v0/block/get", "/api/v0/block/stat", "/api/v0/name/get"] },
    nosy: { ...nosy, paths: ["/api/v0/id"] },
  });

  test.each(clientNames)("lets in who gives the headers, given as %s", async (client) => {
    const storage = ipfsStorage({ node: nodeBy(client, url, headers), headers });
    const content = randomBytes(100);
    const address = await storage.put(content);
    expect(await storage.has(address)).toBe(true);
    expect(await storage.get(address)).toEqual(content);
    await storage.release(address);
    await storage.close();
  });

  test.each(clientNames)(
    "denies everything without the headers, or to others, given as %s",
    async (client) => {
      const written = ipfsStorage({ node: nodeBy(client, url, headers), headers });
      const address = await written.put(randomBytes(100));
      for (const given of [{}, nosy]) {
        const storage = ipfsStorage({ node: nodeBy(client, url, given), headers: given });
        const denied = { code: "ERR_DENIED", message: expect.stringMatching(/headers/) };
        expect(await failure(storage.put(randomBytes(10)))).toMatchObject(denied);
        expect(await failure(storage.get(address))).toMatchObject(denied);
        expect(await failure(storage.has(address))).toMatchObject(denied);
        expect(await failure(storage.release(address))).toMatchObject(denied);
        expect((await failure(storage.get(address))).message).not.toContain("nosy");
        await storage.close();
      }
      await written.close();
    },
  );

  test("a client that has the headers can write, and is told to give them for the rest", async () => {
    const storage = ipfsStorage({ node: nodeBy("kubo-rpc-client", url, headers) });
    const address = await storage.put(randomBytes(100));
    const error = await failure(storage.get(address));
    expect(error).toMatchObject({ code: "ERR_DENIED" });
    expect(error.message).toMatch(/those of the client itself can't be seen/);
    await storage.close();
  });

  test("needs three paths for a writer, and three commands for a reader", async () => {
    const writer = await ipfsRemote({ node: url, headers, nameKey: randomBytes(32) });
    const reader = await ipfsRemote({ node: url, headers: readers, name: writer.name });
    let expected: string | null = null;
    for (let i = 0; i < 3; i++) {
      const head = randomBytes(12_000);
      expected = await writer.names.update(writer.name, head, { expected });
      expect(await reader.names.resolve(reader.name)).toMatchObject({ status: "found", content: head });
    }
    const denied = { code: "ERR_DENIED" };
    expect(await failure(reader.storage.put(randomBytes(10)))).toMatchObject(denied);
    const again = await ipfsRemote({ node: url, headers: readers, nameKey: randomBytes(32) });
    expect(await failure(again.names.update(again.name, randomBytes(10), { expected: null }))).toMatchObject(
      denied,
    );
    await writer.names.close();
  });

  test("refuses the question with which browsers ask whether they may send the header", async () => {
    const asked = { origin: "https://app.example", "access-control-request-method": "POST" };
    const preflight = { ...asked, "access-control-request-headers": "authorization" };
    const reply = await fetch(`${url}/api/v0/block/get`, { method: "OPTIONS", headers: preflight });
    expect(reply.status).toBe(403);
  });
});
