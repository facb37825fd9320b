// The same sessions, with remote logs between the devices.

import { LogWorld } from "../devices/log-world.ts";
import type { Tally } from "../figures/tally.ts";
import type { PresenceModel } from "../network/presence.ts";
import type { CostModel } from "../services/cost-models.ts";
import type { Run } from "./run.ts";

/** Runs with sessions and logs. */
export interface LogSessionsOptions {
  readonly seed: number;
  readonly trials: number;
  readonly devices: number;
  readonly messages: number;
  readonly presence: PresenceModel;
  readonly model: CostModel;
  readonly payloadBytes: number;
  readonly visibility?: "private" | "public" | undefined;
  /** How often a device that is online reads the other logs, in milliseconds. Default: every minute, as nodes do. */
  readonly pollMilliseconds?: number | undefined;
  readonly most: number;
}

/** Devices that are online in sessions, write in them, publish each message by itself, and read the logs of the others. */
export async function runLogSessions(options: LogSessionsOptions): Promise<Run> {
  const tallies: Tally[] = [];
  let elapsed = 0;
  let trace = "";
  for (let trial = 0; trial < options.trials; trial++) {
    const { devices, messages, presence, model, visibility = "private", payloadBytes, most } = options;
    let written = 0;
    const world = await LogWorld.open({
      seed: options.seed + trial,
      devices,
      payloadBytes,
      model,
      visibility,
      presence,
      pollMilliseconds: options.pollMilliseconds ?? 60_000,
      onSession: ({ clock, write }, device, { begin, end }, index) => {
        if (index >= messages) return;
        const at = begin + clock.stream(`writes ${device.name} ${index}`).random() * (end - begin);
        clock.schedule(async () => {
          await write(device);
          written++;
        }, at - clock.elapsed);
      },
    });
    const end = world.clock.elapsed + most;
    await world.clock.runUntil(end, () => written === messages * devices && world.isOver);
    elapsed += world.elapsed;
    trace += world.clock.trace.digest.slice(0, 8);
    tallies.push(await world.close());
  }
  return { tallies, elapsed, trace };
}
