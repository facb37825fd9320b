// What `rlog doctor` reports about the postage batch that pays for a log on Swarm.

import type { Remote } from "@remote-log/core";
import type { SwarmHealth, SwarmRemote } from "@remote-log/swarm";
import { dayOf, inDays } from "../../terminal/days.ts";
import type { Checkup, CheckupOptions } from "../remote-kind.ts";
import { parameterOf } from "../uri-parameters.ts";

/** The health of the postage batch, if the remote has one. */
export async function batchCheckup(
  uri: string,
  remote: Remote,
  { signal }: CheckupOptions,
): Promise<Checkup | undefined> {
  if (!parameterOf(uri, "stamp")) return undefined;
  const health = await (remote as SwarmRemote).health({ signal });
  const { lostOn, warnings, ...rest } = health;
  return {
    facts: [batchFact(health)],
    // Whoever has allowed a mutable batch knows that it is one.
    findings: warnings.filter(({ code }) => code !== "mutable" || !parameterOf(uri, "mutable")),
    details: { batch: { ...rest, ...(lostOn && { lostOn: lostOn.toISOString() }) } },
  };
}

function batchFact({ stamp, utilization, remainingMilliseconds, lostOn, ...batch }: SwarmHealth): string {
  const used =
    utilization === undefined ? "" : ` ${Math.floor(utilization * 100)} % full in its fullest bucket,`;
  const paid =
    remainingMilliseconds === undefined || lostOn === undefined
      ? "paid for, the node can't tell for how long"
      : `paid for ${inDays(remainingMilliseconds)}: unless it is topped up, the log is lost on ${dayOf(lostOn)}`;
  const kind = batch.immutable ? "immutable" : "mutable";
  return `batch ${stamp} (depth ${batch.depth}, ${kind}):${used} ${paid}`;
}
