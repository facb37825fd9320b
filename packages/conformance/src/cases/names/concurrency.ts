// NS-UPDATE, NS-RESOLVE: histories of concurrent updates and resolves, which have to be linearizable, or at least
// regular.

import type { NameResolver, Revision } from "@remote-log/core";
import { check, equal } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { Recorder } from "../../history/history.ts";
import { whyNotLinearizable } from "../../history/linearizable.ts";
import { whyNotRegular } from "../../history/regular.ts";
import { holds } from "../holds.ts";

/** How many writers update one name at once, and how often each: few and often, since each race has one winner. */
const WRITERS = 4;
const ROUNDS = 9;

/** What many callers see of one name at once. */
export const nameConcurrencyCases: readonly ConformanceCase[] = [
  {
    id: "NS-UPDATE-09",
    level: "MUST",
    title: "what concurrent writers are told could have happened one after the other (linearizable)",
    requires: ["names", "names.atomic"],
    run: (context) => checkWriters(context, [context.names]),
  },
  {
    id: "NS-UPDATE-10",
    level: "MUST",
    title: "what concurrent writers on three instances are told could have happened one after the other",
    requires: ["names", "names.atomic", "reopen"],
    async run(context) {
      const { names, reopen } = context;
      await checkWriters(context, [names, (await reopen()).names, (await reopen()).names]);
    },
  },
  {
    id: "NS-RESOLVE-10",
    level: "MUST",
    title:
      "while one writes, readers on three instances see what was set, and nothing older than readYourWrites allows",
    requires: ["names", "reopen"],
    async run(context) {
      const { names, name, content, reopen } = context;
      const readers = [names, (await reopen()).names, (await reopen()).names];
      const recorder = new Recorder(name());
      let writing = true;
      const write = async (): Promise<void> => {
        let expected: Revision | null = null;
        for (let i = 0; i < 20; i++) {
          const revision = await recorder.update(names, content(32), expected);
          check(revision !== undefined, "an update by the only writer was refused");
          expected = revision;
        }
      };
      const read = async (reader: NameResolver): Promise<void> => {
        while (writing) {
          await recorder.resolve(reader);
          // An adapter that never waits for anything would let nobody else have a turn.
          await new Promise<void>((resolve) => setTimeout(resolve, 0));
        }
        await recorder.resolve(reader);
      };
      const written = write().finally(() => {
        writing = false;
      });
      // All are heard at once: a reader that is refused while the writer runs is no rejection that nobody handles.
      for (const outcome of await Promise.allSettled([written, ...readers.map(read)])) {
        if (outcome.status === "rejected") throw outcome.reason;
      }
      const why = whyNotRegular(recorder.history, names.capabilities.readYourWrites);
      check(why === undefined, `${why}`);
    },
  },
  {
    id: "NS-UPDATE-11",
    level: "MUST",
    title: "a name can be set back to an earlier content, and continues from there",
    requires: ["names"],
    async run(context) {
      const { names, name, content } = context;
      const [chosen, one, other, last] = [name(), content(20), content(30), content(40)];
      const first = await names.update(chosen, one, { expected: null });
      const second = await names.update(chosen, other, { expected: first });
      const back = await names.update(chosen, one, { expected: second });
      equal(await holds(context, chosen, one), back, "the revision");
      await names.update(chosen, last, { expected: back });
      await holds(context, chosen, last);
    },
  },
];

/** Has writers update one name, each several times from what it resolved, and checks what they were told. */
async function checkWriters(context: CaseContext, instances: readonly NameResolver[]): Promise<void> {
  const { names, name, content } = context;
  const recorder = new Recorder(name());
  const writer = async (i: number): Promise<void> => {
    const through = instances[i % instances.length]!;
    let expected: Revision | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      const revision = await recorder.update(through, content(32), expected);
      // Who was refused looks; who succeeded continues, and looks now and then.
      const looks = revision === undefined || i % 4 === 0;
      const seen = looks ? await recorder.resolve(through) : undefined;
      expected = seen === undefined ? (revision ?? expected) : seen;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, i) => writer(i)));
  // If writes may show late, what a resolve says proves nothing of the order.
  const { readYourWrites } = names.capabilities;
  const history = recorder.history.filter(({ kind }) => kind === "update" || readYourWrites);
  const why = whyNotLinearizable(history) ?? whyNotRegular(recorder.history, readYourWrites);
  check(why === undefined, `the history is not linearizable: ${why}`);
}
