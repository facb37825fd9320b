import { runs } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { limits } from "../../../../bench/src/costs/limits.ts";
import { type Costs, measureCosts } from "../../../../bench/src/costs/measure.ts";

// One log for all promises: to build it, and to read it thousands of times, is all of the work.
let costs: Costs;
// The promises are about the larger one, and no smaller log may cost more.
const entries = runs(8_000, 100_000);
const nth = runs(67, 1);
beforeAll(async () => {
  costs = await measureCosts({ entries, payloadBytes: 256, thorough: false, nth });
  // For hangs alone: of all tests, this is the one that computes longest.
}, 1_800_000);

test.each(limits)(`$what: at most $limit in a log of ${entries} entries`, ({ counted, limit }) => {
  expect(counted(costs)).toBeLessThanOrEqual(limit);
});

test(`the newest entry, the newest 8 and single entries were read at each of ${Math.ceil(4096 / nth)} lengths`, () => {
  const readers = (is: (cost: Costs["catchUp"][number]) => boolean): number =>
    costs.catchUp.filter(is).reduce((sum, cost) => sum + cost.readers, 0);
  const lengths = Math.ceil(4096 / nth);
  expect(readers(({ last }) => last === 1)).toBe(lengths);
  expect(readers(({ last }) => last === 8)).toBe(lengths);
  expect(readers(({ entry }) => entry !== undefined)).toBeGreaterThanOrEqual(lengths);
});
