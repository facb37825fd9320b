// What a revision stands for. No two different contents of a name may share one, or an update overwrites what its caller
// has never seen. Equal contents may, if the service derives revisions from contents, as S3 does with its ETags: an
// update then replaces just the bytes that its caller expects.

import type { Revision } from "@remote-log/core";
import { check, equal, rejectsWith } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { holds } from "../holds.ts";

/** How many contents of one size follow one another. */
const CONTENTS = 5;

/** What revisions tell apart. */
export const revisionCases: readonly ConformanceCase[] = [
  {
    id: "NS-UPDATE-15",
    level: "MUST",
    title:
      "an update with the bytes that the name holds already conflicts like any other if it expects another revision",
    requires: ["names", "names.atomic"],
    async run(context) {
      const { names, name, content } = context;
      const [chosen, first, second] = [name(), content(30), content(30)];
      const older = await names.update(chosen, first, { expected: null });
      const newer = await names.update(chosen, second, { expected: older });
      for (const expected of [older, null]) {
        const what = `an update with the bytes that are there, expecting ${expected === null ? "no name" : "an older revision"}`;
        await rejectsWith(names.update(chosen, second, { expected }), "ERR_NAME_CONFLICT", what);
      }
      equal(await holds(context, chosen, second), newer, "the revision after the conflicts");
    },
  },
  {
    id: "NS-UPDATE-16",
    level: "MUST",
    title:
      "different contents of equal size have different revisions, also if an earlier one is set again between them",
    requires: ["names"],
    async run(context) {
      const { names, name, content } = context;
      const chosen = name();
      const [again, ...others] = Array.from({ length: CONTENTS }, () => content(40));
      // A, B, A, C, A, D …: whatever the revisions of A are, each of the others has one of its own.
      const sent = others.flatMap((other) => [again!, other]);
      const revisions: Revision[] = [];
      for (const bytes of sent) {
        revisions.push(await names.update(chosen, bytes, { expected: revisions.at(-1) ?? null }));
      }
      for (const [i, revision] of revisions.entries()) {
        for (const [j, other] of revisions.entries()) {
          check(
            sent[i] === sent[j] || revision !== other,
            `contents ${i} and ${j} differ and share a revision`,
          );
        }
      }
      equal(await holds(context, chosen, sent.at(-1)!), revisions.at(-1), "the revision");
      if (names.capabilities.compareAndSet !== "atomic") return;
      for (const expected of revisions.slice(0, -1)) {
        const updating = names.update(chosen, content(40), { expected });
        await rejectsWith(
          updating,
          "ERR_NAME_CONFLICT",
          "an update that expects the revision of another content",
        );
      }
    },
  },
  {
    id: "NS-UPDATE-12",
    level: "SHOULD",
    title:
      "an earlier content that is set again has a revision of its own, so that nobody takes it for the first",
    requires: ["names"],
    run: checkSetAgain,
  },
];

async function checkSetAgain({ names, name, content }: CaseContext): Promise<void> {
  const [chosen, one] = [name(), content(20)];
  const first = await names.update(chosen, one, { expected: null });
  const second = await names.update(chosen, content(20), { expected: first });
  const back = await names.update(chosen, one, { expected: second });
  check(back !== first, "both have the same revision");
  check(back !== second, "it has the revision of the content between");
  if (names.capabilities.compareAndSet !== "atomic") return;
  const updating = names.update(chosen, content(20), { expected: first });
  await rejectsWith(updating, "ERR_NAME_CONFLICT", "an update that expects the first revision");
}
