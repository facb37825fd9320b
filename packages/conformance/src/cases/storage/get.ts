// CAS-GET, CAS-HAS: what `get` and `has` promise.

import { Address, addressOf } from "@remote-log/core";
import { checkError, equal, outcomeOf, rejectsWith, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { isMissing } from "./absence.ts";
import { foreignAddresses } from "./foreign-addresses.ts";

/** What `get` and `has` promise. */
export const getCases: readonly ConformanceCase[] = [
  {
    id: "CAS-GET-01",
    level: "MUST",
    title: "a content that was never put is refused with ERR_NOT_FOUND",
    requires: ["storage"],
    async run({ storage, content }) {
      const address = await addressOf(content(100), storage.capabilities.hashTypes[0]!);
      await isMissing(storage, address, "get");
    },
  },
  {
    id: "CAS-GET-02",
    level: "MUST",
    title: "an address that differs in its last bit finds nothing",
    requires: ["storage"],
    async run({ storage, content }) {
      const address = await storage.put(content(100));
      const bytes = new Uint8Array(address.bytes);
      bytes[bytes.length - 1]! ^= 1;
      await isMissing(storage, Address.fromBytes(bytes), "get");
    },
  },
  {
    id: "CAS-GET-03",
    level: "MUST",
    title: "a content of more than maxBytes is refused with ERR_TOO_LARGE",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      for (const [size, maxBytes] of [
        [1, 0],
        [1000, 999],
        [1000, 1],
        [70_000, 100],
      ] as const) {
        if (size > storage.capabilities.largestContent) continue;
        const address = await storage.put(content(size));
        const what = `get of ${size} bytes with maxBytes ${maxBytes}`;
        const error = await settled("storage", () =>
          rejectsWith(storage.get(address, { maxBytes }), "ERR_TOO_LARGE", what),
        );
        equal((error as Error & { limit?: unknown }).limit, maxBytes, `${what}: the limit in the error`);
      }
    },
  },
  {
    id: "CAS-GET-04",
    level: "MUST",
    title: "a content of exactly maxBytes is returned, an empty one with maxBytes 0 too",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      for (const size of [0, 1, 1000]) {
        const sent = content(size);
        const address = await storage.put(sent);
        const read = await settled("storage", () => storage.get(address, { maxBytes: size }));
        sameBytes(read, sent, `the content of ${size} bytes`);
      }
    },
  },
  {
    id: "CAS-GET-05",
    level: "MUST",
    title: "get refuses an address of an undeclared kind with ERR_INTEGRITY, before any request",
    requires: ["storage"],
    async run(context) {
      const { storage, withoutRequests } = context;
      for (const { kind, address } of await foreignAddresses(context)) {
        await withoutRequests(() => rejectsWith(storage.get(address), "ERR_INTEGRITY", `get by ${kind}`));
      }
    },
  },
  {
    id: "CAS-HAS-01",
    level: "MUST",
    title: "has is false for what was never put, and true for what was, the empty content too",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      const absent = await addressOf(content(100), storage.capabilities.hashTypes[0]!);
      equal(await storage.has(absent), false, "has of a content that was never put");
      for (const size of [0, 100]) {
        const address = await storage.put(content(size));
        await settled("storage", async () => equal(await storage.has(address), true, `has of ${size} bytes`));
      }
    },
  },
  {
    id: "CAS-HAS-02",
    level: "MUST",
    title: "has never says yes to an address of an undeclared kind",
    requires: ["storage"],
    async run(context) {
      for (const { kind, address } of await foreignAddresses(context)) {
        const outcome = await outcomeOf(context.storage.has(address));
        if (outcome.status === "fulfilled") equal(outcome.value, false, `has by ${kind}`);
        else checkError(outcome.reason, "ERR_INTEGRITY", `has by ${kind}`);
      }
    },
  },
];
