// What JavaScript holds.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What JavaScript holds, in bytes, buffers among it. What is only waiting for its finalizer is not. */
export async function held(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (;;) {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    if (heapUsed + external > least - 10_000) return Math.min(least, heapUsed + external);
    least = heapUsed + external;
    await new Promise((turn) => setImmediate(turn));
  }
}
