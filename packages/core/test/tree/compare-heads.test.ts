import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { generateSeed, UnreachableError, verifyForkEvidence } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { compareHeads, sameState } from "../../src/tree/compare-heads.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { writeTwoBranches } from "../reader/two-branches.ts";
import {
  contents,
  foldingCuts,
  sizesTo,
  smallCuts,
  type WrittenLog,
  writeLog,
} from "../reader/written-log.ts";

const never = new AbortController().signal;

async function viewOf(log: WrittenLog, size: number, { withheld = false } = {}): Promise<TreeView> {
  const { storage } = scriptedRemote(log.contents);
  if (withheld) {
    storage.before = () => {
      throw new UnreachableError("No answer.", { operation: "storage.get" });
    };
  }
  return new TreeView(await verifyHead(log.heads.get(size)!, log.logId), storage, defaultLimits, never);
}

test.each([smallCuts, foldingCuts])(
  "of any two states of one history the larger extends the smaller, which is older (%j)",
  async (settings) => {
    const grown = await writeLog(contents(120), { settings, publishAt: sizesTo(120) });
    const views: TreeView[] = [];
    for (const size of sizesTo(120)) views.push(await viewOf(grown, size));
    for (const [from, verified] of sample("histories", [...views.entries()], 15)) {
      for (const [to, offered] of views.entries()) {
        const expected = to > from ? "extends" : to < from ? "older" : "same";
        expect((await compareHeads(verified, offered)).kind, `${from} and ${to}`).toBe(expected);
      }
    }
  },
);

/** Two logs of one key, with their heads at 5 and at 12 entries: of these, the larger one needs reads to be compared. */
async function writeTwoShortBranches(): Promise<{ log: WrittenLog; branch: WrittenLog }> {
  const options = { seed: generateSeed(), publishAt: [5] };
  const log = await writeLog(contents(12), options);
  return { log, branch: await writeLog(contents(12, " elsewhere"), options) };
}

test("of states of one size, those with one root are the same, and others are a fork", async () => {
  const { log, branch } = await writeTwoShortBranches();
  const verified = await viewOf(log, 5);
  expect(await compareHeads(verified, await viewOf(log, 5))).toEqual({ kind: "same" });
  const relation = await compareHeads(verified, await viewOf(branch, 5));
  expect(relation.kind).toBe("forked");
  if (relation.kind === "forked") expect(await verifyForkEvidence(relation.evidence)).toBeDefined();
});

test("a state of another size is another one, even if a writer signs the same root for both", async () => {
  const { log } = await writeTwoShortBranches();
  const { head } = await viewOf(log, 5);
  expect(sameState(head, head)).toBe(true);
  expect(sameState(head, { ...head, checkpoint: { ...head.checkpoint, size: 6 } })).toBe(false);
});

test("what one place withholds of a larger state is read at another place", async () => {
  const { log, branch } = await writeTwoShortBranches();
  const [withheld, whole] = [await viewOf(log, 12, { withheld: true }), await viewOf(log, 12)];
  const elsewhere = (larger: TreeView): TreeView[] => (larger === withheld ? [whole] : []);
  expect((await compareHeads(withheld, await viewOf(log, 5))).kind).toBe("unverified");
  expect((await compareHeads(withheld, await viewOf(log, 5), { elsewhere })).kind).toBe("older");
  expect((await compareHeads(await viewOf(log, 5), withheld, { elsewhere })).kind).toBe("extends");
  expect((await compareHeads(withheld, await viewOf(branch, 5), { elsewhere })).kind).toBe("forked");
});

test("of states that can't be compared nothing is said, whichever is larger, unless the heads alone decide it", async () => {
  const { log, branch } = await writeTwoBranches();
  const [whole, kinds] = [await viewOf(log, 50), new Set<string>()];
  for (const other of [log, branch]) {
    for (const size of sizesTo(70)) {
      const withheld = await viewOf(other, size, { withheld: true });
      for (const [verified, offered] of [
        [whole, withheld],
        [withheld, whole],
      ] as const) {
        const { kind } = await compareHeads(verified, offered);
        const forked = other === branch && size > 30;
        const related = size === 50 ? "same" : offered.size > verified.size ? "extends" : "older";
        const expected = forked ? "forked" : related;
        // The smaller state is a head alone in every comparison; only what lies below the larger one is withheld.
        if (size <= 50) expect(kind, `${size}`).toBe(expected);
        else expect([expected, "unverified"], `${size}`).toContain(kind);
        if (size > 50) kinds.add(kind);
      }
    }
  }
  expect(kinds).toContain("unverified");
});

test("a proof that the larger state's own storage withholds is taken from another place", async () => {
  const { log, branch } = await writeTwoBranches();
  const withheld = await viewOf(log, 64, { withheld: true });
  const whole = await viewOf(log, 64);
  const elsewhere = (larger: TreeView): TreeView[] => (larger === withheld ? [withheld, whole] : []);
  expect((await compareHeads(withheld, await viewOf(log, 33))).kind).toBe("unverified");
  expect((await compareHeads(withheld, await viewOf(log, 33), { elsewhere })).kind).toBe("older");
  expect((await compareHeads(await viewOf(log, 33), withheld, { elsewhere })).kind).toBe("extends");
  const relation = await compareHeads(withheld, await viewOf(branch, 33), { elsewhere });
  expect(relation.kind).toBe("forked");
  if (relation.kind === "forked") expect(await verifyForkEvidence(relation.evidence)).toBeDefined();
});

test("an abort ends a comparison with its reason, and is no relation", async () => {
  const { log } = await writeTwoBranches();
  const abort = new AbortController();
  abort.abort("enough");
  const compared = compareHeads(await viewOf(log, 64), await viewOf(log, 33), { signal: abort.signal });
  await expect(compared).rejects.toBe("enough");
});

test("what looks like a fork because memory was changed is not taken for one: its evidence proves nothing", async () => {
  const { log } = await writeTwoBranches();
  const [smaller, larger] = [await viewOf(log, 8), await viewOf(log, 12)];
  for (const { refs } of larger.head.levels) for (const { hash } of refs) hash.fill(0);
  expect((await compareHeads(smaller, larger)).kind).toBe("unverified");
});
