// A backlog on Kubo, on a network that comes and goes.

import { ipfsRemote } from "@remote-log/ipfs";
import { serverOrSkip } from "@remote-log/servers";
import { answer, randomBytes } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { everyHundredth, publishInLives } from "../../../core/test/writer/backlog-on-server.ts";
import { nodeOfFile } from "../node-for-tests.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("a backlog on Kubo", async () => {
  if (skip) return;
  const node = await nodeOfFile();

  test("processes that end after 250 uploads, and 1 % of all uploads failing: at most 1.2 uploads an object", async () => {
    const faults = everyHundredth(({ path }) => path.includes("/block/put"));
    const proxy = await scriptedServer(
      (request) => (faults.fails(request) ? answer(503, "text/plain", "Busy.") : undefined),
      { target: node.rpc },
    );
    const nameKey = randomBytes(32);
    const { lives, uploads, objects } = await publishInLives({
      throughProxy: () => ipfsRemote({ node: proxy.url, nameKey, label: "ipfs" }),
      direct: () => ipfsRemote({ node: node.rpc, nameKey, label: "ipfs" }),
      entries: 600,
      uploadsPerLife: 250,
    });
    expect(lives).toBe(3);
    expect(faults.failed()).toBeGreaterThan(3);
    expect(uploads / objects).toBeLessThanOrEqual(1.2);
  });
});
