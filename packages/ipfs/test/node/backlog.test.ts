// A backlog on Kubo, on a network that comes and goes.

import { ipfsRemote } from "@remote-log/ipfs";
import { serverOrSkip } from "@remote-log/servers";
import { answer, randomBytes } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { oneOf, publishInLives } from "../../../core/test/writer/backlog-on-server.ts";
import { nodeBy } from "../clients.ts";
import { nodeOfFile } from "../node-for-tests.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("a backlog on Kubo", async () => {
  if (skip) return;
  const node = await nodeOfFile();

  test.each([
    // Its objects go one by one.
    { client: "kubo-rpc-client", uploadsPerLife: 250, failing: 100, most: 800 },
    { client: "url", uploadsPerLife: 500, failing: 15, most: 70 },
  ] as const)(
    "given as $client, in processes that end after $uploadsPerLife uploads, with failures: at most 1.2 uploads an object",
    async ({ client, uploadsPerLife, failing, most }) => {
      const faults = oneOf(failing, ({ path }) => path.includes("/block/put"));
      const proxy = await scriptedServer(
        (request) => (faults.fails(request) ? answer(503, "text/plain", "Busy.") : undefined),
        { target: node.rpc },
      );
      const nameKey = randomBytes(32);
      const { lives, uploads, objects } = await publishInLives({
        throughProxy: () => ipfsRemote({ node: nodeBy(client, proxy.url), nameKey, label: "ipfs" }),
        direct: () => ipfsRemote({ node: node.rpc, nameKey, label: "ipfs" }),
        entries: 600,
        uploadsPerLife,
      });
      const requests = proxy.requests.filter(({ path }) => path.includes("/block/put")).length;
      expect(lives).toBeGreaterThanOrEqual(2);
      expect(faults.failed()).toBeGreaterThanOrEqual(2);
      expect(requests).toBeLessThanOrEqual(most);
      expect(uploads / objects).toBeLessThanOrEqual(1.2);
    },
  );
});
