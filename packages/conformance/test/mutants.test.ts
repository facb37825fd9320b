import { type ConformanceCase, conformanceCases, runCase } from "@remote-log/conformance";
import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { mutants } from "./mutants/index.ts";
import { lagging } from "./mutants/lag.ts";
import { coreMutants } from "./mutants/log-core-mutants.ts";
import { fixtureOf } from "./mutants/mutant.ts";
import { sequencedFixture } from "./sequenced/fixture.ts";

/** How long a case may take that draws sequences, in milliseconds. */
const MODEL_MS = 15_000;

// The suite is worth what it finds: each broken adapter has to fail the cases that are written beside it. Most of them
// make a case wait in vain, and several can wait at once.

test.concurrent.for(sample("mutants", mutants, 40))("an adapter that $fault is caught", async (mutant) => {
  const survived: string[] = [];
  for (const id of mutant.caughtBy) {
    const one = conformanceCases.find((candidate) => candidate.id === id);
    if (one === undefined) throw new Error(`There is no case ${id}.`);
    // A case that draws sequences gives up after a part of its time: a busy machine has to get far enough.
    const timeoutMs = id.includes("-MODEL-") ? MODEL_MS : mutant.timeoutMs;
    const { status } = await runCase(fixtureOf(mutant, timeoutMs), one);
    if (status !== "failed") survived.push(`${id} ${status}`);
  }
  expect(survived).toEqual([]);
});

/** Whether a case is about what is promised where less is declared than the sound adapter declares. */
const isAboutLess = ({ requires }: ConformanceCase): boolean =>
  requires.includes("storage.local") || requires.includes("names.loose");

test.concurrent.for(conformanceCases)("a sound adapter passes $id", async (one) => {
  const sound = isAboutLess(one)
    ? sequencedFixture(true)
    : fixtureOf({ fault: "nothing", broken: () => ({}) }, 120_000);
  expect(await runCase(sound, one)).toMatchObject({ status: "passed", reason: "" });
});

test.concurrent.for(
  sample(
    "lagging",
    conformanceCases.filter((one) => !isAboutLess(one)),
    80,
  ),
)("an adapter that lags behind its writes, and says so, passes $id", async (one) => {
  const { status, reason } = await runCase(
    fixtureOf({ fault: "nothing", broken: lagging(true) }, 120_000),
    one,
  );
  expect([status, reason]).toEqual(["passed", ""]);
});

test("every case catches an adapter or a core, so that none is there for nothing", () => {
  const catching = new Set([...mutants, ...coreMutants].flatMap(({ caughtBy }) => caughtBy));
  expect(conformanceCases.map(({ id }) => id).filter((id) => !catching.has(id))).toEqual([]);
});
