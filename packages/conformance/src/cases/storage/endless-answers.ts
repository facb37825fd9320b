// CAS-FAULT: answers without end, of which a storage reads no more than it needs.

import { addressOf, isRemoteLogError } from "@remote-log/core";
import { equal, outcomeOf, sameBytes } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import {
  type EndlessFault,
  type EndlessOperation,
  endless,
  endsByItself,
  READ_BYTES,
} from "../without-end.ts";
import { checkMissing, wholeOrMissing } from "./absence.ts";
import { putTogether } from "./put-together.ts";
import { stored, walk } from "./walk.ts";

/** How a read may be refused whose answer has no end. */
const READ_CODES = ["ERR_TOO_LARGE", "ERR_INTEGRITY", "ERR_UNREACHABLE"];
/** How anything else may be. */
const OTHER_CODES = ["ERR_UNREACHABLE"];

/** What a storage does while its service answers without end: contents, errors, and the answers to writes. */
export const endlessStorageCases: readonly ConformanceCase[] = [
  {
    id: "CAS-FAULT-31",
    level: "MUST",
    title:
      "get and has whose answer never ends give what is there or are refused, by themselves, in little memory",
    requires: ["storage", "fault.endless"],
    async run(context) {
      const { storage } = context;
      const { address, sent } = await stored(context, READ_BYTES);
      await endsByItself(context, "endless", [
        endless({
          what: "get",
          operate: () => storage.get(address, { maxBytes: READ_BYTES }),
          codes: READ_CODES,
          gives: (content, what) => sameBytes(content, sent, what),
        }),
        endless({
          what: "has",
          operate: () => storage.has(address),
          // It may look at the content itself, and then it says the same of it.
          codes: READ_CODES,
          gives: (has, what) => equal(has, true, what),
        }),
      ]);
      await stillThere(context, address, sent);
    },
  },
  {
    id: "CAS-FAULT-32",
    level: "MUST",
    title:
      "get and has of what is not there, said without end, give nothing: not found, false, or ERR_UNREACHABLE",
    requires: ["storage", "fault.endless"],
    async run(context) {
      const { storage, content } = context;
      const absent = await addressOf(content(READ_BYTES), storage.capabilities.hashTypes[0]!);
      await endsByItself(context, "endless", [
        endless({
          what: "get",
          operate: async () => {
            const outcome = await outcomeOf(storage.get(absent, { maxBytes: READ_BYTES }));
            if (outcome.status === "fulfilled") return outcome.value;
            const reason: unknown = outcome.reason;
            if (isRemoteLogError(reason) && reason.code === "ERR_UNREACHABLE") throw reason;
            checkMissing(storage, reason, "get (endless)");
            return undefined;
          },
          codes: OTHER_CODES,
          gives: (given, what) => equal(given, undefined, what),
        }),
        endless({
          what: "has",
          operate: () => storage.has(absent),
          codes: OTHER_CODES,
          gives: (has, what) => equal(has, false, what),
        }),
      ]);
    },
  },
  {
    id: "CAS-FAULT-33",
    level: "MUST",
    title:
      "a put whose answer never ends has ended well, or is refused with ERR_UNREACHABLE, by itself, and can be repeated",
    requires: ["storage", "fault.endless"],
    async run(context) {
      const { storage, content } = context;
      // What an adapter asks before its first write is answered: the fault has to meet the write itself.
      await stored(context);
      const sent = content(700);
      const address = await addressOf(sent, storage.capabilities.hashTypes[0]!);
      await endsByItself(context, "endless", [
        endless({
          what: "put",
          operate: () => storage.put(sent),
          codes: OTHER_CODES,
          gives: (given, what) => equal(String(given), String(address), what),
        }),
      ]);
      await wholeOrMissing(storage, address, sent, "after a put whose answer never ended");
      await storage.put(sent);
      await stillThere(context, address, sent);
    },
  },
  {
    id: "CAS-FAULT-34",
    level: "MUST",
    title: "a delete whose answer never ends has ended well, or is refused with ERR_UNREACHABLE, by itself",
    requires: ["storage", "storage.delete", "fault.endless"],
    async run(context) {
      const { storage } = context;
      const { address, sent } = await stored(context);
      await endsByItself(context, "endless", [
        endless({
          what: "delete",
          operate: async () => storage.delete?.(address),
          codes: OTHER_CODES,
          gives: () => undefined,
        }),
      ]);
      await wholeOrMissing(storage, address, sent, "after a delete whose answer never ended");
      await storage.delete?.(address);
    },
  },
  {
    id: "CAS-FAULT-35",
    level: "MUST",
    title:
      "a list whose answer never ends shows what is there, or is refused with ERR_UNREACHABLE, by itself",
    requires: ["storage", "storage.list", "fault.endless"],
    async run(context) {
      const { address } = await stored(context);
      await endsByItself(context, "endless", [
        endless({
          what: "list",
          operate: () => walk(context.storage),
          codes: OTHER_CODES,
          gives: (listed, what) =>
            equal(listed.includes(String(address)), true, `${what}: whether it has the content`),
        }),
      ]);
    },
  },
  refusedWithoutEnd("CAS-FAULT-36", "endless-failing", "a service that fails", ["ERR_UNREACHABLE"]),
  // The text of a refusal may say what kind it is, and this one has none that can be read.
  refusedWithoutEnd("CAS-FAULT-37", "endless-denied", "a service that allows it to others alone", [
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
    title: `all that ${service} refuses without end is refused with ${codes.join(" or ")}, by itself, in little memory`,
    requires: ["storage", `fault.${fault}`],
    async run(context) {
      const { storage, content } = context;
      const { delete: deletes, list, release, putMany } = storage.capabilities;
      const { address, sent } = await stored(context);
      // An answer to a question whether something is there may have no body, and so an end: it is refused all the same.
      const operations: EndlessOperation<unknown>[] = [
        { what: "put", operate: () => storage.put(content(100)), codes },
        { what: "get", operate: () => storage.get(address, { maxBytes: READ_BYTES }), codes },
        { what: "has", operate: () => storage.has(address), codes },
      ];
      if (putMany)
        operations.push({
          what: "putMany",
          operate: () => putTogether(storage, [content(100), content(100)]),
          codes,
        });
      if (deletes) operations.push({ what: "delete", operate: async () => storage.delete?.(address), codes });
      if (release)
        operations.push({ what: "release", operate: async () => storage.release?.(address), codes });
      if (list) operations.push({ what: "list", operate: () => walk(storage), codes });
      await endsByItself(context, fault, operations);
      await stillThere(context, address, sent);
    },
  };
}

async function stillThere(
  { storage, settled }: CaseContext,
  address: Parameters<CaseContext["storage"]["get"]>[0],
  sent: Uint8Array,
): Promise<void> {
  sameBytes(await settled("storage", () => storage.get(address)), sent, "the content afterwards");
}
