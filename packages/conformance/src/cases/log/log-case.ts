// What a case about a whole log is, before it is known which core it tries.

import { outcomeOf } from "../../assert.ts";
import type { ConformanceCase, Requirement } from "../../case.ts";
import type { LogCore } from "./log-core.ts";
import { LogWorld } from "./log-world.ts";

/** A promise of a whole log over an adapter, before it is known which core it is tried with. All of them are a `MUST`. */
export interface LogCase {
  readonly id: string;
  readonly title: string;
  readonly requires?: readonly Requirement[];
  readonly run: (world: LogWorld) => Promise<void>;
}

/** Makes cases of the suite out of log cases. */
export function casesWith(core: LogCore, logCases: readonly LogCase[]): ConformanceCase[] {
  return logCases.map(({ id, title, requires = [], run }) => ({
    id,
    level: "MUST",
    title,
    requires,
    async run(context) {
      const world = new LogWorld(core, context);
      const ran = await outcomeOf(run(world));
      await world.close();
      if (ran.status === "rejected") throw ran.reason;
    },
  }));
}
