// NS-UPDATE: what `update` promises without compare-and-set.

import type { Revision } from "@remote-log/core";
import { check, checkError, equal, outcomeOf } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { holds } from "../holds.ts";

/** What `update` promises if the name system compares nothing: its one writer can rely on it all the same. */
export const looseUpdateCases: readonly ConformanceCase[] = [
  {
    id: "NS-UPDATE-13",
    level: "MUST",
    title:
      "an update that expects an outdated revision is taken, and then it stands, or refused with ERR_NAME_CONFLICT",
    requires: ["names", "names.loose"],
    async run(context) {
      const { names, name, content } = context;
      const chosen = name();
      const revisions: (Revision | null)[] = [null];
      // Enough that a revision which is a count has a second digit: as texts, 9 comes after 10.
      for (let i = 0; i < 12; i++) {
        revisions.push(await names.update(chosen, content(20), { expected: revisions.at(-1)! }));
      }
      for (const expected of [null, revisions[1]!, revisions.at(-3)!, revisions.at(-2)!]) {
        const standing = content(30);
        revisions.push(await names.update(chosen, standing, { expected: revisions.at(-1)! }));
        const late = content(40);
        const outcome = await outcomeOf(names.update(chosen, late, { expected }));
        if (outcome.status === "rejected") {
          checkError(outcome.reason, "ERR_NAME_CONFLICT", "an update that expects an outdated revision");
          equal(await holds(context, chosen, standing), revisions.at(-1), "the revision after the refusal");
        } else {
          check(!revisions.includes(outcome.value), "the name had the new revision before");
          revisions.push(outcome.value);
          equal(await holds(context, chosen, late), outcome.value, "the revision of what was taken");
        }
      }
    },
  },
  {
    id: "NS-UPDATE-14",
    level: "MUST",
    title: "the same update sent twice leaves the name with its content, and its writer continues from there",
    requires: ["names", "names.loose"],
    async run(context) {
      const { names, name, content } = context;
      const [chosen, first, sent, next] = [name(), content(20), content(30), content(40)];
      const expected = await names.update(chosen, first, { expected: null });
      const revision = await names.update(chosen, sent, { expected });
      const again = await outcomeOf(names.update(chosen, sent, { expected }));
      if (again.status === "rejected")
        checkError(again.reason, "ERR_NAME_CONFLICT", "the update, sent again");
      const last = again.status === "fulfilled" ? again.value : revision;
      equal(await holds(context, chosen, sent), last, "the revision");
      await names.update(chosen, next, { expected: last });
      await holds(context, chosen, next);
    },
  },
];
