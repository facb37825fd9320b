import { runs, testSeed } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { openReader } from "../../../packages/core/src/index.ts";
import { scriptedRemote } from "../../../packages/core/test/reader/scripted-remote.ts";
import { Random } from "../random.ts";
import { buildTree, type Plan } from "../trees/build-tree.ts";
import { bundledNode, bundleWays } from "../trees/bundle-pages.ts";
import { readRewritten } from "../trees/read-rewritten.ts";
import { type RealLog, writeRealLogs } from "../trees/real-log.ts";
import { rewriteTree } from "../trees/rewrite-tree.ts";

/** For hangs: the whole takes half a minute, and much longer on a busy machine. */
const timeout = 1_800_000;
let logs: readonly RealLog[];

beforeAll(async () => {
  logs = await writeRealLogs();
});

test("a tree that is built of the writer's own entries is the writer's own", () => {
  for (const log of logs) {
    for (const state of log.states) {
      // Its pages are not objects of their own.
      if (state.bundles.length > 0) continue;
      // The head may show more or fewer refs itself: some of these trees are the very same.
      const built = Array.from({ length: 15 }, (_, i) => buildTree(state, new Random(i, "built")));
      expect(built.some(({ head }) => Buffer.compare(head, state.head) === 0)).toBe(true);
      for (const { objects } of built) {
        const pages = [...objects.keys()].filter((address) => log.objects.has(address));
        expect(pages.length).toBeGreaterThanOrEqual(Math.floor((state.size - 1) / state.leafSize));
      }
    }
  }
});

test("whatever trees are rewritten without the key, and however answers change, readers get what was written or an error", {
  timeout,
}, async () => {
  const codes = new Set<string>();
  let delivered = 0;
  for (let index = 0; index < runs(60, 2000); index++) {
    try {
      const outcome = await readRewritten(logs, testSeed, index);
      delivered += outcome.delivered;
      for (const code of outcome.codes) codes.add(code);
    } catch (cause) {
      const command = `pnpm fuzz:trees --trees 1 --seed ${testSeed} --first ${index}`;
      throw new Error(`${command} repeats this failure.`, { cause });
    }
  }
  // Both happened: entries came through, and trees were refused.
  expect(delivered).toBeGreaterThan(100);
  expect([...codes]).toEqual(expect.arrayContaining(["ERR_INTEGRITY", "ERR_MALFORMED"]));
});

test("a tree with bundles, made without the key, is read in full, whatever lengths it claims", async () => {
  for (const [i, harm] of [undefined, "other lengths"].entries()) {
    const state = logs[2]!.states.at(-1)!;
    const random = new Random(i, "bundled");
    const way = harm === undefined ? undefined : bundleWays[harm]!;
    const lose = (): void => undefined;
    const bundle: Plan["bundle"] = (children, put) =>
      bundledNode(children, { put, lose, others: [] }, random, way);
    const { head, objects } = buildTree({ ...state, bundle }, random);
    const held = new Map([...logs[2]!.objects, ...objects]);
    const reader = await openReader({ logId: state.logId, remotes: [scriptedRemote(held, head)] });
    const read: string[] = [];
    for await (const { content } of reader.from(0)) read.push(`${Buffer.from(content)}`);
    await reader.close();
    expect(read).toEqual(logs[2]!.entries.map((entry) => `${Buffer.from(entry)}`));
  }
});

test("every way to rewrite a tree is taken", () => {
  const random = new Random(testSeed, "ways");
  const ways = new Set(
    Array.from({ length: 400 }, () => rewriteTree(logs[0]!.states.at(-1)!, logs, random).ways).flat(),
  );
  for (const way of [
    "an entry nobody wrote",
    "an address of another kind",
    "a removed pair",
    "a stretch that moved",
    "one object for two subtrees at level 1",
    "the levels of another head",
    "the hashes of the real tree",
    "bundles",
    "overlapping bundles",
    "a bundle that is gone",
    "other lengths",
  ]) {
    expect(ways).toContain(way);
  }
});
