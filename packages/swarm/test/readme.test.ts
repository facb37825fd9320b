import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Bee } from "@ethersphere/bee-js";
import {
  deriveKeys,
  formatLink,
  generateSeed,
  type Reader,
  type Writer,
  type WriterOptions,
} from "@remote-log/core";
import { serverOrSkip } from "@remote-log/servers";
import { type BeeNode, type SwarmRemote, swarmRemote } from "@remote-log/swarm";
import { MemoryLevel } from "memory-level";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { beeOfFile } from "./bee-for-tests.ts";

/** What the writer sends to its readers. */
const linkOf = ({ logId, readKey: key }: Writer): string => formatLink({ logId, key, remotes: [] });

/** The functions that the README shows. */
interface Shown {
  publishOn(
    bee: BeeNode,
    stamp: string,
    options: WriterOptions,
  ): Promise<{ writer: Writer; owner: string; feed: string }>;
  readFrom(bee: BeeNode, owner: string, link: string): Promise<Reader>;
  report(remote: SwarmRemote): Promise<void>;
}

const { skip } = await serverOrSkip("bee");
const here = fileURLToPath(new URL(".", import.meta.url));

describe.skipIf(skip)("what the README shows", async () => {
  if (skip) return;
  const server = await beeOfFile();
  const stamp = await server.buyBatch();
  let folder: string;
  let shown: Shown;

  beforeAll(async () => {
    const readme = await readFile(join(here, "../README.md"), "utf8");
    const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
    folder = await mkdtemp(join(here, ".readme-"));
    const modules = blocks
      .filter((code) => /export async function (publishOn|readFrom|report)\(/.test(code))
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

  test.each(["a URL", "a Bee of bee-js"])("writes a log that others read, given %s", async (given) => {
    const bee = given === "a URL" ? server.url : new Bee(server.url);
    const journal = new MemoryLevel<Uint8Array, Uint8Array>();
    const settings = { visibility: "public" } as const;
    const options = { seed: generateSeed(), journal, remotes: [], publish: "manual", settings } as const;
    const { writer, owner, feed } = await shown.publishOn(bee, stamp, options);
    await writer.append(new TextEncoder().encode("hello"));
    await writer.publish();
    expect(feed).toMatch(new RegExp(`^${owner}/[0-9a-f]{64}$`));
    const reader = await shown.readFrom(bee, owner, linkOf(writer));
    const [entry] = await reader.latest(1);
    expect(new TextDecoder().decode(entry?.content)).toBe("hello");
    await reader.close();
    await writer.close();
  });

  test("reports until when the log lasts, and what to do about it", async () => {
    const nameKey = deriveKeys(generateSeed()).swarm;
    // A day and a half: 25,920 blocks of 24,000 PLUR.
    const short = await server.buyBatch({ amount: "622080000" });
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    try {
      await shown.report(swarmRemote({ bee: server.url, stamp: short, nameKey }));
      const day = new Date(Date.now() + 1.5 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
      expect(log).toHaveBeenCalledWith(expect.stringContaining(`The log is lost on ${day}`));
      expect(log).toHaveBeenCalledWith("The fullest bucket is at 0 %.");
      expect(warn).toHaveBeenCalledWith(expect.stringMatching(/topup/));
    } finally {
      log.mockRestore();
      warn.mockRestore();
    }
  });
});
