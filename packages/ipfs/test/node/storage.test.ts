import { addressOf, rawSha256 } from "@remote-log/core";
import { ipfsStorage } from "@remote-log/ipfs";
import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { atEnd, scriptedServer } from "@remote-log/test-kit/vitest";
import { CID } from "multiformats/cid";
import { describe, expect, test } from "vitest";
import { clientNames, nodeBy } from "../clients.ts";
import { command } from "../node-command.ts";
import { nodeOfFile } from "../node-for-tests.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("contents on a Kubo node", async () => {
  if (skip) return;
  const node = await nodeOfFile();
  const recorder = await scriptedServer(undefined, { target: node.rpc });

  describe.each(clientNames)("given as %s", (client) => {
    const storage = ipfsStorage({ node: nodeBy(client, recorder.url), searchMilliseconds: 300 });
    atEnd(() => storage.close());

    test("a content is a pinned raw block, of the CID that any tool gives it", async () => {
      const content = randomBytes(300);
      const from = recorder.requests.length;
      const address = await storage.put(content);
      expect(CID.decode(address.bytes).toString()).toBe(`${address}`);
      const requests = recorder.requests.slice(from);
      expect(
        requests.map(({ query, ...request }) => ({ ...request, query: Object.fromEntries(query) })),
      ).toMatchObject([
        {
          method: "POST",
          path: "/api/v0/block/put",
          query: { "cid-codec": "raw", mhtype: "sha2-256", pin: "true" },
        },
      ]);
      expect(await command(node, `pin/ls?arg=${address}`)).toContain(`${address}`);
      const response = await fetch(`${node.gateway}/ipfs/${address}?format=raw`);
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(content);
    });

    test("nothing and two mebibytes come back as they were", async () => {
      const wide = ipfsStorage({ node: nodeBy(client, recorder.url), largestContent: 2 * 1024 * 1024 });
      for (const size of [0, 1, 1024 * 1024, 2 * 1024 * 1024]) {
        const content = randomBytes(size);
        const from = recorder.requests.length;
        const address = await wide.put(content);
        // Nodes before Kubo 0.40 want to be told that so large a block is meant.
        const flag = size > 1024 * 1024 ? "true" : null;
        expect(recorder.requests[from]?.query.get("allow-big-block")).toBe(flag);
        expect(`${address}`).toBe(`${await addressOf(content, rawSha256)}`);
        expect(Buffer.compare(await storage.get(address), content)).toBe(0);
        expect(await storage.has(address)).toBe(true);
      }
      await wide.close();
    });

    // The clients send in the same way.
    test.skipIf(client === "ipfs-http-client")(
      "five hundred contents at once take a few dozen connections",
      async () => {
        const own = await scriptedServer(undefined, { target: node.rpc });
        const many = ipfsStorage({ node: nodeBy(client, own.url) });
        const contents = Array.from({ length: 500 }, () => randomBytes(100));
        const addresses = await Promise.all(contents.map((content) => many.put(content)));
        expect(own.active.most).toBeLessThanOrEqual(16);
        // A runtime may open a connection while the one that was free is not yet known to be.
        expect(own.connections.most).toBeLessThanOrEqual(64);
        const read = await Promise.all(addresses.map((address) => many.get(address)));
        expect(read).toEqual(contents);
        expect(own.active.most).toBeLessThanOrEqual(128);
        await many.close();
        await own.stop();
      },
    );

    test("what nobody shows in time is not said to be nowhere", async () => {
      const address = await addressOf(randomBytes(20), rawSha256);
      expect(await storage.has(address)).toBe(false);
      expect(await failure(storage.get(address))).toMatchObject({
        code: "ERR_TIMEOUT",
        retry: "safe",
        reason: "search",
        message: expect.stringMatching(/not find bafkrei\w+ within 300 ms.*collected/),
      });
    });

    test("an abort ends the search of the node, too", async () => {
      const patient = ipfsStorage({ node: nodeBy(client, recorder.url), searchMilliseconds: 600_000 });
      const address = await addressOf(randomBytes(20), rawSha256);
      const aborting = new AbortController();
      const searching = failure(patient.get(address, { signal: aborting.signal }));
      const searches = async (): Promise<number> => {
        const commands = JSON.parse(await command(node, "diag/cmds")) as {
          readonly Command: string;
          readonly Active: boolean;
        }[];
        return commands.filter((one) => one.Active && one.Command === "block/get").length;
      };
      await expect.poll(searches).toBe(1);
      aborting.abort(new Error("enough"));
      expect((await searching).message).toBe("enough");
      await expect.poll(searches).toBe(0);
      await patient.close();
    });

    test("a storage that pins nothing takes nobody else's pin away", async () => {
      const address = await storage.put(randomBytes(50));
      const other = ipfsStorage({ node: nodeBy(client, recorder.url), pin: false });
      await other.release(address);
      expect(await command(node, `pin/ls?arg=${address}`)).toContain(`${address}`);
      await other.close();
    });

    test("a released content is collected with the garbage, any other is not", async () => {
      const [kept, released] = await Promise.all([
        storage.put(randomBytes(50)),
        storage.put(randomBytes(50)),
      ]);
      await storage.release(released);
      await storage.release(released);
      await command(node, "repo/gc");
      expect(await storage.has(kept)).toBe(true);
      expect(await storage.has(released)).toBe(false);
      expect(await failure(storage.get(released))).toMatchObject({ code: "ERR_TIMEOUT" });
    });
  });
});
