import { failure } from "@remote-log/test-kit";
import { beforeAll, describe, expect, test } from "vitest";
import { checkpointOrigin, signCheckpoint } from "../../src/checkpoint/index.ts";
import { type SigningKey, signingKeyFromSeed } from "../../src/crypto/index.ts";
import type { ForkEvidence } from "../../src/index.ts";
import { createGenesis, defaultSettings, type IdentifiedGenesis } from "../../src/log/genesis.ts";
import { explicitConsistencyPath } from "../../src/merkle/index.ts";
import { forkError } from "../../src/tree/fork-error.ts";
import { verifyForkEvidence } from "../../src/tree/fork-evidence.ts";
import { oracle, oracleSource } from "../merkle/trees.ts";

// Checkpoints that a key signs here, without a log behind them.

const other = new Uint8Array(32).fill(9);
let key: SigningKey;
let genesis: IdentifiedGenesis;

beforeAll(async () => {
  key = await signingKeyFromSeed(new Uint8Array(32).fill(1));
  genesis = createGenesis({ ...defaultSettings, visibility: "public", signingKey: key.publicKey });
});

function sign(size: number, root: Uint8Array, signer = key): Promise<string> {
  return signCheckpoint({ origin: checkpointOrigin(genesis.logId), size, root }, signer);
}

/** Evidence about the first 5 of 9 entries; the smaller checkpoint has the root that is given. */
async function evidence(smallerRoot: Uint8Array): Promise<ForkEvidence> {
  return {
    genesis: genesis.bytes,
    smaller: await sign(5, smallerRoot),
    larger: await sign(9, oracle.root(0, 9)),
    path: await explicitConsistencyPath(5, 9, oracleSource(9)),
  };
}

describe("a fork is proved", () => {
  test("by a larger state that begins with other entries than the smaller one", async () => {
    const { logId } = genesis;
    expect(await verifyForkEvidence(await evidence(other))).toEqual({
      logId,
      of: "entries",
      by: "signing-key",
      smaller: 5,
      larger: 9,
    });
  });

  test("by two states of one size", async () => {
    const smaller = await sign(9, other);
    const pair = { ...(await evidence(other)), smaller, path: [] };
    expect(await verifyForkEvidence(pair)).toMatchObject({ smaller: 9, larger: 9 });
  });
});

describe("nothing is proved", () => {
  test("by a larger state that extends the smaller one", async () => {
    expect(await verifyForkEvidence(await evidence(oracle.root(0, 5)))).toBeUndefined();
  });

  test("by a state and itself", async () => {
    const { larger, ...rest } = await evidence(other);
    expect(await verifyForkEvidence({ ...rest, smaller: larger, larger, path: [] })).toBeUndefined();
  });

  test("by a path that does not lead to the larger root", async () => {
    const forked = await evidence(other);
    for (const path of [
      [],
      forked.path.slice(1),
      [...forked.path.slice(1), forked.path[0]!],
      [...forked.path, other],
    ])
      expect(await verifyForkEvidence({ ...forked, path })).toBeUndefined();
  });

  test("by a path that leads to another larger root than was signed", async () => {
    const forked = { ...(await evidence(other)), larger: await sign(9, other) };
    expect(await verifyForkEvidence(forked)).toBeUndefined();
  });

  test("by the larger state in the place of the smaller one", async () => {
    const { smaller, larger, ...rest } = await evidence(other);
    expect(await verifyForkEvidence({ ...rest, smaller: larger, larger: smaller })).toBeUndefined();
  });
});

test("a checkpoint that another key signed is refused with ERR_INTEGRITY", async () => {
  const stranger = await signingKeyFromSeed(new Uint8Array(32).fill(2));
  const forked = await evidence(other);
  for (const part of [
    { smaller: await sign(5, other, stranger) },
    { larger: await sign(9, other, stranger) },
  ]) {
    expect(await failure(verifyForkEvidence({ ...forked, ...part }))).toMatchObject({
      code: "ERR_INTEGRITY",
    });
  }
});

test("the error of a fork holds the evidence", async () => {
  const forked = await evidence(other);
  expect(forkError(genesis.logId, "here", forked)).toMatchObject({ code: "ERR_FORK", evidence: forked });
});
