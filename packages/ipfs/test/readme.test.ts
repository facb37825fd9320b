import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Address,
  formatLink,
  generateSeed,
  type Reader,
  type Writer,
  type WriterOptions,
} from "@remote-log/core";
import { ipfsStorage, type KuboNode } from "@remote-log/ipfs";
import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { clientNames, nodeBy } from "./clients.ts";
import { command } from "./node-command.ts";
import { nodeOfFile } from "./node-for-tests.ts";

/** What the writer sends to its readers. */
const linkOf = ({ logId, readKey: key }: Writer): string => formatLink({ logId, key, remotes: [] });

/** The functions that the README shows. */
interface Shown {
  publishOn(node: KuboNode, options: WriterOptions): Promise<{ writer: Writer; name: string }>;
  readFrom(node: KuboNode, name: string, link: string): Promise<Reader>;
  keep(node: KuboNode, name: string, signal: AbortSignal): Promise<void>;
  giveUp(node: KuboNode, address: Address): Promise<void>;
}

const { skip } = await serverOrSkip("kubo");
const here = fileURLToPath(new URL(".", import.meta.url));

describe.skipIf(skip)("what the README shows", async () => {
  if (skip) return;
  const node = await nodeOfFile();
  let folder: string;
  let shown: Shown;

  beforeAll(async () => {
    const readme = await readFile(join(here, "../README.md"), "utf8");
    const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
    folder = await mkdtemp(join(here, ".readme-"));
    const modules = blocks
      .filter((code) => /export async function (publishOn|readFrom|keep|giveUp)\(/.test(code))
      .map(async (code, i) => {
        const file = join(folder, `block-${i}.ts`);
        await writeFile(file, code);
        return import(/* @vite-ignore */ file) as Promise<Partial<Shown>>;
      });
    shown = Object.assign({}, ...(await Promise.all(modules))) as Shown;
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test.each(clientNames)("writes a log that others read, given as %s", async (client) => {
    const journal = new MemoryLevel<Uint8Array, Uint8Array>();
    const settings = { visibility: "public" } as const;
    const options = { seed: generateSeed(), journal, remotes: [], publish: "manual", settings } as const;
    const { writer, name } = await shown.publishOn(nodeBy(client, node.rpc), options);
    await writer.append(new TextEncoder().encode("hello"));
    await writer.publish();
    const reader = await shown.readFrom(nodeBy(client, node.rpc), name, linkOf(writer));
    const [entry] = await reader.latest(1);
    expect(new TextDecoder().decode(entry?.content)).toBe("hello");
    await reader.close();
    await writer.close();
    const enough = new AbortController();
    const log = vi.spyOn(console, "log").mockImplementation(() => enough.abort());
    const error = await failure(shown.keep(nodeBy(client, node.rpc), name, enough.signal));
    expect(error).toBe(enough.signal.reason);
    expect(log).toHaveBeenCalledWith("kept");
    log.mockRestore();
  });

  test("gives a content up", async () => {
    const storage = ipfsStorage({ node: node.rpc });
    const address = await storage.put(randomBytes(100));
    await shown.giveUp(node.rpc, address);
    await command(node, "repo/gc");
    expect(await storage.has(address)).toBe(false);
    await storage.close();
  });
});
