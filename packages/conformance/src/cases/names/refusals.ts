// NS-FAULT: what a resolver says if its service can't be reached, or refuses.

import type { Revision } from "@remote-log/core";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import type { Fault } from "../../fixture.ts";
import { holds, isAbsent } from "../holds.ts";
import { notAskedAgain, refused } from "../under-fault.ts";

/** What a resolver says when its service can't be reached, or says no. */
export const nameRefusalCases: readonly ConformanceCase[] = [
  refusal("NS-FAULT-01", "unreachable", "ERR_UNREACHABLE", "a service that can't be reached"),
  refusal("NS-FAULT-02", "failing", "ERR_UNREACHABLE", "a service that fails"),
  refusal("NS-FAULT-03", "denied", "ERR_DENIED", "a service that allows it to others alone"),
  {
    id: "NS-FAULT-04",
    level: "MUST",
    title: "an update that finds no room is refused with ERR_QUOTA, and the name is as it was",
    requires: ["names", "fault.quota"],
    async run(context) {
      const { names, name, content } = context;
      const { chosen, sent, expected } = await set(context);
      const fresh = name();
      await refused(context, "quota", "ERR_QUOTA", [
        ["update", () => names.update(chosen, content(50), { expected })],
        ["update that creates", () => names.update(fresh, content(50), { expected: null })],
      ]);
      await holds(context, chosen, sent);
      await isAbsent(names, fresh);
    },
  },
  {
    id: "NS-FAULT-05",
    level: "SHOULD",
    title:
      "what was denied is not asked again: update and resolve send no more requests than when it is allowed",
    requires: ["names", "fault.denied"],
    async run(context) {
      const { names, name, content } = context;
      const { chosen } = await set(context);
      await notAskedAgain(context, [
        ["update", () => names.update(name(), content(50), { expected: null })],
        ["resolve", () => names.resolve(chosen)],
      ]);
    },
  },
];

/** Sets a name, and waits until it shows. */
export async function set(
  context: CaseContext,
  size = 40,
): Promise<{ readonly chosen: string; readonly sent: Uint8Array; readonly expected: Revision }> {
  const [chosen, sent] = [context.name(), context.content(size)];
  const expected = await context.names.update(chosen, sent, { expected: null });
  await holds(context, chosen, sent);
  return { chosen, sent, expected };
}

function refusal(id: string, fault: Fault, code: string, service: string): ConformanceCase {
  return {
    id,
    level: "MUST",
    title: `update and resolve on ${service} are refused with ${code}, never with absent, and names are as they were`,
    requires: ["names", `fault.${fault}`],
    async run(context) {
      const { names, name, content } = context;
      const { chosen, sent, expected } = await set(context);
      const fresh = name();
      await refused(context, fault, code, [
        ["resolve", () => names.resolve(chosen)],
        ["resolve of what is known", () => names.resolve(chosen, { known: expected })],
        ["resolve of what is absent", () => names.resolve(fresh)],
        ["update", () => names.update(chosen, content(50), { expected })],
        ["update that creates", () => names.update(fresh, content(50), { expected: null })],
      ]);
      await holds(context, chosen, sent);
      await isAbsent(names, fresh);
      const newer = content(60);
      await names.update(chosen, newer, { expected });
      await holds(context, chosen, newer);
    },
  };
}
