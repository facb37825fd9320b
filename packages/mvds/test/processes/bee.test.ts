import { serverOrSkip, startBee } from "@remote-log/servers";
import { swarmRemoteFromUri } from "@remote-log/swarm";
import { atEnd } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { COUNT } from "./processes.ts";
import { visitInTurn } from "./visits.ts";

const { skip } = await serverOrSkip("bee");

describe.skipIf(skip)("with Bee between them", () => {
  test(`two processes that are never there at once have all ${2 * COUNT} messages, whole and in causal order`, async () => {
    const server = await startBee();
    atEnd(() => server.stop());
    const stamp = await server.buyBatch();
    const waiting = await visitInTurn(
      () => ({ kind: "bee", url: server.url, stamp }),
      async ({ swarm: nameKey }) => swarmRemoteFromUri(`bee+${server.url}?stamp=${stamp}`, { nameKey }).owner,
    );
    expect(waiting).toEqual([{}, {}]);
  });
});
