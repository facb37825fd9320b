// NS-ABORT: a resolver that is aborted at every point of its work.

import type { NameResolver } from "@remote-log/core";
import { checkError, equal, fail, outcomeOf, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { abortEverywhere } from "../abort-points.ts";
import { holds } from "../holds.ts";
import { turn } from "../under-fault.ts";
import { set } from "./refusals.ts";

/** A resolver that is aborted at every point of its work. */
export const nameAbortCases: readonly ConformanceCase[] = [
  {
    id: "NS-ABORT-04",
    level: "MUST",
    title: "wherever an update is aborted, the name holds the old or the new content, and can be updated",
    requires: ["names"],
    async run(context) {
      const { names, content, settled } = context;
      await abortEverywhere(context, "update", async () => {
        const { chosen, sent, expected } = await set(context);
        const [newer, later] = [content(50), content(60)];
        return {
          operate: (options) => names.update(chosen, newer, { ...options, expected }),
          async after(outcome) {
            if (outcome.status === "fulfilled") await holds(context, chosen, newer);
            await settled("names", () => updateFrom(names, chosen, [sent, newer], later));
            // Without compare-and-set the aborted request may still overwrite what came after it.
            if (names.capabilities.compareAndSet === "atomic") await holds(context, chosen, later);
          },
        };
      });
    },
  },
  {
    id: "NS-ABORT-05",
    level: "MUST",
    title: "wherever a resolve is aborted, it says the truth or nothing, and the next one says the truth",
    requires: ["names"],
    async run(context) {
      const { names, name } = context;
      const { chosen, sent } = await set(context);
      const fresh = name();
      await abortEverywhere(context, "resolve", async () => ({
        operate: (options) => names.resolve(chosen, options),
        async after(outcome) {
          if (outcome.status === "fulfilled") equal(outcome.value.status, "found", "the status");
          await holds(context, chosen, sent);
        },
      }));
      await abortEverywhere(context, "resolve of what is absent", async () => ({
        operate: (options) => names.resolve(fresh, options),
        async after(outcome) {
          if (outcome.status === "fulfilled") equal(outcome.value.status, "absent", "the status");
          equal((await names.resolve(fresh)).status, "absent", "the status, asked again");
        },
      }));
    },
  },
];

/** Updates a name that holds one of two contents. An aborted update may still be carried out: then it looks anew. */
async function updateFrom(
  names: NameResolver,
  name: string,
  either: readonly [Uint8Array, Uint8Array],
  content: Uint8Array,
): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const held = await names.resolve(name);
    if (held.status !== "found") return fail(`the status after the abort: ${held.status}, not found`);
    const one = held.content.length === either[0].length ? either[0] : either[1];
    sameBytes(held.content, one, "the content after the abort");
    const outcome = await outcomeOf(names.update(name, content, { expected: held.revision }));
    if (outcome.status === "fulfilled") return;
    checkError(outcome.reason, "ERR_NAME_CONFLICT", "the next update");
    await turn();
  }
  fail("the name can't be updated after the abort: ERR_NAME_CONFLICT, each of 50 times");
}
