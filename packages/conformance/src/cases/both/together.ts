// BOTH: a storage and a resolver side by side, as a remote uses them.

import { Address } from "@remote-log/core";
import { checkError, outcomeOf, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { holds } from "../holds.ts";

/** A storage and a resolver side by side, as a remote uses them. */
export const togetherCases: readonly ConformanceCase[] = [
  {
    id: "BOTH-01",
    level: "MUST",
    title: "a content is found again by way of a name that holds its address",
    requires: ["storage", "names", "reopen"],
    async run(context) {
      const { storage, names, name, content, settled, reopen } = context;
      const [chosen, sent] = [name(), content(5000)];
      const { bytes } = await storage.put(sent);
      await names.update(chosen, bytes, { expected: null });
      const other = await reopen();
      await holds(context, chosen, bytes, other.names);
      const held = await settled("names", async () => {
        const resolution = await other.names.resolve(chosen);
        return Address.fromBytes(resolution.status === "found" ? resolution.content : new Uint8Array(0));
      });
      sameBytes(await settled("storage", () => other.storage.get(held)), sent, "the content");
    },
  },
  {
    id: "BOTH-02",
    level: "MUST",
    title: "names and contents are two worlds: the address of a content is no name",
    requires: ["storage", "names"],
    async run(context) {
      const { storage, names, content, settled } = context;
      const [sent, held] = [content(100), content(50)];
      const address = await storage.put(sent);
      const outcome = await outcomeOf(names.update(String(address), held, { expected: null }));
      if (outcome.status === "fulfilled") await holds(context, String(address), held);
      else checkError(outcome.reason, "ERR_INVALID_INPUT", "update");
      sameBytes(await settled("storage", () => storage.get(address)), sent, "the content");
    },
  },
  {
    id: "BOTH-03",
    level: "MUST",
    title: "closing the one leaves the other open",
    requires: ["storage", "names", "storage.close", "names.close", "reopen"],
    async run(context) {
      const { storage, names, name, content, reopen } = context;
      const other = await reopen();
      await storage.close?.();
      await names.update(name(), content(10), { expected: null });
      await other.names.close?.();
      await other.storage.put(content(10));
    },
  },
];
