import { deriveKeys, generateSeed } from "@remote-log/core";
import { serverOrSkip } from "@remote-log/servers";
import { swarmRemote } from "@remote-log/swarm";
import { describe, expect, test } from "vitest";
import { killOneLog } from "../../core/test/writer/killed-writer.ts";
import { beeOfFile } from "./bee-for-tests.ts";

// KILL_SEED replays the moments of a run, KILLS asks for more of them.
const seed = Number(process.env["KILL_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const kills = Number(process.env["KILLS"] ?? 12);
const logs = 2;

const { skip } = await serverOrSkip("bee");

describe.skipIf(skip)("a writer whose remote is on Swarm", async () => {
  if (skip) return;
  const server = await beeOfFile();
  const { url: bee } = server;
  const stamp = await server.buyBatch();

  test(`${kills} kills -9 at any moment lose, double and fork nothing (KILL_SEED=${seed})`, async () => {
    const rounds = Math.ceil(kills / logs);
    const remoteIn = (): ReturnType<Parameters<typeof killOneLog>[0]["remoteIn"]> => {
      const nameKey = deriveKeys(generateSeed()).swarm;
      const place = JSON.stringify({ bee, stamp, nameKey: Buffer.from(nameKey).toString("hex") });
      return {
        worker: { module: new URL("kill-remote.mjs", import.meta.url).href, place },
        open: () => swarmRemote({ bee, stamp, nameKey, label: "swarm" }),
      };
    };
    const results = await Promise.all(
      Array.from({ length: logs }, (_, number) => killOneLog({ seed: seed + number, rounds, remoteIn })),
    );
    for (const { acknowledged, sent } of results) {
      expect(acknowledged).toBeGreaterThan(rounds);
      expect(sent).toBeGreaterThan(rounds / 4);
    }
  });
});
