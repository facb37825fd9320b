// Several contents at once on a real node.

import { addressOf, rawSha256 } from "@remote-log/core";
import type { Call } from "@remote-log/core/adapter";
import { ipfsStorage } from "@remote-log/ipfs";
import { serverOrSkip } from "@remote-log/servers";
import { randomBytes } from "@remote-log/test-kit";
import { atEnd, scriptedServer } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { Blocks } from "../../src/node/blocks.ts";
import { rpcNode } from "../../src/node/rpc.ts";
import { clientNames, nodeBy } from "../clients.ts";
import { command } from "../node-command.ts";
import { nodeOfFile } from "../node-for-tests.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("several contents at once on a Kubo node", async () => {
  if (skip) return;
  const node = await nodeOfFile();
  const recorder = await scriptedServer(undefined, { target: node.rpc });

  function opened(options: { readonly pin?: boolean } = {}) {
    const storage = ipfsStorage({ node: recorder.url, searchMilliseconds: 300, ...options });
    atEnd(() => storage.close());
    return storage;
  }

  // The node answers for the first blocks while the last ones are on their way to it.
  test("sixteen contents of a mebibyte together are one request, each a pinned block that comes back", async () => {
    const storage = opened();
    const contents = Array.from({ length: 16 }, () => randomBytes(65_536));
    const from = recorder.requests.length;
    const outcomes = await storage.putMany!(contents);
    const [request, ...more] = recorder.requests.slice(from);
    expect(more).toEqual([]);
    expect(request).toMatchObject({ method: "POST", path: "/api/v0/block/put" });
    expect(Object.fromEntries(request!.query)).toEqual({
      "cid-codec": "raw",
      mhtype: "sha2-256",
      pin: "true",
    });
    const addresses = await Promise.all(contents.map((content) => addressOf(content, rawSha256)));
    expect(outcomes).toEqual(addresses.map((value) => ({ status: "fulfilled", value })));
    for (const [i, address] of addresses.entries()) {
      expect(await command(node, `pin/ls?arg=${address}`)).toContain(`${address}`);
      expect(Buffer.compare(await storage.get(address), contents[i]!)).toBe(0);
    }
  });

  test("without pins none of them is pinned; nothing is a content, too", async () => {
    const storage = opened({ pin: false });
    const contents = [new Uint8Array(0), randomBytes(100)];
    const outcomes = await storage.putMany!(contents);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    const address = await addressOf(contents[1]!, rawSha256);
    expect(await storage.has(address)).toBe(true);
    expect(await command(node, `pin/ls?arg=${address}`).catch(String)).toContain("not pinned");
  });

  test.each(clientNames)("a node given as %s takes several contents only if that is a URL", (client) => {
    const storage = ipfsStorage({ node: nodeBy(client, recorder.url) });
    atEnd(() => storage.close());
    const takesMany = client === "url";
    expect([storage.putMany !== undefined, storage.capabilities.putMany !== undefined]).toEqual([
      takesMany,
      takesMany,
    ]);
  });

  test("a node that refuses one of several blocks answers for those before it, and says 200", async () => {
    // Without the word that a large block is meant, the node refuses it.
    const fetch = (url: string, init: RequestInit) =>
      globalThis.fetch(url.replace("&allow-big-block=true", ""), init);
    const blocks = new Blocks(rpcNode({ node: node.rpc, fetch }));
    const contents = [randomBytes(100), randomBytes(3 * 1024 * 1024), randomBytes(100)];
    const call: Call = {
      signal: new AbortController().signal,
      context: { operation: "storage.putMany", action: "storing several contents" },
    };
    const answered = await blocks.putMany(contents, true, call);
    expect(answered).toEqual([`${await addressOf(contents[0]!, rawSha256)}`]);
  });
});
