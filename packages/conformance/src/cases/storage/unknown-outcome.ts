// CAS-FAULT: requests of which nobody knows whether they were carried out, and what comes after a fault.

import { type Address, addressOf, type OperationOptions } from "@remote-log/core";
import { checkError, equal, outcomeOf, sameBytes } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { noSecrets } from "../no-secrets.ts";
import { verdictsAreTrue } from "../retry-verdicts.ts";
import { checkOneOf, during, type Operation, refused, startUnderFault, suffer } from "../under-fault.ts";
import { isMissing, wholeOrMissing } from "./absence.ts";
import { putTogether } from "./put-together.ts";
import { stored, walk } from "./walk.ts";

/** What a storage does if it can't know whether a request was carried out, and after a fault is over. */
export const storageOutcomeCases: readonly ConformanceCase[] = [
  {
    id: "CAS-FAULT-23",
    level: "MUST",
    title: "a put whose answer is lost leaves the content or nothing, and can be repeated",
    requires: ["storage", "fault.reply-lost"],
    async run(context) {
      const { storage, content } = context;
      const sent = content(700);
      const outcome = await during(context, "reply-lost", () => outcomeOf(storage.put(sent)));
      await contentOrNothing(context, sent, outcome);
    },
  },
  {
    id: "CAS-FAULT-24",
    level: "MUST",
    title:
      "a put of which one answer alone is lost ends well, or with ERR_UNREACHABLE: what it wrote is no obstacle",
    requires: ["storage", "fault.reply-lost"],
    async run(context) {
      const { storage, content } = context;
      const sent = content(700);
      const { ending } = await during(context, "reply-lost", () =>
        startUnderFault(context, () => storage.put(sent)),
      );
      await contentOrNothing(context, sent, await ending);
    },
  },
  {
    id: "CAS-FAULT-25",
    level: "MUST",
    title: "get and has whose answer is lost are refused with ERR_UNREACHABLE, never with not found or false",
    requires: ["storage", "fault.reply-lost"],
    async run(context) {
      const { storage } = context;
      const { address } = await stored(context);
      await refused(context, "reply-lost", "ERR_UNREACHABLE", [
        ["get", () => storage.get(address)],
        ["has", () => storage.has(address)],
      ]);
    },
  },
  {
    id: "CAS-FAULT-26",
    level: "MUST",
    title: "a delete whose answer is lost can be repeated, and then the content is gone",
    requires: ["storage", "storage.delete", "fault.reply-lost"],
    async run(context) {
      const { storage, settled } = context;
      const { address } = await stored(context);
      const outcome = await during(context, "reply-lost", () =>
        outcomeOf(Promise.resolve(storage.delete?.(address))),
      );
      if (outcome.status === "rejected") checkError(outcome.reason, "ERR_UNREACHABLE", "delete (reply-lost)");
      await storage.delete?.(address);
      await settled("storage", () => isMissing(storage, address, "get afterwards"));
      equal(await storage.has(address), false, "has afterwards");
    },
  },
  {
    id: "CAS-FAULT-27",
    level: "MUST",
    title: "once a fault is over the next operations succeed, however many met it",
    requires: ["storage", "faults"],
    async run(context) {
      const { storage, content, settled, faults } = context;
      const { address, sent } = await stored(context);
      for (const fault of faults.kinds) {
        await suffer(context, fault, [...everything(context, address), ...everything(context, address)]);
        const another = content(400);
        sameBytes(await storage.get(address), sent, `the content after ${fault}`);
        const other = await storage.put(another);
        sameBytes(
          await settled("storage", () => storage.get(other)),
          another,
          `the content put after ${fault}`,
        );
      }
    },
  },
  {
    id: "CAS-FAULT-28",
    level: "MUST",
    title: "no error holds a secret: not in its text, not in its causes, nor in what hangs on it",
    requires: ["storage", "secrets"],
    async run(context) {
      const { storage, content } = context;
      const { address } = await stored(context);
      const absent = await addressOf(content(100), storage.capabilities.hashTypes[0]!);
      await noSecrets(context, everything(context, address), [
        ["get of what is not there", () => storage.get(absent)],
        ["get with maxBytes", () => storage.get(address, { maxBytes: 1 })],
        ["put after close", async () => storage.close?.().then(() => storage.put(content(100)))],
      ]);
    },
  },
  {
    id: "CAS-FAULT-29",
    level: "MUST",
    title:
      "errors say truly whether to try again: unreachable may pass, denied and no room do not by themselves",
    requires: ["storage", "faults"],
    async run(context) {
      const { storage, content } = context;
      const { address } = await stored(context);
      await verdictsAreTrue(
        context,
        [
          ["get", () => storage.get(address)],
          ["has", () => storage.has(address)],
        ],
        [["put", () => storage.put(content(100))]],
      );
    },
  },
];

/** Every operation of a storage, none of which removes the content at the address. */
export function everything({ storage, content }: CaseContext, address: Address): Operation[] {
  const { delete: deletes, list, release, putMany } = storage.capabilities;
  return [
    ["put", (options) => storage.put(content(100), options)],
    ...(putMany ? [["putMany", putsTwo] as const] : []),
    ["get", (options) => storage.get(address, options)],
    ["has", (options) => storage.has(address, options)],
    ...(deletes ? [["delete", deletesAnother] as const] : []),
    ...(release ? [["release", releasesAnother] as const] : []),
    ...(list ? [["list", (options?: OperationOptions) => walk(storage, options)] as const] : []),
  ];
  function putsTwo(options?: OperationOptions): Promise<unknown> {
    return putTogether(storage, [content(100), content(100)], options);
  }
  async function deletesAnother(options?: OperationOptions): Promise<void> {
    const other = await addressOf(content(100), storage.capabilities.hashTypes[0]!);
    await storage.delete?.(other, options);
  }
  async function releasesAnother(options?: OperationOptions): Promise<void> {
    const other = await addressOf(content(100), storage.capabilities.hashTypes[0]!);
    await storage.release?.(other, options);
  }
}

/** Checks what a put left whose outcome is unknown, and that it can be repeated. */
async function contentOrNothing(
  { storage, settled }: CaseContext,
  sent: Uint8Array,
  put: PromiseSettledResult<Address>,
): Promise<void> {
  const address = await addressOf(sent, storage.capabilities.hashTypes[0]!);
  if (put.status === "fulfilled") {
    sameBytes(
      await settled("storage", () => storage.get(address)),
      sent,
      "the content of a put that succeeded",
    );
  } else {
    checkOneOf(put.reason, ["ERR_UNREACHABLE", "ERR_TIMEOUT"], "put (reply-lost)");
  }
  await wholeOrMissing(storage, address, sent, "afterwards");
  equal(String(await storage.put(sent)), String(address), "the address of the repeated put");
  sameBytes(await settled("storage", () => storage.get(address)), sent, "the content, put again");
}
