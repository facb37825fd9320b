// The axis of charts over the share of the time for which devices are offline.

import type { Axis } from "./run.ts";

/** Points lie at 1/p on a logarithmic axis, so that powers of it are straight lines. */
export function offlineAxis(shares: readonly number[]): Axis {
  return {
    label: "offline",
    ticks: shares.map((share) => 1 / share),
    tickText: shares.map((share) => `${Math.round(100 * (1 - share))} %`),
  };
}
