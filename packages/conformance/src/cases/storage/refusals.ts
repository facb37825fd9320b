// CAS-FAULT: what a storage says if its service can't be reached, or refuses.

import { equal, rejectsWith, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import type { Fault } from "../../fixture.ts";
import { during, notAskedAgain, refused } from "../under-fault.ts";
import { stored, walk } from "./walk.ts";

/** What a storage says when its service can't be reached, or says no. */
export const storageRefusalCases: readonly ConformanceCase[] = [
  ...refusals(1, "unreachable", "ERR_UNREACHABLE", "a service that can't be reached"),
  ...refusals(4, "failing", "ERR_UNREACHABLE", "a service that fails"),
  ...refusals(7, "denied", "ERR_DENIED", "a service that allows it to others alone"),
  {
    id: "CAS-FAULT-10",
    level: "MUST",
    title: "a put that finds no room is refused with ERR_QUOTA, and what was there stays readable",
    requires: ["storage", "fault.quota"],
    async run(context) {
      const { storage, content, settled } = context;
      const { address, sent } = await stored(context);
      await refused(context, "quota", "ERR_QUOTA", [["put", () => storage.put(content(600))]]);
      sameBytes(await settled("storage", () => storage.get(address)), sent, "the content");
    },
  },
  {
    id: "CAS-FAULT-11",
    level: "SHOULD",
    title:
      "what was denied is not asked again: put, get and has send no more requests than when it is allowed",
    requires: ["storage", "fault.denied"],
    async run(context) {
      const { storage, content } = context;
      const { address } = await stored(context);
      await notAskedAgain(context, [
        ["put", () => storage.put(content(500))],
        ["get", () => storage.get(address)],
        ["has", () => storage.has(address)],
      ]);
    },
  },
];

/** Three cases: one about what every storage has, one about `delete`, one about `list`. */
function refusals(first: number, fault: Fault, code: string, service: string): ConformanceCase[] {
  const id = (offset: number): string => `CAS-FAULT-${String(first + offset).padStart(2, "0")}`;
  return [
    {
      id: id(0),
      level: "MUST",
      title: `put, get and has on ${service} are refused with ${code}, never with not found or false`,
      requires: ["storage", `fault.${fault}`],
      async run(context) {
        const { storage } = context;
        const { address, sent } = await stored(context);
        await refused(context, fault, code, [
          ["put", () => storage.put(context.content(100))],
          ["put of what is there", () => storage.put(sent)],
          ["get", () => storage.get(address)],
          ["has", () => storage.has(address)],
        ]);
        sameBytes(
          await context.settled("storage", () => storage.get(address)),
          sent,
          "the content afterwards",
        );
      },
    },
    {
      id: id(1),
      level: "MUST",
      title: `delete on ${service} is refused with ${code}, and the content stays`,
      requires: ["storage", "storage.delete", `fault.${fault}`],
      async run(context) {
        const { storage, settled } = context;
        const { address, sent } = await stored(context);
        await refused(context, fault, code, [["delete", async () => storage.delete?.(address)]]);
        sameBytes(await settled("storage", () => storage.get(address)), sent, "the content afterwards");
      },
    },
    {
      id: id(2),
      level: "MUST",
      title: `list on ${service} is refused with ${code}: it is not empty`,
      requires: ["storage", "storage.list", `fault.${fault}`],
      async run(context) {
        const { address } = await stored(context);
        await during(context, fault, () => rejectsWith(walk(context.storage), code, `list (${fault})`));
        await context.settled("storage", async () => {
          const listed = await walk(context.storage);
          equal(listed.includes(String(address)), true, "whether the list has the content afterwards");
        });
      },
    },
  ];
}
