import { type ConformanceCase, conformanceCases, runCase } from "@remote-log/conformance";
import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { sequencedFixture } from "./sequenced/fixture.ts";

// An adapter on a network of peers promises little: its storage speaks for its own store alone, its names compare
// nothing, refuse what is older, and show late. No case may ask more of it than the contract does.

const applies = ({ requires }: ConformanceCase): boolean =>
  !requires.includes("names.atomic") && !requires.includes("names.watch");

const outcome = (one: ConformanceCase) =>
  applies(one)
    ? ["passed", ""]
    : ["skipped", expect.stringMatching(/^not declared: (compareAndSet is "none"|watch is false)$/)];

test.concurrent.for(sample("sequenced", conformanceCases, 80))(
  "one that refuses what is older than what it has seen passes $id",
  async (one) => {
    const { status, reason } = await runCase(sequencedFixture(true), one);
    expect([status, reason]).toEqual(outcome(one));
  },
);

test.concurrent.for(
  sample(
    "loose",
    conformanceCases.filter(({ id }) => /^(NS|BOTH)-/.test(id)),
    30,
  ),
)("one that shows whatever the system shows passes $id", async (one) => {
  const { status, reason } = await runCase(sequencedFixture(false), one);
  expect([status, reason]).toEqual(outcome(one));
});
