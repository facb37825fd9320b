// NS-RESOLVE: what one instance knows of what another one did, and what it must not undo.

import type { NameResolver } from "@remote-log/core";
import { checkError, fail, outcomeOf, rejectsWith } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import type { Fault } from "../../fixture.ts";
import { holds, isAbsent } from "../holds.ts";
import { during, startUnderFault, turn } from "../under-fault.ts";
import { set } from "./refusals.ts";

/** What one instance knows of what another one did, and what it must not undo. */
export const nameInstanceCases: readonly ConformanceCase[] = [
  {
    id: "NS-RESOLVE-11",
    level: "MUST",
    title: "a name that was absent before is found once another instance has created it",
    requires: ["names", "reopen"],
    async run(context) {
      const { names, name, content, reopen } = context;
      const [chosen, sent] = [name(), content(40)];
      await isAbsent(names, chosen);
      await (await reopen()).names.update(chosen, sent, { expected: null });
      await holds(context, chosen, sent);
    },
  },
  overtaken("NS-FAULT-19", "unreachable", "an update that can't reach its service"),
  overtaken("NS-FAULT-20", "reply-lost", "an update whose answer is lost"),
];

/** An adapter that tries again has to expect what it expected at first, or it overwrites what it has never seen. */
function overtaken(id: string, fault: Fault, which: string): ConformanceCase {
  return {
    id,
    level: "MUST",
    title: `${which} never overwrites what another instance set meanwhile, however often it is tried again`,
    requires: ["names", "names.atomic", "reopen", `fault.${fault}`],
    async run(context) {
      const { names, content, reopen } = context;
      const other = (await reopen()).names;
      const { chosen, expected } = await set(context);
      const [ours, theirs] = [content(60), content(70)];
      const overtake = (): Promise<void> => updateFromNewest(context, other, chosen, theirs);
      const { ending, met } = await during(context, fault, async () => {
        const under = await startUnderFault(context, () => names.update(chosen, ours, { expected }));
        return { ...under, met: await outcomeOf(overtake()) };
      });
      // The other instance may meet the fault as well, if both have one way to the service.
      if (met.status === "rejected") await overtake();
      const outcome = await ending;
      if (outcome.status === "rejected" && !isUnknownOrConflict(outcome.reason)) {
        fail(`the update (${fault}): neither unreachable nor a conflict`, outcome.reason);
      }
      await holds(context, chosen, theirs);
      await rejectsWith(
        names.update(chosen, ours, { expected }),
        "ERR_NAME_CONFLICT",
        "the update, sent again",
      );
      await holds(context, chosen, theirs, other);
    },
  };
}

function isUnknownOrConflict(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return ["ERR_UNREACHABLE", "ERR_TIMEOUT", "ERR_NAME_CONFLICT"].includes(String(code));
}

/** Updates a name from what it holds; again, if that has changed meanwhile or does not show yet. */
async function updateFromNewest(
  { limits }: CaseContext,
  names: NameResolver,
  name: string,
  content: Uint8Array,
): Promise<void> {
  const until = performance.now() + limits.settleMs;
  for (;;) {
    const held = await names.resolve(name);
    const expected = held.status === "found" ? held.revision : null;
    const outcome = await outcomeOf(names.update(name, content, { expected }));
    if (outcome.status === "fulfilled") return;
    if (performance.now() > until) throw outcome.reason;
    checkError(outcome.reason, "ERR_NAME_CONFLICT", "the update of the other instance");
    await turn();
  }
}
