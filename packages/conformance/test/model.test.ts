import { conformanceCases, runCase } from "@remote-log/conformance";
import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { modelMutants } from "./mutants/model.ts";
import { fixtureOf, type Mutant } from "./mutants/mutant.ts";
import { CASE_MS } from "./patience.ts";

function caseOf(id: string) {
  const found = conformanceCases.find((one) => one.id === id);
  if (found === undefined) throw new Error(`There is no case ${id}.`);
  return found;
}

function mutantThat(fault: string): Mutant {
  const found = modelMutants.find((mutant) => mutant.fault === fault);
  if (found === undefined) throw new Error(`There is no mutant that ${fault}.`);
  return found;
}

/** What a failure says besides the address, which is another one in every run. */
function sequenceOf(reason: string): string | undefined {
  return /It happened.*$/.exec(reason)?.[0];
}

test.concurrent.for(sample("others", modelMutants, 2))(
  "an adapter that $fault passes every case but those with a model",
  async (mutant) => {
    const others = conformanceCases.filter(({ id }) => /^(CAS|NS|BOTH)-(?!MODEL)/.test(id));
    const caught: string[] = [];
    for (const one of others) {
      const { status } = await runCase(fixtureOf(mutant, CASE_MS), one);
      if (status === "failed") caught.push(one.id);
    }
    expect(caught).toEqual([]);
  },
);

// One after the other: how many sequences a case tries depends on how fast they are.
test.for(sample("seeds", modelMutants, 3))(
  "an adapter that $fault is caught with nearly every seed",
  async (mutant) => {
    const id = mutant.caughtBy[0]!;
    let caught = 0;
    for (let seed = 0; seed < 25; seed++) {
      const { status } = await runCase(fixtureOf(mutant, CASE_MS), caseOf(id), { seed });
      if (status === "failed") caught++;
    }
    expect(caught).toBeGreaterThanOrEqual(22);
  },
);

test.for([
  ["CAS-MODEL-01", "ignores a put of what was deleted twice"],
  ["NS-MODEL-01", "mixes two names once each has a second revision"],
] as const)("the seed that a failure of %s names finds the same sequence again", async ([id, fault]) => {
  const mutant = mutantThat(fault);
  const { seed: _fixed, ...unseeded } = fixtureOf(mutant, CASE_MS);
  let first = await runCase(unseeded, caseOf(id));
  // Not every seed finds it.
  for (let i = 0; i < 20 && first.status === "passed"; i++) first = await runCase(unseeded, caseOf(id));
  expect(first.status).toBe("failed");
  const seed = /CONFORMANCE_SEED=(\d+)/.exec(first.reason)?.[1];
  const again = await runCase({ ...fixtureOf(mutant, CASE_MS), seed: Number(seed) }, caseOf(id));
  expect(sequenceOf(again.reason)).toBe(sequenceOf(first.reason));
  const other = await runCase(fixtureOf(mutant, CASE_MS), caseOf(id), { seed: Number(seed) ^ 1 });
  expect(sequenceOf(other.reason)).not.toBe(sequenceOf(first.reason));
});

test("a failure shows the shortest sequence that brings it about", async () => {
  const mutant = mutantThat("ignores a put of what was deleted twice");
  const { reason } = await runCase(fixtureOf(mutant, CASE_MS), caseOf("CAS-MODEL-01"), { seed: 1 });
  expect(reason).toMatch(
    /with contents of 16 and 16 bytes after: put\((\d)\), delete\(\1\), put\(\1\), delete\(\1\), put\(\1\)(, \w+(\(\1\))?)?\. To see/,
  );
});
