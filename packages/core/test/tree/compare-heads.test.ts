import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { verifyHead } from "../../src/log/head.ts";
import { compareHeads } from "../../src/tree/compare-heads.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, sizesTo, smallCuts, writeLog } from "../reader/written-log.ts";

test.each([smallCuts, foldingCuts])(
  "of any two states of one history the larger extends the smaller, which is older (%j)",
  async (settings) => {
    const grown = await writeLog(contents(120), { settings, publishAt: sizesTo(120) });
    const { storage } = scriptedRemote(grown.contents);
    const never = new AbortController().signal;
    const views: TreeView[] = [];
    for (const size of sizesTo(120)) {
      const head = await verifyHead(grown.heads.get(size)!, grown.logId);
      views.push(new TreeView(head, storage, defaultLimits, never));
    }
    for (const [from, verified] of sample("histories", [...views.entries()], 30)) {
      for (const [to, offered] of views.entries()) {
        const expected = to > from ? "extends" : to < from ? "older" : "same";
        expect((await compareHeads(verified, offered)).kind, `${from} and ${to}`).toBe(expected);
      }
    }
  },
);
