import { expect, test } from "vitest";
import { Progress } from "../../src/writer/progress.ts";

/** How long it takes that so many begin to wait for a remote that is down, and how many were told in the end. */
async function waiting(count: number): Promise<{ milliseconds: number; told: number }> {
  const progress = new Progress(["one", "two"], true);
  const start = performance.now();
  const waits = Array.from({ length: count }, (_, i) => progress.reached("published", i + 1, {}));
  const milliseconds = performance.now() - start;
  progress.advance("one", "published", count);
  return { milliseconds, told: (await Promise.all(waits)).length };
}

// The one test that looks at a clock: it tells linear from quadratic work. A machine that stalls once gets another try.
const patient = { retry: 2, timeout: 60_000 };

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
