// NS-FAULT: answers without end, of which a resolver reads no more than it needs.

import { check, equal, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { holds, isAbsent } from "../holds.ts";
import { type EndlessFault, endless, endsByItself, READ_BYTES } from "../without-end.ts";
import { set } from "./refusals.ts";

/** How a resolve may be refused whose answers have no end. */
const READ_CODES = ["ERR_TOO_LARGE", "ERR_INTEGRITY", "ERR_UNREACHABLE", "ERR_TIMEOUT"];

/** What a resolver does while its service answers without end: contents, errors, and the answers to writes. */
export const endlessNameCases: readonly ConformanceCase[] = [
  {
    id: "NS-FAULT-28",
    level: "MUST",
    title: "a resolve whose answers never end gives what is there or is refused, by itself, in little memory",
    requires: ["names", "fault.endless"],
    async run(context) {
      const { names } = context;
      const { chosen, sent } = await set(context);
      await endsByItself(context, "endless", [
        endless({
          what: "resolve",
          operate: () => names.resolve(chosen, { maxBytes: READ_BYTES }),
          codes: READ_CODES,
          gives(resolution, what) {
            equal(resolution.status, "found", `${what}: the status`);
            if (resolution.status === "found") sameBytes(resolution.content, sent, what);
          },
        }),
      ]);
      await holds(context, chosen, sent);
    },
  },
  {
    id: "NS-FAULT-29",
    level: "MUST",
    title:
      "a resolve of what is absent, said without end, gives absent or is refused, by itself, in little memory",
    requires: ["names", "fault.endless"],
    async run(context) {
      const { names, name } = context;
      const fresh = name();
      await isAbsent(names, fresh);
      await endsByItself(context, "endless", [
        endless({
          what: "resolve",
          operate: () => names.resolve(fresh, { maxBytes: READ_BYTES }),
          codes: READ_CODES,
          gives: ({ status }, what) => equal(status, "absent", `${what}: the status`),
        }),
      ]);
    },
  },
  {
    id: "NS-FAULT-30",
    level: "MUST",
    title:
      "an update whose answers never end has ended well, or is refused, by itself: the name holds the old or the new content",
    requires: ["names", "fault.endless"],
    async run(context) {
      const { names, content, settled } = context;
      const { chosen, sent, expected } = await set(context);
      const newer = content(50);
      await endsByItself(context, "endless", [
        endless({
          what: "update",
          operate: () => names.update(chosen, newer, { expected }),
          codes: ["ERR_UNREACHABLE", "ERR_TIMEOUT"],
          gives: (revision, what) =>
            check(revision !== expected, `${what}: gave the revision of the old content`),
        }),
      ]);
      await settled("names", async () => {
        const held = await names.resolve(chosen);
        check(held.status === "found", `the status afterwards: ${held.status}, not found`);
        sameBytes(held.content, held.content.length === sent.length ? sent : newer, "the content afterwards");
      });
    },
  },
  refusedWithoutEnd("NS-FAULT-31", "endless-failing", "a service that fails", ["ERR_UNREACHABLE"]),
  // The text of a refusal may say what kind it is, and this one has none that can be read.
  refusedWithoutEnd("NS-FAULT-32", "endless-denied", "a service that allows it to others alone", [
    "ERR_DENIED",
    "ERR_UNREACHABLE",
  ]),
];

/** A service that says no, and never comes to the end of it. */
function refusedWithoutEnd(
  id: string,
  fault: EndlessFault,
  service: string,
  codes: readonly string[],
): ConformanceCase {
  return {
    id,
    level: "MUST",
    title: `update and resolve that ${service} refuses without end are refused with ${codes.join(" or ")}, by themselves, in little memory`,
    requires: ["names", `fault.${fault}`],
    async run(context) {
      const { names, name, content } = context;
      const { chosen, sent, expected } = await set(context);
      const fresh = name();
      await endsByItself(context, fault, [
        { what: "resolve", operate: () => names.resolve(chosen, { maxBytes: READ_BYTES }), codes },
        { what: "resolve of what is absent", operate: () => names.resolve(fresh), codes },
        { what: "update", operate: () => names.update(chosen, content(50), { expected }), codes },
      ]);
      await holds(context, chosen, sent);
      await isAbsent(names, fresh);
    },
  };
}
