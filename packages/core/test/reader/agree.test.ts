// What a reader may keep after another reader of its store saved something: every rule, by a comparison that a test answers.

import { beforeAll, expect, test } from "vitest";
import { type VerifiedHead, verifyHead } from "../../src/log/head.ts";
import { agree } from "../../src/reader/agree.ts";
import type { KeptStates } from "../../src/reader/reader-memory.ts";
import { contents, writeLog } from "./written-log.ts";

const heads = new Map<number, VerifiedHead>();

beforeAll(async () => {
  const log = await writeLog(contents(9), { publishAt: [1, 3, 5, 7, 9] });
  for (const [size, bytes] of log.heads) heads.set(size, await verifyHead(bytes, log.logId));
});

/** What a reader keeps: the sizes of its newest, delivered and seen states. */
type Sizes = readonly [newest: number, delivered?: number | undefined, seen?: number | undefined];

function kept(label: string, [newest, delivered, seen]: Sizes): KeptStates {
  return {
    newest: { head: heads.get(newest)!, label, revision: `${newest}` },
    delivered: delivered === undefined ? undefined : heads.get(delivered)!,
    seen: seen === undefined ? undefined : { head: heads.get(seen)!, label },
  };
}

const sizeOf = (head: VerifiedHead | undefined): number | undefined => head?.checkpoint.size;

/** Brings two readers together; states of the sizes in `unproven` can't be placed. */
async function agreed(mine: Sizes, others: Sizes, unproven: readonly number[] = []): Promise<Sizes> {
  const states = await agree(kept("mine", mine), kept("others", others), async (verified, offered) => {
    const [a, b] = [sizeOf(verified)!, sizeOf(offered)!];
    if (a === b) return { kind: "same" };
    if (unproven.includes(a) || unproven.includes(b)) return { kind: "unverified", cause: "withheld" };
    return { kind: a < b ? "extends" : "older" };
  });
  expect(states.newest.label).toBe("mine");
  return [states.newest.head.checkpoint.size, sizeOf(states.delivered), sizeOf(states.seen?.head)];
}

test.each<[string, Sizes, Sizes, readonly number[], Sizes]>([
  ["what the other delivered counts", [7, 3], [5, 5], [], [7, 5, undefined]],
  ["what this one delivered counts, if it is more", [7, 5], [5, 3], [], [7, 5, undefined]],
  ["the same state needs no proof", [5], [5, 5], [5], [5, 5, undefined]],
  ["what gives way, and is larger, is seen", [5, 3], [9, 3], [9], [5, 3, 9]],
  ["the larger of two that were seen stays", [5, 3, 7], [5, 3, 9], [], [5, 3, 9]],
  ["the own one stays, if it is larger", [5, 3, 9], [5, 3, 7], [], [5, 3, 9]],
  ["what the other saw beside what it delivered stays seen", [5, 3], [3, 3, 9], [], [5, 3, 9]],
  ["of another that has delivered nothing nothing counts", [7, 3], [5], [], [7, 3, undefined]],
  ["the state itself was seen by the other", [7, 3], [3, 3, 7], [], [7, 3, undefined]],
  ["what was seen, and is no larger, is compared and dropped", [7, 3], [3, 3, 5], [], [7, 3, undefined]],
])("%s", async (_rule, mine, others, unproven, expected) => {
  expect(await agreed(mine, others, unproven)).toEqual(expected);
});

test.each<[string, Sizes, Sizes, readonly number[]]>([
  ["the other has delivered more", [5, 3], [7, 7], []],
  ["the other has delivered more, and nobody shows the proof", [5, 3], [7, 7], [7]],
  ["the other has delivered less, and nobody shows the proof", [7], [5, 5], [5]],
  ["the other has verified more", [5, 3], [7, 3], []],
  ["the other has verified less, and nobody shows the proof", [7, 1], [5, 1], [5]],
])("nothing is kept if %s", async (_rule, mine, others, unproven) => {
  await expect(agreed(mine, others, unproven)).rejects.toMatchObject({ code: "ERR_STALE" });
});

test("of two states of one size that were seen, the one that was seen here stays", async () => {
  const states = await agree(kept("mine", [5, 3, 9]), kept("others", [5, 3, 9]), async () => ({
    kind: "extends",
  }));
  expect(states.seen?.label).toBe("mine");
});

test("a fork in any of the comparisons is thrown", async () => {
  const fork = new Error("a fork");
  for (const contradicting of [3, 5, 9]) {
    const agreeing = agree(kept("mine", [7]), kept("others", [5, 3, 9]), async (verified, offered) => {
      if ([sizeOf(verified), sizeOf(offered)].includes(contradicting)) throw fork;
      return { kind: sizeOf(verified)! < sizeOf(offered)! ? "extends" : "older" };
    });
    await expect(agreeing, `with the state of ${contradicting}`).rejects.toBe(fork);
  }
});

test("the newest state of the other is compared once, if it has delivered all of it", async () => {
  const compared: (number | undefined)[] = [];
  await agree(kept("mine", [7]), kept("others", [5, 5]), async (verified) => {
    compared.push(sizeOf(verified));
    return { kind: "extends" };
  });
  expect(compared).toEqual([5]);
});
