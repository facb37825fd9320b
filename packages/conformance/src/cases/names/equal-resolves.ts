// Equal resolves that run at once: the signal and the limit of one caller must not become those of the others.

import { equal, rejectsWith, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { besideAborted } from "../equal-operations.ts";
import { set } from "./refusals.ts";

/** What callers share who ask for the same name at the same time. */
export const equalResolveCases: readonly ConformanceCase[] = [
  {
    id: "NS-RESOLVE-12",
    level: "MUST",
    title: "of equal concurrent resolves each has its own signal: an abort of one does not end the others",
    requires: ["names"],
    async run(context) {
      const { chosen, sent } = await set(context, 200);
      await besideAborted(
        "resolve",
        (options) => context.names.resolve(chosen, options),
        async (resolution) => {
          equal(resolution.status, "found", "the status that the resolve gave that was not aborted");
          if (resolution.status === "found") sameBytes(resolution.content, sent, "the content");
        },
      );
    },
  },
  {
    id: "NS-RESOLVE-13",
    level: "MUST",
    title: "of equal concurrent resolves each has its own maxBytes, whichever comes first",
    requires: ["names"],
    async run(context) {
      const { names } = context;
      for (const smallFirst of [true, false]) {
        const { chosen, sent } = await set(context, 200);
        const refusing = (): Promise<unknown> =>
          rejectsWith(names.resolve(chosen, { maxBytes: 20 }), "ERR_TOO_LARGE", "resolve with maxBytes 20");
        const reading = async (options?: { maxBytes: number }): Promise<void> => {
          const resolution = await names.resolve(chosen, options);
          equal(resolution.status, "found", "the status that the resolve gave that has room for the content");
          if (resolution.status === "found") sameBytes(resolution.content, sent, "the content");
        };
        const all = [refusing, () => reading(), () => reading({ maxBytes: 200 })];
        await Promise.all((smallFirst ? all : all.toReversed()).map((start) => start()));
      }
    },
  },
];
