import { generateSeed, openReader, openWriter, type Remote } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { bytes, failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";

test("what is known of a remote is forgotten, so that another place can have its label; the others stay known", async () => {
  const [seed, journal] = [generateSeed(), new MemoryLevel<Uint8Array, Uint8Array>()];
  const open = (...remotes: Remote[]) =>
    openWriter({ settings: { visibility: "public" }, seed, journal, remotes, publish: "manual" });
  const first = memoryRemote({ label: "attic" });
  // Labels of which one is the beginning of another.
  const other = memoryRemote({ label: "attic2" });
  let writer = await open(first, other);
  await writer.appendAll(Array.from({ length: 40 }, (_, i) => bytes(`entry ${i}`)));
  await writer.publish();
  expect((await failure(writer.forgetRemote("attic"))).code).toBe("ERR_INVALID_INPUT");
  await writer.close();

  writer = await open(other);
  await writer.forgetRemote("attic");
  await writer.forgetRemote("never heard of");
  await writer.append(bytes("one more"));
  await writer.close();

  // The label is that of an empty place now; the signature of the largest checkpoint is not forgotten.
  const second = memoryRemote({ label: "attic" });
  writer = await open(second, other);
  expect(writer.status().remotes.map(({ label, published }) => [label, published])).toEqual([
    ["attic", 0],
    ["attic2", 40],
  ]);
  expect(writer.checkpoint).toContain("\n40\n");
  await writer.publish();
  await writer.close();
  const reader = await openReader({ logId: writer.logId, remotes: [second] });
  expect((await reader.sync()).size).toBe(41);
  await reader.close();

  // So is the first place, if it comes back.
  writer = await open(second, { ...first, label: "old attic" });
  await writer.publish();
  expect(writer.status().remotes.map(({ confirmed }) => confirmed)).toEqual([41, 41]);
  await writer.close();
});
