import { cpuMilliseconds } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Progress } from "../../src/writer/progress.ts";

/** How long it takes that a number of receipts begin to wait for a remote that is down, and how many were told in the end. */
async function waiting(count: number): Promise<{ milliseconds: number; told: number }> {
  const progress = new Progress(["one", "two"], true);
  let waits: Promise<unknown>[] = [];
  const milliseconds = cpuMilliseconds(() => {
    waits = Array.from({ length: count }, (_, i) => progress.reached("published", i + 1, {}));
  });
  progress.advance("one", "published", count);
  return { milliseconds, told: (await Promise.all(waits)).length };
}

// It tells linear from quadratic work by the time of the processor, which garbage collection can add to once.
const patient = { retry: 2 };

test(
  "waiting for a remote that is down costs each receipt the same, however many wait already",
  patient,
  async () => {
    await waiting(2000);
    const few = await waiting(2000);
    const many = await waiting(32_000);
    expect(few.told + many.told).toBe(34_000);
    // Sixteen times as many. If each went through all that wait, it would be some 256 times the work.
    expect(many.milliseconds).toBeLessThan(64 * Math.max(few.milliseconds, 2));
  },
);
