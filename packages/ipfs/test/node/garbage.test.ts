import { deriveKeys, generateSeed, memoryReaderStore, openReader, openWriter } from "@remote-log/core";
import { ipfsRemote } from "@remote-log/ipfs";
import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { describe, expect, onTestFinished, test } from "vitest";
import { command } from "../node-command.ts";
import { nodeOfFile } from "../node-for-tests.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("a log on a node that collects its garbage", async () => {
  if (skip) return;
  const node = await nodeOfFile();

  /** Publishes a log in several batches. */
  async function publishedLog(options: { readonly pin?: boolean }) {
    // Enough for pages, index nodes and pointers to contents; unlike those of other logs, which may be pinned.
    const contents = Array.from({ length: 200 }, (_, i) => randomBytes(i % 20 === 0 ? 20_000 : 100));
    const seed = generateSeed();
    const nameKey = deriveKeys(seed).ipns;
    const at = { node: node.rpc, searchMilliseconds: 300, label: "node" };
    const remote = await ipfsRemote({ ...at, nameKey, ...options });
    const journal = new MemoryLevel<Uint8Array, Uint8Array>();
    const writer = await openWriter({
      seed,
      journal,
      remotes: [remote],
      publish: "manual",
      settings: { visibility: "public" },
    });
    for (const [i, content] of contents.entries()) {
      await writer.append(content);
      if (i % 50 === 49) await writer.publish();
    }
    onTestFinished(() => writer.close());
    const { name } = remote;
    return { contents, writer, logId: writer.logId, read: await ipfsRemote({ ...at, name }) };
  }

  /** Reads a log from its first entry on, as somebody who has never seen it. */
  async function readAll({ logId, read }: Awaited<ReturnType<typeof publishedLog>>): Promise<Uint8Array[]> {
    const reader = await openReader({ logId, remotes: [read], store: memoryReaderStore() });
    const found: Uint8Array[] = [];
    try {
      for await (const entry of reader.from(0)) found.push(entry.content);
    } finally {
      await reader.close();
    }
    return found;
  }

  test("loses nothing between a publish and the catch-up", async () => {
    const log = await publishedLog({});
    await command(node, "repo/gc");
    expect(await readAll(log)).toEqual(log.contents);
  });

  test("loses what is not pinned, and a reader is told that nobody showed it", async () => {
    const log = await publishedLog({ pin: false });
    expect(await readAll(log)).toEqual(log.contents);
    await command(node, "repo/gc");
    const error = await failure(readAll(log));
    expect(error).toMatchObject({ code: "ERR_TIMEOUT", operation: "storage.get" });
    expect(error.message).toMatch(/collected as garbage/);
  });

  test("gets back from a repair what it collected, however the repair looks", async () => {
    for (const reads of [false, true]) {
      const log = await publishedLog({ pin: false });
      await command(node, "repo/gc");
      const { remotes } = await log.writer.repair({ reads });
      expect(remotes[0]!.putBack).toBeGreaterThan(10);
      expect(await readAll(log)).toEqual(log.contents);
    }
  });
});
