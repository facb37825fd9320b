// NS-MODEL: any sequence of updates and resolves, compared with a map.

import type { NameResolver, Revision } from "@remote-log/core";
import * as fc from "fast-check";
import { check, checkError, equal, outcomeOf, sameBytes } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { type Comparison, command, compareWithModel, type ModelCommand } from "./run-model.ts";

/** How many names one sequence is about. */
const NAMES = 2;

/** What a name holds, and the revisions that it had before. */
interface Held {
  readonly content: Uint8Array;
  readonly revision: Revision;
  readonly older: readonly Revision[];
}

/** The names of one sequence, and what they hold. */
interface Model {
  readonly names: readonly string[];
  readonly held: Map<number, Held>;
}

/** The instance that is open at the moment. */
interface Real {
  names: NameResolver;
}

type NameCommand = ModelCommand<Model, Real>;

/** Which revision an operation names: the one that the name has, one that it had, or that of another name. */
type Which = "current" | "none" | "previous" | "one before that" | "first" | "foreign";

/** A resolver is a map of names, each with its own revisions, whatever is done to it in whatever order. */
export const nameModelCases: readonly ConformanceCase[] = [
  {
    id: "NS-MODEL-01",
    level: "MUST",
    title: "after any sequence of updates and resolves of several names each holds what a map would hold",
    requires: ["names"],
    run: (context) => compareWithModel(context, comparisonOf(context, [])),
  },
  {
    id: "NS-MODEL-02",
    level: "MUST",
    title: "they hold the same where the resolver is closed and opened again between any two of them",
    requires: ["names", "reopen"],
    run: (context) => compareWithModel(context, comparisonOf(context, [reopens(context)])),
  },
];

function comparisonOf(
  context: CaseContext,
  further: readonly fc.Arbitrary<NameCommand>[],
): Comparison<Model, Real, undefined> {
  const limit = Math.min(context.names.capabilities.largestContent, context.limits.largestProbe);
  const size = fc
    .oneof(
      { withCrossShrink: true },
      { weight: 10, arbitrary: fc.nat({ max: 200 }) },
      { weight: 1, arbitrary: fc.integer({ min: 4000, max: 5000 }) },
    )
    .map((bytes) => Math.min(bytes, limit));
  const name = fc.nat({ max: NAMES - 1 });
  const which = fc.oneof(
    { withCrossShrink: true },
    { weight: 6, arbitrary: fc.constant<Which>("current") },
    {
      weight: 4,
      arbitrary: fc.constantFrom<Which>("none", "previous", "one before that", "first", "foreign"),
    },
  );
  const updates = fc
    .tuple(name, which, size)
    .map(([i, revision, bytes]) => update(context, i, revision, bytes));
  // One for all sequences: the next one continues with what one of them opened.
  const real: Real = { names: context.names };
  return {
    side: "names",
    start: fc.constant(undefined),
    describe: () => "",
    commands: [
      // Twice what changes something, so that sequences get far.
      ...[updates, updates],
      fc.tuple(name, which).map(([i, revision]) => resolve(context, i, revision)),
      ...further,
    ],
    async setup() {
      const names = Array.from({ length: NAMES }, () => context.name());
      return { model: { names, held: new Map() }, real };
    },
    async finish(model, { names }) {
      for (let i = 0; i < NAMES; i++) await checkName(context, model, names, i);
    },
  };
}

function update(context: CaseContext, i: number, which: Which, bytes: number): NameCommand {
  const text = `update(${i}, ${bytes} bytes, expecting ${which})`;
  const run = async (model: Model, { names }: Real): Promise<void> => {
    const before = model.held.get(i);
    const expected = revisionOf(model, i, which) ?? null;
    const content = context.content(bytes);
    const outcome = await outcomeOf(names.update(model.names[i]!, content, { expected }));
    const right = expected === (before?.revision ?? null);
    if (outcome.status === "rejected" && !right) {
      // If nothing is enforced, an adapter may still refuse what it can tell to be wrong.
      checkError(outcome.reason, "ERR_NAME_CONFLICT", text);
      return;
    }
    if (outcome.status === "rejected") throw outcome.reason;
    const atomic = names.capabilities.compareAndSet === "atomic";
    check(right || !atomic, `${text} succeeded, and the name has another revision.`);
    const revision = outcome.value;
    // Contents of a few bytes may be the same twice, and have the same revision then.
    if (bytes > 8) check(revision !== before?.revision, `${text} gave the revision that was there before.`);
    const older = before === undefined ? [] : [...before.older, before.revision];
    model.held.set(i, { content, revision, older });
  };
  return command(text, run, (model) => which === "current" || revisionOf(model, i, which) !== undefined);
}

function resolve(context: CaseContext, i: number, which: Which): NameCommand {
  const run = (model: Model, { names }: Real): Promise<void> =>
    checkName(context, model, names, i, revisionOf(model, i, which) ?? undefined);
  return command(
    which === "none" ? `resolve(${i})` : `resolve(${i}, knowing ${which})`,
    run,
    (model) => which === "none" || typeof revisionOf(model, i, which) === "string",
  );
}

function reopens(context: CaseContext): fc.Arbitrary<NameCommand> {
  return fc.constant(
    command("reopen", async (_model, real) => {
      await real.names.close?.();
      real.names = (await context.reopen()).names;
    }),
  );
}

/** The revision that an operation names; nothing if there is none of that kind. */
function revisionOf({ held }: Readonly<Model>, i: number, which: Which): Revision | null | undefined {
  const own = held.get(i);
  switch (which) {
    case "current":
      return own?.revision ?? null;
    case "none":
      return null;
    case "previous":
      return own?.older.at(-1);
    case "one before that":
      return own?.older.at(-2);
    case "first":
      return own?.older[0];
    case "foreign":
      return held.get((i + 1) % NAMES)?.revision;
  }
}

/** Fails unless a name holds what the model says, once that has settled. */
async function checkName(
  { settled }: CaseContext,
  { names, held }: Model,
  resolver: NameResolver,
  i: number,
  known?: Revision,
): Promise<void> {
  const expected = held.get(i);
  // A caller who knows what this name never had may be told that what it holds is out of date.
  const foreign = known !== undefined && known !== expected?.revision && !expected?.older.includes(known);
  await settled("names", async () => {
    const what = `resolve(${i})`;
    const outcome = await outcomeOf(resolver.resolve(names[i]!, known === undefined ? {} : { known }));
    if (outcome.status === "rejected") {
      if (!foreign) throw outcome.reason;
      checkError(outcome.reason, "ERR_STALE", `${what} by a caller who knows a revision of another name`);
      return;
    }
    const resolution = outcome.value;
    if (resolution.status === "unchanged") {
      equal(known, expected?.revision, `${what} gave unchanged, so the revision that the caller knows`);
      equal(resolution.revision, expected?.revision, `the revision that ${what} gave with unchanged`);
      return;
    }
    equal(resolution.status, expected === undefined ? "absent" : "found", `the status that ${what} gave`);
    if (resolution.status !== "found" || expected === undefined) return;
    sameBytes(resolution.content, expected.content, `the content that ${what} gave`);
    equal(resolution.revision, expected.revision, `the revision that ${what} gave`);
  });
}
