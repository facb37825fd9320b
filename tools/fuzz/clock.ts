// The time that an input takes, on a machine that does other things as well.

import { readFileSync } from "node:fs";

/** How long each thread waited for a processor (Linux, "proc(5)": nanoseconds that ran, that waited, and a count). */
const WAITED = "/proc/thread-self/schedstat";

/**
 * A clock, in milliseconds, that stands still while this thread could run and other programs have the processor. Systems other
 * than Linux do not say when that is: there it is a clock as any other.
 */
export function clock(): number {
  return performance.now() - waited();
}

function waited(): number {
  try {
    const [, nanoseconds] = readFileSync(WAITED, "latin1").split(" ");
    return Number(nanoseconds) / 1e6 || 0;
  } catch {
    return 0;
  }
}
