// CAS-ABORT: a storage that is aborted at every point of its work.

import { addressOf } from "@remote-log/core";
import { equal, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { abortEverywhere } from "../abort-points.ts";
import { isMissingNow, wholeOrMissing } from "./absence.ts";
import { stored, walk } from "./walk.ts";

const SIZE = 5000;

/** A storage that is aborted at every point of its work. */
export const storageAbortCases: readonly ConformanceCase[] = [
  {
    id: "CAS-ABORT-07",
    level: "MUST",
    title: "wherever a put is aborted, the content is whole or not there, and can be put again",
    requires: ["storage"],
    async run(context) {
      const { storage, content, settled } = context;
      await abortEverywhere(context, "put", async () => {
        const sent = content(SIZE);
        const address = await addressOf(sent, storage.capabilities.hashTypes[0]!);
        return {
          operate: (options) => storage.put(sent, options),
          async after(outcome) {
            if (outcome.status === "fulfilled") equal(String(outcome.value), String(address), "the address");
            await wholeOrMissing(storage, address, sent, "after the abort");
            await storage.put(sent);
            sameBytes(await settled("storage", () => storage.get(address)), sent, "the content, put again");
          },
        };
      });
    },
  },
  {
    id: "CAS-ABORT-08",
    level: "MUST",
    title: "wherever a get is aborted, the content stays, and can be read again",
    requires: ["storage"],
    async run(context) {
      const { storage } = context;
      const { address, sent } = await stored(context, SIZE);
      await abortEverywhere(context, "get", async () => ({
        operate: (options) => storage.get(address, options),
        async after(outcome) {
          if (outcome.status === "fulfilled") sameBytes(outcome.value, sent, "the content");
          sameBytes(await storage.get(address), sent, "the content, read again");
        },
      }));
    },
  },
  {
    id: "CAS-ABORT-09",
    level: "MUST",
    title: "wherever a has is aborted, it says the truth or nothing, and the next one says the truth",
    requires: ["storage"],
    async run(context) {
      const { storage, content } = context;
      const { address } = await stored(context);
      const absent = await addressOf(content(100), storage.capabilities.hashTypes[0]!);
      for (const [asked, truth] of [
        [address, true],
        [absent, false],
      ] as const) {
        await abortEverywhere(context, "has", async () => ({
          operate: (options) => storage.has(asked, options),
          async after(outcome) {
            if (outcome.status === "fulfilled") equal(outcome.value, truth, "has");
            equal(await storage.has(asked), truth, "has, asked again");
          },
        }));
      }
    },
  },
  {
    id: "CAS-ABORT-10",
    level: "MUST",
    title: "wherever a delete is aborted, the content is whole or gone, and can be deleted again",
    requires: ["storage", "storage.delete"],
    async run(context) {
      const { storage, settled } = context;
      await abortEverywhere(context, "delete", async () => {
        const { address, sent } = await stored(context, SIZE);
        return {
          operate: async (options) => storage.delete?.(address, options),
          async after() {
            await wholeOrMissing(storage, address, sent, "after the abort");
            await storage.delete?.(address);
            await settled("storage", () => isMissingNow(storage, address, "get afterwards"));
          },
        };
      });
    },
  },
  {
    id: "CAS-ABORT-11",
    level: "MUST",
    title: "wherever a list is aborted, the next one is whole",
    requires: ["storage", "storage.list"],
    async run(context) {
      const { storage, settled } = context;
      const put = [String((await stored(context)).address), String((await stored(context)).address)];
      const isWhole = (listed: readonly string[]): void =>
        equal(
          put.every((address) => listed.includes(address)),
          true,
          "whether the list is whole",
        );
      await settled("storage", async () => isWhole(await walk(storage)));
      await abortEverywhere(context, "list", async () => ({
        operate: (options) => walk(storage, options),
        async after(outcome) {
          if (outcome.status === "fulfilled") isWhole(outcome.value);
          isWhole(await walk(storage));
        },
      }));
    },
  },
];
