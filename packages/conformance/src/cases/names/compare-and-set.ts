// NS-UPDATE: of any number of updates that expect the same revision, exactly one wins.

import type { NameResolver, Revision } from "@remote-log/core";
import { check, checkError, equal, rejectsWith } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { holds, isAbsent } from "../holds.ts";

/**
 * How many updates are sent at once in each of ten races. Only those that are compared before the first one is set can
 * both succeed, and a service works on a few at a time: more rounds find more than more updates in one.
 */
const IN_RACE = 6;

/** What `update` promises about what it expects. */
export const compareAndSetCases: readonly ConformanceCase[] = [
  {
    id: "NS-UPDATE-01",
    level: "MUST",
    title: "updates that each expect the revision before them succeed, and the last one stands",
    requires: ["names"],
    async run(context) {
      const { names, name, content } = context;
      const chosen = name();
      let expected: Revision | null = null;
      let sent = content(0);
      for (let i = 0; i < 12; i++) {
        sent = content(20 + i);
        const revision: Revision = await names.update(chosen, sent, { expected });
        check(revision !== expected, "the revision is still the one before");
        expected = revision;
      }
      equal(await holds(context, chosen, sent), expected, "the revision");
    },
  },
  {
    id: "NS-UPDATE-02",
    level: "MUST",
    title: "an update that takes its revision from resolve succeeds",
    requires: ["names"],
    async run(context) {
      const { names, name, content } = context;
      const [chosen, first, second] = [name(), content(20), content(30)];
      await names.update(chosen, first, { expected: null });
      const expected = await holds(context, chosen, first);
      await names.update(chosen, second, { expected });
      await holds(context, chosen, second);
    },
  },
  {
    id: "NS-UPDATE-03",
    level: "MUST",
    title: "creating a name that exists is refused with ERR_NAME_CONFLICT, and it is as it was",
    requires: ["names", "names.atomic"],
    async run(context) {
      const { names, name, content } = context;
      for (const sent of [content(20), new Uint8Array(0)]) {
        const chosen = name();
        const revision = await names.update(chosen, sent, { expected: null });
        await rejectsWith(
          names.update(chosen, content(30), { expected: null }),
          "ERR_NAME_CONFLICT",
          "update",
        );
        equal(await holds(context, chosen, sent), revision, "the revision");
      }
    },
  },
  {
    id: "NS-UPDATE-04",
    level: "MUST",
    title:
      "an update that expects an older revision is refused with ERR_NAME_CONFLICT, and the name is as it was",
    requires: ["names", "names.atomic"],
    async run(context) {
      const { names, name, content } = context;
      const [chosen, sent] = [name(), content(30)];
      const older: Revision[] = [];
      // Enough that a revision which is a count has a second digit: it begins as an older one does.
      for (let i = 0; i < 11; i++) {
        older.push(await names.update(chosen, content(20), { expected: older.at(-1) ?? null }));
      }
      const revision = await names.update(chosen, sent, { expected: older.at(-1)! });
      for (const expected of older) {
        const updating = names.update(chosen, content(40), { expected });
        await rejectsWith(updating, "ERR_NAME_CONFLICT", "update");
      }
      equal(await holds(context, chosen, sent), revision, "the revision");
    },
  },
  {
    id: "NS-UPDATE-05",
    level: "MUST",
    title: "updating a name that does not exist is refused with ERR_NAME_CONFLICT, and it stays absent",
    requires: ["names", "names.atomic"],
    async run({ names, name, content }) {
      const absent = name();
      const expected = await names.update(name(), content(20), { expected: null });
      await rejectsWith(names.update(absent, content(30), { expected }), "ERR_NAME_CONFLICT", "update");
      await isAbsent(names, absent);
    },
  },
  {
    id: "NS-UPDATE-06",
    level: "MUST",
    title: "of 20 concurrent creations of a name exactly one succeeds",
    requires: ["names", "names.atomic"],
    async run(context) {
      const chosen = context.name();
      const winner = await race(context, chosen, null, [context.names], 20);
      equal(await holds(context, chosen, winner.content), winner.revision, "the revision after the race");
    },
  },
  {
    id: "NS-UPDATE-07",
    level: "MUST",
    title: "of concurrent updates that expect the same revision exactly one succeeds, ten times in a row",
    requires: ["names", "names.atomic"],
    async run(context) {
      const chosen = context.name();
      const expected = await context.names.update(chosen, context.content(20), { expected: null });
      await races(context, chosen, expected, [context.names]);
    },
  },
  {
    id: "NS-UPDATE-08",
    level: "MUST",
    title: "of concurrent updates through three instances exactly one succeeds, ten times in a row",
    requires: ["names", "names.atomic", "reopen"],
    async run(context) {
      const { names, name, reopen } = context;
      const instances = [names, (await reopen()).names, (await reopen()).names];
      await races(context, name(), null, instances);
    },
  },
];

/** What won a race. */
interface Winner {
  readonly content: Uint8Array;
  readonly revision: Revision;
}

/**
 * Ten races, one after the other. Each expects what won the one before: were that not what the name holds, none of its
 * updates would succeed. So the name is looked at once, after the last.
 */
async function races(
  context: CaseContext,
  name: string,
  expected: Revision | null,
  instances: readonly NameResolver[],
): Promise<void> {
  let winner = await race(context, name, expected, instances, IN_RACE);
  for (let i = 1; i < 10; i++) winner = await race(context, name, winner.revision, instances, IN_RACE);
  equal(await holds(context, name, winner.content), winner.revision, "the revision after the races");
}

/** Sends updates at once, all of which expect the same. Fails unless exactly one of them succeeds. */
async function race(
  context: CaseContext,
  name: string,
  expected: Revision | null,
  instances: readonly NameResolver[],
  count: number,
): Promise<Winner> {
  const contents = Array.from({ length: count }, (_, i) => context.content(20 + i));
  const outcomes = await Promise.allSettled(
    contents.map((content, i) => instances[i % instances.length]!.update(name, content, { expected })),
  );
  const succeeded = outcomes.filter(({ status }) => status === "fulfilled").length;
  let winner: Winner | undefined;
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.status === "rejected") {
      checkError(outcome.reason, "ERR_NAME_CONFLICT", `update ${i} of ${count}`);
    } else {
      check(succeeded === 1, `${succeeded} of ${count} concurrent updates succeeded, not one`);
      winner = { content: contents[i]!, revision: outcome.value };
    }
  }
  check(winner !== undefined, `none of ${count} concurrent updates succeeded`);
  return winner;
}
