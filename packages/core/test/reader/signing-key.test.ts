// Which key signed what a reader holds.

import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import {
  checkpointOrigin,
  deviceSeed,
  generateSeed,
  openReader,
  openWriter,
  verifyCheckpoint,
} from "../../src/index.ts";

test("a reader says which key signed its checkpoint, also after the owner of the log replaced it", async () => {
  const remote = memoryRemote();
  const recoverySeed = generateSeed();
  const seed = await deviceSeed(recoverySeed, 1);
  const writer = await openWriter({ seed, journal: new MemoryLevel(), remotes: [remote], publish: "manual" });
  const { logId } = writer;
  const reader = await openReader({ logId, remotes: [remote], withoutKey: "sealed" });
  expect(reader.signingKey).toBeUndefined();
  const keys: Uint8Array[] = [];
  for (const rotates of [false, true]) {
    if (rotates) await writer.rotateSigningKey(recoverySeed);
    await writer.append(Uint8Array.of(1));
    await writer.publish();
    await reader.sync();
    const publicKey = reader.signingKey!;
    await verifyCheckpoint(reader.checkpoint!, { origin: checkpointOrigin(logId), publicKey });
    keys.push(publicKey);
  }
  expect(keys[0]).toEqual(reader.genesis!.genesis.signingKey);
  expect(keys[1]).not.toEqual(keys[0]);
  await reader.close();
  await writer.close();
});
