// CAS-PUT: what `put` promises besides the content itself.

import { addressOf } from "@remote-log/core";
import { check, equal, rejectsWith, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";

/** What `put` promises besides the content itself. */
export const putCases: readonly ConformanceCase[] = [
  {
    id: "CAS-PUT-07",
    level: "MUST",
    title: "the address is the one that is computed before the upload, with the first hash type",
    requires: ["storage"],
    async run({ storage, content }) {
      const type = storage.capabilities.hashTypes[0]!;
      for (const size of [0, 1, 1000]) {
        const sent = content(size);
        const computed = await addressOf(sent, type);
        const returned = await storage.put(sent);
        equal(String(returned), String(computed), `the address of ${size} bytes`);
        sameBytes(returned.bytes, computed.bytes, `the binary address of ${size} bytes`);
      }
    },
  },
  {
    id: "CAS-PUT-08",
    level: "MUST",
    title: "the same bytes put again give the same address, and stay readable",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      const sent = content(500);
      const first = await storage.put(sent);
      const second = await storage.put(new Uint8Array(sent));
      equal(String(second), String(first), "the address of the second put");
      sameBytes(await settled("storage", () => storage.get(first)), sent, "the content");
    },
  },
  {
    id: "CAS-PUT-09",
    level: "MUST",
    title: "20 concurrent puts of the same bytes all succeed, with one address",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      const sent = content(5000);
      const addresses = await Promise.all(Array.from({ length: 20 }, () => storage.put(sent)));
      equal(new Set(addresses.map(String)).size, 1, "number of addresses");
      sameBytes(await settled("storage", () => storage.get(addresses[0]!)), sent, "the content");
    },
  },
  {
    id: "CAS-PUT-10",
    level: "MUST",
    title: "20 concurrent puts of different bytes do not mix",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      const contents = Array.from({ length: 20 }, () => content(300));
      const addresses = await Promise.all(contents.map((sent) => storage.put(sent)));
      for (const [i, address] of addresses.entries()) {
        sameBytes(await settled("storage", () => storage.get(address)), contents[i]!, `content ${i}`);
      }
    },
  },
  {
    id: "CAS-PUT-11",
    level: "MUST",
    title: "a content over largestContent is refused with ERR_TOO_LARGE before anything is stored",
    requires: ["storage"],
    async run({ storage, content, limits, withoutRequests, skip }) {
      const { largestContent, hashTypes } = storage.capabilities;
      if (largestContent >= limits.largestProbe) {
        skip(
          `largestContent (${largestContent}) is not under the limit largestProbe (${limits.largestProbe})`,
        );
      }
      const sent = content(largestContent + 1);
      const error = await withoutRequests(() => rejectsWith(storage.put(sent), "ERR_TOO_LARGE", "put"));
      equal((error as Error & { limit?: unknown }).limit, largestContent, "the limit in the error");
      check(
        !(await storage.has(await addressOf(sent, hashTypes[0]!))),
        "the content was stored all the same",
      );
    },
  },
  {
    id: "CAS-PUT-12",
    level: "MUST",
    title: "another instance reads what was put, while the first is open",
    requires: ["storage", "reopen"],
    async run({ storage, content, settled, reopen }) {
      const sent = content(700);
      const address = await storage.put(sent);
      const other = (await reopen()).storage;
      sameBytes(await settled("storage", () => other.get(address)), sent, "the content");
    },
  },
  {
    id: "CAS-PUT-13",
    level: "MUST",
    title: "an instance opened later reads what was put before the first was closed",
    requires: ["storage", "reopen"],
    async run({ storage, content, settled, reopen }) {
      const contents = [content(0), content(1), content(10_000)];
      const addresses = await Promise.all(contents.map((sent) => storage.put(sent)));
      await storage.close?.();
      const later = (await reopen()).storage;
      for (const [i, address] of addresses.entries()) {
        sameBytes(await settled("storage", () => later.get(address)), contents[i]!, `content ${i}`);
      }
    },
  },
];
