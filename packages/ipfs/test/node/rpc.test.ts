// Test set: mixed
import { ipfsStorage, type KuboClient } from "@remote-log/ipfs";
import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { create as createOfIpfs } from "ipfs-http-client";
import { create as createOfKubo } from "kubo-rpc-client";
import { describe, expect, test } from "vitest";
import { rpcNode } from "../../src/node/rpc.ts";
import { nodeOfFile } from "../node-for-tests.ts";

const { skip } = await serverOrSkip("kubo");

test.each([
  ["http://127.0.0.1:5001", "http://127.0.0.1:5001"],
  ["http://127.0.0.1:5001/", "http://127.0.0.1:5001"],
  ["http://127.0.0.1:5001/api/v0", "http://127.0.0.1:5001"],
  ["http://127.0.0.1:5001/api/v0/", "http://127.0.0.1:5001"],
  ["https://kubo.example", "https://kubo.example"],
  ["https://example.org/kubo/alice", "https://example.org/kubo/alice"],
  ["http://[::1]:5001", "http://[::1]:5001"],
])("a node at %s is asked below %s/api/v0", (given, url) => {
  expect(rpcNode({ node: given }).url).toBe(url);
  for (const create of [createOfKubo, createOfIpfs]) {
    // Clients want the path of the commands, where the URL has a path.
    const at = new URL(url).pathname === "/" ? url : `${url}/api/v0`;
    expect(rpcNode({ node: create({ url: at }) }).url).toBe(url);
  }
});

test.each([
  ["", /http:\/\//],
  ["/ip4/127.0.0.1/tcp/5001", /http:\/\//],
  ["ftp://127.0.0.1:5001", /http:\/\//],
  ["http://127.0.0.1:5001/?token=hunter2", /query/],
  ["http://127.0.0.1:5001/#hunter2", /fragment/],
  ["http://alice:hunter2@127.0.0.1:5001", /`headers`/],
  ["http://hunter2@127.0.0.1:5001", /`headers`/],
])("a node at %j can't be used, and the error does not repeat it", async (node, why) => {
  const error = await failure((async () => ipfsStorage({ node }))());
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", message: expect.stringMatching(why) });
  expect(error.message).not.toContain("hunter2");
});

test("what is neither a URL nor a client can't be used, nor can headers that HTTP can't carry", async () => {
  for (const node of [undefined, null, {}, { block: {} }, { block: { put: 1 } }]) {
    const opening = (async () => ipfsStorage({ node: node as unknown as KuboClient }))();
    expect(await failure(opening)).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
  const headers = { authorization: "Bearer hunter2\r\nx: y" };
  const error = await failure((async () => ipfsStorage({ node: "http://127.0.0.1:5001", headers }))());
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(error.message).not.toContain("hunter2");
});

test.each([
  { largestContent: 0 },
  { largestContent: 2 * 1024 * 1024 + 1 },
  { searchMilliseconds: 0 },
  { searchMilliseconds: 1.5 },
  { answerMilliseconds: Number.POSITIVE_INFINITY },
])("options that can't be used are refused: %j", async (options) => {
  const opening = (async () => ipfsStorage({ node: "http://127.0.0.1:5001", ...options }))();
  expect(await failure(opening)).toMatchObject({ code: "ERR_INVALID_INPUT", operation: "ipfs.open" });
});

describe.skipIf(skip)("a client that does not say where its node is", async () => {
  if (skip) return;
  const server = await nodeOfFile();

  test.each([
    ["kubo-rpc-client", createOfKubo],
    ["ipfs-http-client", createOfIpfs],
  ] as const)("is good for contents: %s", async (_, create) => {
    const { block } = create({ url: server.rpc });
    const storage = ipfsStorage({ node: { block }, searchMilliseconds: 200 });
    const content = randomBytes(1000);
    const address = await storage.put(content);
    expect(await storage.get(address)).toEqual(content);
    expect(await storage.has(address)).toBe(true);
    expect(await failure(storage.get(address, { maxBytes: 999 }))).toMatchObject({ code: "ERR_TOO_LARGE" });
    const other = ipfsStorage({ node: { block }, pin: false, searchMilliseconds: 200 });
    const unpinned = await other.put(randomBytes(1000));
    await fetch(`${server.rpc}/api/v0/repo/gc`, { method: "POST" }).then((reply) => reply.text());
    expect(await storage.has(unpinned)).toBe(false);
    expect(await failure(storage.get(unpinned))).toMatchObject({ code: "ERR_TIMEOUT" });
    expect(await failure(storage.release(address))).toMatchObject({ code: "ERR_UNSUPPORTED" });
    await storage.close();
  });
});
