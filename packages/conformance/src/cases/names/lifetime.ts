// NS-ABORT, NS-CLOSE: aborts, and the end of an instance.

import { equal, outcomeOf, rejectsAs, rejectsWith, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { holds, isAbsent } from "../holds.ts";
import { leavesNoListeners } from "../signal-listeners.ts";

/** Aborts and the end of an instance. */
export const nameLifetimeCases: readonly ConformanceCase[] = [
  {
    id: "NS-ABORT-01",
    level: "MUST",
    title: "an aborted signal ends update and resolve before anything is done, with its own reason",
    requires: ["names"],
    async run(context) {
      const { names, name, content, withoutRequests } = context;
      const [fresh, held, sent] = [name(), name(), content(20)];
      const expected = await names.update(held, sent, { expected: null });
      for (const reason of [new Error("gave up"), "a text as reason"]) {
        const signal = AbortSignal.abort(reason);
        await withoutRequests(async () => {
          await rejectsAs(
            names.update(fresh, content(20), { expected: null, signal }),
            reason,
            "update that creates",
          );
          await rejectsAs(names.update(held, content(20), { expected, signal }), reason, "update");
          await rejectsAs(names.resolve(held, { signal }), reason, "resolve");
        });
      }
      await isAbsent(names, fresh);
      await holds(context, held, sent);
    },
  },
  {
    id: "NS-ABORT-02",
    level: "MUST",
    title: "an update that is aborted while it runs settles, and the name holds the old or the new content",
    requires: ["names"],
    async run({ names, name, content, settled }) {
      const reason = new Error("gave up");
      for (const turns of [0, 1, 3, 10]) {
        const [chosen, before, after] = [name(), content(20), content(30)];
        const expected = await names.update(chosen, before, { expected: null });
        const controller = new AbortController();
        const updating = names.update(chosen, after, { expected, signal: controller.signal });
        const ending = outcomeOf(updating);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        controller.abort(reason);
        const outcome = await ending;
        if (outcome.status === "rejected") await rejectsAs(updating, reason, "update");
        const resolution = await settled("names", () => names.resolve(chosen));
        if (resolution.status === "found") {
          const held = resolution.content.length === before.length ? before : after;
          sameBytes(resolution.content, held, "the content after the abort");
        } else if (names.capabilities.readYourWrites) {
          equal(resolution.status, "found", "the status after the abort");
        }
      }
    },
  },
  {
    id: "NS-ABORT-03",
    level: "MUST",
    title: "a resolve that is aborted while it runs gives the content or the signal's own reason",
    requires: ["names"],
    async run(context) {
      const { names, name, content } = context;
      const [chosen, sent] = [name(), content(1000)];
      await names.update(chosen, sent, { expected: null });
      await holds(context, chosen, sent);
      const reason = new Error("gave up");
      for (const turns of [0, 1, 3, 10]) {
        const controller = new AbortController();
        const resolving = names.resolve(chosen, { signal: controller.signal });
        const ending = outcomeOf(resolving);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        controller.abort(reason);
        const outcome = await ending;
        if (outcome.status === "fulfilled") equal(outcome.value.status, "found", "the status");
        else await rejectsAs(resolving, reason, "resolve");
      }
    },
  },
  {
    id: "NS-ABORT-06",
    level: "MAY",
    title: "operations that are over leave no listeners on a signal that lives on",
    requires: ["names"],
    async run(context) {
      const { names, name, content } = context;
      const [chosen, sent] = [name(), content(20)];
      await names.update(chosen, sent, { expected: null });
      await holds(context, chosen, sent);
      await leavesNoListeners(async (signal) => {
        await names.update(name(), sent, { expected: null, signal });
        await names.resolve(chosen, { signal });
      });
    },
  },
  {
    id: "NS-CLOSE-01",
    level: "MUST",
    title: "closing twice is no error, one after the other and at once",
    requires: ["names", "names.close"],
    async run({ names, name, content }) {
      await names.update(name(), content(10), { expected: null });
      await Promise.all([names.close?.(), names.close?.()]);
      await names.close?.();
    },
  },
  {
    id: "NS-CLOSE-02",
    level: "MUST",
    title: "update and resolve are refused with ERR_CLOSED after close",
    requires: ["names", "names.close"],
    async run({ names, name, content }) {
      const chosen = name();
      const expected = await names.update(chosen, content(10), { expected: null });
      await names.close?.();
      await rejectsWith(names.update(chosen, content(10), { expected }), "ERR_CLOSED", "update");
      await rejectsWith(
        names.update(name(), content(10), { expected: null }),
        "ERR_CLOSED",
        "update that creates",
      );
      await rejectsWith(names.resolve(chosen), "ERR_CLOSED", "resolve");
    },
  },
];
