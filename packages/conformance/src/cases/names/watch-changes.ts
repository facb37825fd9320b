// One change that no other follows, at the moments when a watch misses it most easily: before it has subscribed, after
// another instance was closed, and while its connection is lost. A caller goes by this: he looks after each yield, and
// then waits for the next one. A watch that can't tell whether it was in time yields once more than it has to.

import type { NameResolver } from "@remote-log/core";
import { ConformanceFailure, check, checkError, equal, outcomeOf } from "../../assert.ts";
import type { CaseContext, ConformanceCase, Requirement } from "../../case.ts";
import { holds } from "../holds.ts";
import { during } from "../under-fault.ts";
import { set } from "./refusals.ts";

/** When the one change is made, in milliseconds after the first `next()`; "at once" is in the same turn. */
const MOMENTS = ["at once", 0, 1, 5, 20] as const;
/** How long a watch is given to subscribe before its connection is lost, in milliseconds. */
const SUBSCRIBE_MS = 100;

/** What a watch must not miss. */
export const watchChangeCases: readonly ConformanceCase[] = [
  early("NS-WATCH-08", "this instance", [], async ({ names }) => names),
  early("NS-WATCH-09", "another instance", ["reopen"], async ({ reopen }) => (await reopen()).names),
  {
    id: "NS-WATCH-10",
    level: "MUST",
    title: "a watch is not deaf once another instance was closed that watched the same name",
    requires: ["names", "names.watch", "names.close", "reopen"],
    async run(context) {
      const { names, content, reopen } = context;
      const { chosen, expected } = await set(context);
      const other = (await reopen()).names;
      const iterator = names.watch!(chosen)[Symbol.asyncIterator]();
      const others = other.watch!(chosen)[Symbol.asyncIterator]();
      const waking = [outcomeOf(iterator.next()), outcomeOf(others.next())] as const;
      await pause(SUBSCRIBE_MS);
      const first = await names.update(chosen, content(20), { expected });
      await waking[0];
      await waking[1];
      const ending = outcomeOf(others.next());
      await other.close?.();
      await ending;
      const sent = content(30);
      await names.update(chosen, sent, { expected: first });
      await untilSeen(context, iterator, chosen, sent);
    },
  },
  {
    id: "NS-FAULT-24",
    level: "MUST",
    title:
      "a watch that begins while its service can't be reached is refused with ERR_UNREACHABLE, or wakes up later",
    requires: ["names", "names.watch", "fault.unreachable"],
    async run(context) {
      const { names, content } = context;
      const { chosen, expected } = await set(context);
      const iterator = names.watch!(chosen)[Symbol.asyncIterator]();
      const waking = outcomeOf(iterator.next());
      const { beginning, first } = await during(
        context,
        "unreachable",
        async () => {
          const second = names.watch!(chosen)[Symbol.asyncIterator]();
          const next = outcomeOf(second.next());
          await pause(SUBSCRIBE_MS);
          return { beginning: second, first: next };
        },
        "may meet none",
      );
      const sent = content(30);
      await names.update(chosen, sent, { expected });
      await untilSeenOrRefused(context, beginning, first, chosen, sent);
      await untilSeenOrRefused(context, iterator, waking, chosen, sent);
    },
  },
  {
    id: "NS-FAULT-25",
    level: "MUST",
    title:
      "a change while the connection of a watch is lost wakes it up later, or it is refused with ERR_UNREACHABLE",
    requires: ["names", "names.watch", "reopen", "fault.unreachable"],
    async run(context) {
      const { names, content, reopen } = context;
      const { chosen, expected } = await set(context);
      const other = (await reopen()).names;
      const iterator = names.watch!(chosen)[Symbol.asyncIterator]();
      const waking = outcomeOf(iterator.next());
      await pause(SUBSCRIBE_MS);
      const sent = content(30);
      const changing = await during(
        context,
        "unreachable",
        async () => {
          const outcome = await outcomeOf(other.update(chosen, sent, { expected }));
          await pause(SUBSCRIBE_MS);
          return outcome;
        },
        "may meet none",
      );
      // The other instance may meet the fault as well, if both have one way to the service.
      if (changing.status === "rejected") await other.update(chosen, sent, { expected });
      await untilSeenOrRefused(context, iterator, waking, chosen, sent);
    },
  },
];

/** A change that is made just after a watch began. */
function early(
  id: string,
  by: string,
  requires: readonly Requirement[],
  changer: (context: CaseContext) => Promise<NameResolver>,
): ConformanceCase {
  return {
    id,
    level: "MUST",
    title: `a watch misses no change since its first next(): not one that ${by} makes at once, nor 20 ms later`,
    requires: ["names", "names.watch", ...requires],
    async run(context) {
      const changing = await changer(context);
      for (const moment of MOMENTS) {
        const { chosen, expected } = await set(context);
        const sent = context.content(30);
        const iterator = context.names.watch!(chosen)[Symbol.asyncIterator]();
        const waking = outcomeOf(iterator.next());
        if (moment !== "at once") await pause(moment);
        await changing.update(chosen, sent, { expected });
        const woken = await waking;
        if (woken.status === "rejected") throw woken.reason;
        equal(woken.value.done === true, false, "whether the watch is over");
        if (!(await shows(context, chosen, sent))) await untilSeen(context, iterator, chosen, sent);
        await iterator.return?.();
      }
    },
  };
}

/** Waits as a reader does, who looks after each yield. Fails by the time of its case if it is never woken. */
async function untilSeen(
  context: CaseContext,
  iterator: AsyncIterator<void>,
  name: string,
  content: Uint8Array,
): Promise<void> {
  do {
    const { done } = await iterator.next();
    equal(done === true, false, "whether the watch is over");
  } while (!(await shows(context, name, content)));
  await iterator.return?.();
}

/** The same for a watch that met a fault, and was waiting already. One that was refused is begun anew. */
async function untilSeenOrRefused(
  context: CaseContext,
  iterator: AsyncIterator<void>,
  waking: Promise<PromiseSettledResult<IteratorResult<void>>>,
  name: string,
  content: Uint8Array,
): Promise<void> {
  const woken = await waking;
  if (woken.status === "rejected") {
    checkError(woken.reason, "ERR_UNREACHABLE", "the watch (unreachable)");
    await holds(context, name, content);
    return;
  }
  check(woken.value.done !== true, "the watch ended without a word");
  if (await shows(context, name, content)) await iterator.return?.();
  else await untilSeen(context, iterator, name, content);
}

/** Whether a name shows a content whose update was acknowledged; if writes may show late, within the time for that. */
async function shows(context: CaseContext, name: string, content: Uint8Array): Promise<boolean> {
  const outcome = await outcomeOf(holds(context, name, content));
  if (outcome.status === "rejected" && !(outcome.reason instanceof ConformanceFailure)) throw outcome.reason;
  return outcome.status === "fulfilled";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
