import { runCase } from "@remote-log/conformance";
import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { logCasesWith } from "../src/cases/log/index.ts";
import { coreMutants } from "./mutants/log-core-mutants.ts";
import { fixtureOf } from "./mutants/mutant.ts";

// The cases about whole logs try the core together with an adapter: each broken core has to fail them on a sound one.

test.concurrent.for(sample("cores", coreMutants, 12))(
  "a core that $fault is caught",
  async ({ caughtBy, core }) => {
    const survived: string[] = [];
    const cases = logCasesWith(core);
    for (const id of caughtBy) {
      const one = cases.find((candidate) => candidate.id === id);
      if (one === undefined) throw new Error(`There is no case ${id}.`);
      const { status } = await runCase(fixtureOf({ fault: "nothing", broken: () => ({}) }, 1_500), one);
      if (status !== "failed") survived.push(`${id} ${status}`);
    }
    expect(survived).toEqual([]);
  },
);
