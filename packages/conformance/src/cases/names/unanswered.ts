// NS-FAULT: what a resolver does while its service does not answer.

import type { OperationOptions } from "@remote-log/core";
import { check, checkError, equal, fail, outcomeOf, rejectsWith, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import type { Fault } from "../../fixture.ts";
import { holds } from "../holds.ts";
import { aborted, checkOneOf, during, startUnderFault, turn } from "../under-fault.ts";
import { set } from "./refusals.ts";

/** How long a watch is given to look at a service that can't be reached, in milliseconds. */
const LOOK_MS = 200;

/** What a resolver does if no answer comes, or a changed one. */
export const unansweredNameCases: readonly ConformanceCase[] = [
  {
    id: "NS-FAULT-06",
    level: "MUST",
    title: "update and resolve that wait for a silent service end with their signal, with its own reason",
    requires: ["names", "fault.silent"],
    async run(context) {
      const { names, content, settled } = context;
      const { chosen, sent, expected } = await set(context);
      const newer = content(50);
      await aborted(context, "silent", [
        ["resolve", (options) => names.resolve(chosen, options)],
        ["update", (options) => names.update(chosen, newer, { ...options, expected })],
      ]);
      // The outcome of an aborted update is unknown: it may have been on its way when the service spoke again.
      await settled("names", async () => {
        const held = await names.resolve(chosen);
        check(held.status === "found", `the status afterwards: ${held.status}, not found`);
        sameBytes(held.content, held.content.length === sent.length ? sent : newer, "the content afterwards");
      });
    },
  },
  {
    id: "NS-FAULT-07",
    level: "MUST",
    title:
      "a resolve whose answer drips ends with its signal, with its own reason; an update does so, or has ended",
    requires: ["names", "fault.dripping"],
    async run(context) {
      const { names, content } = context;
      const { chosen, expected } = await set(context);
      await aborted(
        context,
        "dripping",
        [
          ["resolve", (options) => names.resolve(chosen, options)],
          ["update", (options) => names.update(chosen, content(50), { ...options, expected })],
        ],
        (what) => what === "update",
      );
    },
  },
  changed("NS-FAULT-08", "corrupt", "of which a byte has changed"),
  changed("NS-FAULT-09", "truncated", "that ends early"),
  changed("NS-FAULT-10", "extended", "that is longer than it was"),
  {
    id: "NS-FAULT-11",
    level: "MUST",
    title: "an answer of more than maxBytes is refused, also where the content itself has no more",
    requires: ["names", "fault.extended"],
    async run(context) {
      const { chosen, sent } = await set(context);
      await during(context, "extended", async () => {
        const outcome = await outcomeOf(context.names.resolve(chosen, { maxBytes: sent.length }));
        if (outcome.status === "rejected") {
          checkOneOf(
            outcome.reason,
            ["ERR_TOO_LARGE", "ERR_INTEGRITY", "ERR_UNREACHABLE"],
            "resolve (extended)",
          );
        } else {
          const { value } = outcome;
          equal(value.status, "found", "the status (extended)");
          if (value.status === "found") sameBytes(value.content, sent, "the content (extended)");
        }
      });
    },
  },
  {
    id: "NS-FAULT-12",
    level: "MUST",
    title: "close does not wait for a silent service, and what waits for it ends",
    requires: ["names", "names.close", "fault.silent"],
    async run(context) {
      const { names, content } = context;
      const { chosen, expected } = await set(context);
      await during(context, "silent", async () => {
        const { ending } = await startUnderFault(context, () =>
          Promise.allSettled<unknown>([
            names.resolve(chosen),
            names.update(chosen, content(50), { expected }),
          ]),
        );
        await names.close?.();
        const outcome = await ending;
        for (const one of outcome.status === "fulfilled" ? outcome.value : []) {
          check(one.status === "rejected", "an operation under way succeeded without an answer");
          checkError(one.reason, "ERR_CLOSED", "an operation under way");
        }
      });
    },
  },
  {
    id: "NS-FAULT-27",
    level: "MUST",
    title: "close does not wait for what an aborted operation has left at a silent service",
    requires: ["names", "names.close", "fault.silent"],
    async run(context) {
      const { names, content } = context;
      const { chosen, expected } = await set(context);
      await during(context, "silent", async () => {
        for (const operate of [
          (signal: AbortSignal) => names.resolve(chosen, { signal }),
          (signal: AbortSignal) => names.update(chosen, content(50), { expected, signal }),
        ]) {
          const controller = new AbortController();
          const { ending } = await startUnderFault<unknown>(context, () => operate(controller.signal));
          controller.abort(new Error("gave up"));
          await ending;
        }
        await names.close?.();
      });
    },
  },
  {
    id: "NS-FAULT-18",
    level: "MUST",
    title:
      "a watch outlives a service that can't be reached, or is refused with ERR_UNREACHABLE: it does not just end",
    requires: ["names", "names.watch", "fault.unreachable"],
    async run(context) {
      const { names, content, opened, faults } = context;
      const { chosen, expected } = await set(context);
      const iterator = names.watch!(chosen)[Symbol.asyncIterator]();
      let over = false;
      const waking = outcomeOf(iterator.next()).finally(() => {
        over = true;
      });
      const count = faults.met === undefined ? (opened.requests ?? (() => 0)) : () => faults.met!();
      await during(
        context,
        "unreachable",
        async () => {
          const [before, until] = [count(), performance.now() + LOOK_MS];
          while (!over && performance.now() < until && count() === before) await turn();
        },
        "may meet none",
      );
      let revision = expected;
      while (!over) {
        revision = await names.update(chosen, content(20), { expected: revision });
        for (let i = 0; i < 100 && !over; i++) await turn();
      }
      const woken = await waking;
      if (woken.status === "rejected") checkError(woken.reason, "ERR_UNREACHABLE", "the watch (unreachable)");
      else equal(woken.value.done === true, false, "whether the watch is over");
      await iterator.return?.();
    },
  },
  {
    id: "NS-FAULT-22",
    level: "MUST",
    title: "a watch that waits for a silent service ends with its signal, with its own reason",
    requires: ["names", "names.watch", "fault.silent"],
    async run(context) {
      const { names } = context;
      const { chosen } = await set(context);
      const waits = async (options?: OperationOptions): Promise<void> => {
        for await (const _change of names.watch!(chosen, options));
      };
      await aborted(context, "silent", [["watch", waits]], undefined, "may meet none");
    },
  },
  {
    id: "NS-FAULT-23",
    level: "SHOULD",
    title:
      "a resolve is refused with ERR_TOO_LARGE as soon as one answer is over maxBytes, though others drip on",
    requires: ["names", "fault.dripping"],
    async run(context) {
      const { chosen } = await set(context);
      await during(context, "dripping", async () => {
        const resolving = context.names.resolve(chosen, { maxBytes: 8 });
        const error = await rejectsWith(resolving, "ERR_TOO_LARGE", "resolve (dripping)");
        equal((error as Error & { limit?: unknown }).limit, 8, "the limit in the error");
      });
    },
  },
  {
    // A resolve may need several answers, such as whether there is a newer head. That it ends is a promise of every
    // resolver; that one answer is enough to end it (NS-FAULT-23) can't be. A get needs one answer alone (CAS-FAULT-16).
    id: "NS-FAULT-26",
    level: "MUST",
    title:
      "a resolve with maxBytes whose answers drip on without end is refused by itself: nobody has to abort it",
    requires: ["names", "fault.dripping"],
    async run(context) {
      const { chosen } = await set(context);
      await during(context, "dripping", async () => {
        const outcome = await outcomeOf(context.names.resolve(chosen, { maxBytes: 8 }));
        if (outcome.status === "fulfilled") fail(`resolve (dripping): gave ${outcome.value.status}`);
        checkOneOf(outcome.reason, ["ERR_TOO_LARGE", "ERR_TIMEOUT", "ERR_UNREACHABLE"], "resolve (dripping)");
      });
    },
  },
];

/** A resolver need not notice: a head proves itself. But damage is not absence, and not "unchanged" either. */
function changed(id: string, fault: Fault, which: string): ConformanceCase {
  return {
    id,
    level: "MUST",
    title: `a content ${which} is refused or given as found: it does not make a name absent`,
    requires: ["names", `fault.${fault}`],
    async run(context) {
      const { names } = context;
      const { chosen, sent } = await set(context);
      const outcome = await during(context, fault, () => outcomeOf(names.resolve(chosen)));
      if (outcome.status === "fulfilled") equal(outcome.value.status, "found", `the status (${fault})`);
      else
        checkOneOf(
          outcome.reason,
          ["ERR_INTEGRITY", "ERR_UNREACHABLE", "ERR_TOO_LARGE"],
          `resolve (${fault})`,
        );
      await holds(context, chosen, sent);
    },
  };
}
