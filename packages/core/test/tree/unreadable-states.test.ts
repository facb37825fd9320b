import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { verifyHead } from "../../src/log/head.ts";
import { compareHeads } from "../../src/tree/compare-heads.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "../reader/written-log.ts";

let log: WrittenLog;

beforeAll(async () => {
  log = await writeLog(contents(60), { publishAt: [30] });
});

async function viewOf(size: number, objects: ReadonlyMap<string, Uint8Array>): Promise<TreeView> {
  const head = await verifyHead(log.heads.get(size)!, log.logId);
  return new TreeView(head, new ScriptedStorage(objects), defaultLimits, new AbortController().signal);
}

test("a larger state whose nodes are withheld is never taken for an older one, nor for one that extends", async () => {
  const verified = await viewOf(30, log.contents);
  const offered = await viewOf(60, new Map());
  const relation = await compareHeads(verified, offered).catch(() => undefined);
  expect(["older", "same", "extends"]).not.toContain(relation?.kind);
});

test("an abort ends a comparison with the reason of its signal, whichever state is the larger", async () => {
  for (const [verified, offered] of [
    [60, 30],
    [30, 60],
  ] as const) {
    const views = await Promise.all([viewOf(verified, new Map()), viewOf(offered, new Map())]);
    const controller = new AbortController();
    const comparing = failure(compareHeads(...views, { signal: controller.signal }));
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await comparing).toBe(reason);
  }
});
