// A backlog on Bee, on a network that comes and goes.

import { deriveKeys, generateSeed } from "@remote-log/core";
import { serverOrSkip } from "@remote-log/servers";
import { swarmRemote } from "@remote-log/swarm";
import { answer } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { everyHundredth, publishInLives } from "../../core/test/writer/backlog-on-server.ts";
import { beeOfFile } from "./bee-for-tests.ts";

const { skip } = await serverOrSkip("bee");

describe.skipIf(skip)("a backlog on Swarm", async () => {
  if (skip) return;
  const server = await beeOfFile();
  const stamp = await server.buyBatch();

  test("processes that end after 250 uploads, and 1 % of all uploads failing: at most 1.2 uploads an object", async () => {
    const faults = everyHundredth(
      ({ method, path }) => method === "POST" && /^\/(chunks|bytes)\b/.test(path),
    );
    const proxy = await scriptedServer(
      (request) => (faults.fails(request) ? answer(503, "application/json", '{"code":503}') : undefined),
      { target: server.url },
    );
    const nameKey = deriveKeys(generateSeed()).swarm;
    const { lives, uploads, objects } = await publishInLives({
      throughProxy: () => swarmRemote({ bee: proxy.url, stamp, nameKey, label: "swarm" }),
      direct: () => swarmRemote({ bee: server.url, stamp, nameKey, label: "swarm" }),
      entries: 600,
      uploadsPerLife: 250,
    });
    expect(lives).toBe(3);
    expect(faults.failed()).toBeGreaterThan(3);
    expect(uploads / objects).toBeLessThanOrEqual(1.2);
  });
});
