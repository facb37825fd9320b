// NS-CONTENT: which contents a name holds, and whose bytes they are.

import type { Revision } from "@remote-log/core";
import { ConformanceFailure, equal, fail, outcomeOf, rejectsWith, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { holds, isAbsent } from "../holds.ts";
import { SharingBytes } from "../sharing-bytes.ts";

/** What names promise about their contents. */
export const nameContentCases: readonly ConformanceCase[] = [
  {
    id: "NS-CONTENT-01",
    level: "MUST",
    title: "contents of 0 to 65,536 bytes come back as they were, as far as largestContent allows",
    requires: ["names"],
    async run(context) {
      const { names, name, content } = context;
      const limit = Math.min(names.capabilities.largestContent, context.limits.largestProbe);
      const sizes = [0, 1, 31, 32, 33, 4095, 4096, 4097, 65_535, 65_536].filter((size) => size <= limit);
      if (limit < 65_536) sizes.push(limit);
      for (const size of sizes) {
        const [chosen, sent] = [name(), content(size)];
        await names.update(chosen, sent, { expected: null });
        await holds(context, chosen, sent);
      }
    },
  },
  {
    id: "NS-CONTENT-02",
    level: "MUST",
    title: "a content over largestContent is refused with ERR_TOO_LARGE, and the name is as it was",
    requires: ["names"],
    async run(context) {
      const { names, name, content, limits, withoutRequests, skip } = context;
      const { largestContent } = names.capabilities;
      if (largestContent >= limits.largestProbe) {
        skip(
          `largestContent (${largestContent}) is not under the limit largestProbe (${limits.largestProbe})`,
        );
      }
      const [fresh, held, sent] = [name(), name(), content(10)];
      const expected = await names.update(held, sent, { expected: null });
      const tooLarge = content(largestContent + 1);
      await withoutRequests(async () => {
        const creating = names.update(fresh, tooLarge, { expected: null });
        const error = await rejectsWith(creating, "ERR_TOO_LARGE", "update that creates");
        equal((error as Error & { limit?: unknown }).limit, largestContent, "the limit in the error");
        await rejectsWith(names.update(held, tooLarge, { expected }), "ERR_TOO_LARGE", "update");
      });
      await isAbsent(names, fresh);
      await holds(context, held, sent);
    },
  },
  {
    id: "NS-CONTENT-03",
    level: "MUST",
    title: "the caller's buffer is neither changed nor kept, and of a view only the view is set",
    requires: ["names"],
    async run(context) {
      const { names, name, content } = context;
      for (const sent of [content(200), SharingBytes.from(content(200)), content(300).subarray(50, 250)]) {
        const [chosen, copy] = [name(), new Uint8Array(sent)];
        await names.update(chosen, sent, { expected: null });
        sameBytes(sent, copy, "the caller's buffer");
        sent.fill(0);
        const kept = await outcomeOf(holds(context, chosen, copy));
        if (kept.status === "fulfilled") continue;
        if (!(kept.reason instanceof ConformanceFailure)) throw kept.reason;
        fail(`${kept.reason.message}; was the caller's buffer kept? Copy it first`, kept.reason);
      }
    },
  },
  {
    id: "NS-CONTENT-04",
    level: "MUST",
    title: "returned bytes belong to the caller: changing them changes no later answer",
    requires: ["names"],
    async run(context) {
      const { names, name, content, settled } = context;
      const [chosen, sent] = [name(), content(200)];
      await names.update(chosen, sent, { expected: null });
      await holds(context, chosen, sent);
      const resolution = await settled("names", () => names.resolve(chosen));
      if (resolution.status === "found") resolution.content.fill(0);
      await holds(context, chosen, sent);
    },
  },
  {
    id: "NS-CONTENT-05",
    level: "MUST",
    title: "two names share no state, and know nothing of each other's revisions",
    requires: ["names"],
    async run(context) {
      const { names, name, content } = context;
      const [one, other] = [name(), name()];
      const contents = [content(10), content(20), content(30)] as const;
      const expected = await names.update(one, contents[0], { expected: null });
      await isAbsent(names, other);
      await names.update(other, contents[1], { expected: null });
      await names.update(one, contents[2], { expected });
      await holds(context, one, contents[2]);
      await holds(context, other, contents[1]);
    },
  },
  {
    id: "NS-CONTENT-06",
    level: "MUST",
    title: "a content of just largestContent is set, and comes back as it was",
    requires: ["names"],
    async run(context) {
      const { names, name, content, limits, skip } = context;
      const { largestContent } = names.capabilities;
      if (largestContent >= limits.largestProbe) {
        skip(
          `largestContent (${largestContent}) is not under the limit largestProbe (${limits.largestProbe})`,
        );
      }
      const [chosen, sent] = [name(), content(largestContent)];
      await names.update(chosen, sent, { expected: null });
      await holds(context, chosen, sent);
    },
  },
  {
    id: "NS-CONTENT-07",
    level: "SHOULD",
    title: "a buffer that is changed while update runs changes nothing of what is set",
    requires: ["names"],
    async run(context) {
      const { names, name, content } = context;
      const chosen = name();
      let expected: Revision | null = null;
      for (const sent of [content(200), SharingBytes.from(content(200))]) {
        const copy = new Uint8Array(sent);
        const updating: Promise<Revision> = names.update(chosen, sent, { expected });
        sent.fill(7);
        expected = await updating;
        const kept = await outcomeOf(holds(context, chosen, copy));
        if (kept.status === "fulfilled") continue;
        if (!(kept.reason instanceof ConformanceFailure)) throw kept.reason;
        fail(
          `${kept.reason.message}; were the bytes read again after an await? Copy them first`,
          kept.reason,
        );
      }
    },
  },
];
