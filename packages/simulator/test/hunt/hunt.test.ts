// A few schedules of the hunter. `pnpm hunt` tries many more; `pnpm hunt:plants` plants bugs, and sees that it finds them.

import "../load-core.ts";
import { runs } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { warmUp } from "../../src/hunt/hunt.ts";
import { runSchedule } from "../../src/hunt/run-schedule.ts";

/** Schedules that once showed a fault, of the core or of the hunter. */
const KEPT = [22, 174, 187, 284, 1027, 5486, 6136, 7581, 9247, 11_779, 14_440];

beforeAll(warmUp);

test("no promise is broken in the first schedules, nor in those that once showed a fault", async () => {
  const first = Array.from({ length: runs(15, 100) }, (_, i) => 100_000 + i);
  for (const seed of [...KEPT, ...first]) {
    const { violation } = await runSchedule(seed);
    expect(violation, `seed ${seed}`).toBeUndefined();
  }
});

test("one seed gives the same run twice, to the byte, and another one gives another run", async () => {
  const seeds = Array.from({ length: runs(4, 200) }, (_, i) => 200_000 + i);
  const traces = new Set<string>();
  for (const seed of seeds) {
    const { trace, lines } = await runSchedule(seed);
    expect((await runSchedule(seed)).lines, `seed ${seed}`).toEqual(lines);
    expect((await runSchedule(seed)).trace, `seed ${seed}`).toBe(trace);
    traces.add(trace);
  }
  expect(traces.size).toBe(seeds.length);
});
