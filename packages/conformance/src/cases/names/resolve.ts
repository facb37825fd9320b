// NS-RESOLVE: what `resolve` promises.

import type { Revision } from "@remote-log/core";
import { check, equal, rejectsWith, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { holds, isAbsent } from "../holds.ts";

/** What `resolve` promises. */
export const resolveCases: readonly ConformanceCase[] = [
  {
    id: "NS-RESOLVE-01",
    level: "MUST",
    title: "a name that was never set is absent, also to a caller who knows a revision",
    requires: ["names"],
    async run({ names, name, content }) {
      await isAbsent(names, name());
      const known = await names.update(name(), content(10), { expected: null });
      const { status } = await names.resolve(name(), { known });
      equal(status, "absent", "the status of a name that was never set");
    },
  },
  {
    id: "NS-RESOLVE-02",
    level: "MUST",
    title: "a name gives the content and the revision that it was created with",
    requires: ["names"],
    async run(context) {
      const { names, name, content } = context;
      const [chosen, sent] = [name(), content(100)];
      const revision = await names.update(chosen, sent, { expected: null });
      check(typeof revision === "string", `the revision is a ${typeof revision}, not a text`);
      equal(await holds(context, chosen, sent), revision, "the revision");
    },
  },
  {
    id: "NS-RESOLVE-03",
    level: "MUST",
    title: "an empty content is found, not absent",
    requires: ["names"],
    async run(context) {
      const [chosen, empty] = [context.name(), new Uint8Array(0)];
      await context.names.update(chosen, empty, { expected: null });
      await holds(context, chosen, empty);
    },
  },
  {
    id: "NS-RESOLVE-04",
    level: "MUST",
    title: "a caller who knows the revision gets unchanged, or the same content again",
    requires: ["names"],
    async run(context) {
      const { names, name, content, settled } = context;
      const [chosen, sent] = [name(), content(100)];
      await names.update(chosen, sent, { expected: null });
      const known = await holds(context, chosen, sent);
      await settled("names", async () => {
        const resolution = await names.resolve(chosen, { known });
        check(resolution.status !== "absent", "the name is absent");
        equal(resolution.revision, known, "the revision");
        if (resolution.status === "found") sameBytes(resolution.content, sent, "the content");
      });
    },
  },
  {
    id: "NS-RESOLVE-05",
    level: "SHOULD",
    title: "a caller who knows the revision gets unchanged, so that no content travels",
    requires: ["names"],
    async run(context) {
      const { names, name, content, settled } = context;
      const [chosen, sent] = [name(), content(100)];
      await names.update(chosen, sent, { expected: null });
      const known = await holds(context, chosen, sent);
      await settled("names", async () => {
        const { status } = await names.resolve(chosen, { known });
        equal(status, "unchanged", "the status");
      });
    },
  },
  {
    id: "NS-RESOLVE-06",
    level: "MUST",
    title: "a caller who knows an older revision gets the newer content",
    requires: ["names"],
    async run(context) {
      const { names, name, content, settled } = context;
      const [chosen, newer] = [name(), content(101)];
      const older: Revision[] = [];
      // Enough that a revision which is a count has a second digit: it begins as an older one does.
      for (let i = 0; i < 11; i++) {
        older.push(await names.update(chosen, content(100), { expected: older.at(-1) ?? null }));
      }
      await names.update(chosen, newer, { expected: older.at(-1)! });
      for (const known of older) {
        await settled("names", async () => {
          const resolution = await names.resolve(chosen, { known });
          check(resolution.status === "found", `the status is ${resolution.status}`);
          sameBytes(resolution.content, newer, "the content");
        });
      }
    },
  },
  {
    id: "NS-RESOLVE-07",
    level: "MUST",
    title: "a content of more than maxBytes is refused with ERR_TOO_LARGE, one of exactly maxBytes is not",
    requires: ["names"],
    async run(context) {
      const { names, name, content, settled } = context;
      for (const size of [1, 200]) {
        const [chosen, sent] = [name(), content(size)];
        const known = await names.update(chosen, sent, { expected: null });
        await holds(context, chosen, sent);
        const error = await settled("names", () =>
          rejectsWith(names.resolve(chosen, { maxBytes: size - 1 }), "ERR_TOO_LARGE", "resolve"),
        );
        equal((error as Error & { limit?: unknown }).limit, size - 1, "the limit in the error");
        const newer = await names.update(chosen, content(size), { expected: known });
        await settled("names", async () => {
          const knowing = names.resolve(chosen, { known, maxBytes: size - 1 });
          await rejectsWith(knowing, "ERR_TOO_LARGE", "resolve by who knows an older revision");
        });
        await names.update(chosen, sent, { expected: newer });
        await settled("names", async () => {
          const { status } = await names.resolve(chosen, { maxBytes: size });
          equal(status, "found", "the status with maxBytes of just the size");
        });
      }
    },
  },
  {
    id: "NS-RESOLVE-08",
    level: "MUST",
    title: "another instance sees an acknowledged update, while the first is open",
    requires: ["names", "reopen"],
    async run(context) {
      const { names, name, content, reopen } = context;
      const [chosen, first, second] = [name(), content(50), content(60)];
      const other = (await reopen()).names;
      const expected = await names.update(chosen, first, { expected: null });
      equal(
        await holds(context, chosen, first, other),
        expected,
        "the revision that the other instance sees",
      );
      await names.update(chosen, second, { expected });
      await holds(context, chosen, second, other);
    },
  },
  {
    id: "NS-RESOLVE-09",
    level: "MUST",
    title: "an instance opened later sees what was set before the first was closed, and updates it",
    requires: ["names", "reopen"],
    async run(context) {
      const { names, name, content, reopen } = context;
      const [chosen, first, second] = [name(), content(50), content(60)];
      const expected = await names.update(chosen, first, { expected: null });
      await names.close?.();
      const later = (await reopen()).names;
      equal(
        await holds(context, chosen, first, later),
        expected,
        "the revision that the later instance sees",
      );
      await later.update(chosen, second, { expected });
      await holds(context, chosen, second, later);
    },
  },
];
