import { ipfsRemoteFromUri } from "@remote-log/ipfs";
import { serverOrSkip, startKubo } from "@remote-log/servers";
import { atEnd } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { COUNT } from "./processes.ts";
import { visitInTurn } from "./visits.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("with Kubo between them", () => {
  test(`two processes that are never there at once have all ${2 * COUNT} messages, whole and in causal order`, async () => {
    const server = await startKubo();
    atEnd(() => server.stop());
    const waiting = await visitInTurn(
      () => ({ kind: "kubo", url: server.rpc }),
      async ({ ipns: nameKey }) => (await ipfsRemoteFromUri(`ipfs+${server.rpc}`, { nameKey })).name,
    );
    expect(waiting).toEqual([{}, {}]);
  });
});
