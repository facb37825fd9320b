// CAS-MANY: what `putMany` promises, if it is declared.

import { check, equal, rejectsAs, rejectsWith, sameBytes } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { abortEverywhere } from "../abort-points.ts";
import { SharingBytes } from "../sharing-bytes.ts";
import { reason } from "../under-fault.ts";
import { addressesOf, areMissing, areThere, canBePutAgain, putTogether } from "./put-together.ts";
import { stored } from "./walk.ts";

/** What `putMany` promises, if it is declared. */
export const putManyCases: readonly ConformanceCase[] = [
  {
    id: "CAS-MANY-01",
    level: "MUST",
    title:
      "each of several contents gets its outcome, in their order: its address; and all come back as they were",
    requires: ["storage", "storage.putMany"],
    async run(context) {
      const { storage, content } = context;
      const sizes = [300, 0, 1, 5000, 300].slice(0, limitsOf(context).contents);
      const contents = sizes.map((size) => content(size));
      const outcomes = (await storage.putMany?.(contents)) ?? [];
      equal(outcomes.length, contents.length, "number of outcomes");
      const addresses = outcomes.map((one) => (one.status === "fulfilled" ? String(one.value) : one.status));
      equal(addresses.join(), (await addressesOf(storage, contents)).join(), "the addresses, in order");
      await areThere(context, contents);
    },
  },
  {
    id: "CAS-MANY-02",
    level: "MUST",
    title: "as many contents as are declared are stored by one call, and as many bytes",
    requires: ["storage", "storage.putMany"],
    async run(context) {
      const { storage, content, limits } = context;
      const most = limitsOf(context);
      const many = Array.from({ length: most.contents }, () => content(10));
      await putTogether(storage, many);
      await areThere(context, many);
      if (most.bytes > limits.largestProbe) return;
      const { largestContent } = storage.capabilities;
      const large = split(most.bytes, Math.min(largestContent, Math.ceil(most.bytes / 2)));
      if (large.length > most.contents) return;
      const contents = large.map((size) => content(size));
      await putTogether(storage, contents);
      await areThere(context, contents);
    },
  },
  {
    id: "CAS-MANY-03",
    level: "MUST",
    title:
      "more contents than are declared are refused with ERR_INVALID_INPUT before anything is stored, more bytes with ERR_TOO_LARGE",
    requires: ["storage", "storage.putMany"],
    async run(context) {
      const { storage, content, limits, withoutRequests } = context;
      const most = limitsOf(context);
      const { largestContent } = storage.capabilities;
      const many = Array.from({ length: most.contents + 1 }, () => content(10));
      await withoutRequests(() => rejectsWith(putTogether(storage, many), "ERR_INVALID_INPUT", "too many"));
      await areMissing(storage, many);
      const tooLarge = [content(10), content(largestContent < limits.largestProbe ? largestContent + 1 : 10)];
      const sizes = split(most.bytes + 1, Math.min(largestContent, Math.ceil(most.bytes / 2)));
      const tooMuch = most.bytes < limits.largestProbe && sizes.length <= most.contents ? sizes : [];
      for (const contents of [
        ...(tooLarge[1]!.length > largestContent ? [tooLarge] : []),
        ...(tooMuch.length > 0 ? [tooMuch.map((size) => content(size))] : []),
      ]) {
        await withoutRequests(() =>
          rejectsWith(putTogether(storage, contents), "ERR_TOO_LARGE", "too large"),
        );
        await areMissing(storage, contents);
      }
    },
  },
  {
    id: "CAS-MANY-04",
    level: "MUST",
    title: "no contents are no error, and no request",
    requires: ["storage", "storage.putMany"],
    async run({ storage, withoutRequests }) {
      const outcomes = await withoutRequests(async () => storage.putMany?.([]));
      equal(outcomes?.length, 0, "number of outcomes");
    },
  },
  {
    id: "CAS-MANY-05",
    level: "MUST",
    title: "equal contents in one call get the same address, and what is there already gets its own",
    requires: ["storage", "storage.putMany"],
    async run(context) {
      const { storage, content } = context;
      const { sent } = await stored(context);
      const twice = content(400);
      const calls = [
        [twice, new Uint8Array(twice)],
        [sent, content(200)],
        [content(100), twice],
      ];
      for (const contents of calls) {
        const addresses = await putTogether(storage, contents);
        equal(addresses.join(), (await addressesOf(storage, contents)).join(), "the addresses");
        await areThere(context, contents);
      }
    },
  },
  {
    id: "CAS-MANY-06",
    level: "MUST",
    title:
      "the caller's buffers are not changed, of views only the view is stored, and later changes change nothing",
    requires: ["storage", "storage.putMany"],
    async run(context) {
      const { storage, content } = context;
      const given = [content(1000).subarray(100, 150), SharingBytes.from(content(700))];
      const copies = given.map((one) => new Uint8Array(one));
      await putTogether(storage, given);
      for (const [i, one] of given.entries()) sameBytes(one, copies[i]!, "the caller's buffer");
      for (const one of given) one.fill(0);
      await areThere(context, copies);
    },
  },
  {
    id: "CAS-MANY-07",
    level: "SHOULD",
    title: "buffers that are changed while putMany runs never give bytes that are not those of the address",
    requires: ["storage", "storage.putMany"],
    async run({ storage, content, settled }) {
      const given = [content(1000), content(1000)];
      const putting = putTogether(storage, given);
      for (const one of given) one.fill(7);
      for (const address of await putting) {
        const read = await settled("storage", () => storage.get(address));
        const computed = (await addressesOf(storage, [read])).join();
        check(
          computed === String(address),
          `the address of the bytes that were returned: ${computed}, not ${address}; ` +
            "were the bytes read again after an await? Copy them first",
        );
      }
    },
  },
  {
    id: "CAS-MANY-08",
    level: "MUST",
    title: "10 concurrent calls of putMany and 10 of put do not mix",
    requires: ["storage", "storage.putMany"],
    async run(context) {
      const { storage, content } = context;
      const pairs = Array.from({ length: 10 }, () => [content(300), content(300)]);
      const alone = Array.from({ length: 10 }, () => content(300));
      const together = pairs.map((pair) => putTogether(storage, pair));
      await Promise.all(alone.map((one) => storage.put(one)));
      for (const [i, addresses] of (await Promise.all(together)).entries())
        equal(addresses.join(), (await addressesOf(storage, pairs[i]!)).join(), `the addresses of call ${i}`);
      await areThere(context, [...pairs.flat(), ...alone]);
    },
  },
  {
    id: "CAS-MANY-09",
    level: "MUST",
    title: "an instance opened later reads what was put by one call before the first was closed",
    requires: ["storage", "storage.putMany", "reopen"],
    async run({ storage, content, settled, reopen }) {
      const contents = [content(100), content(2000)];
      await putTogether(storage, contents);
      await storage.close?.();
      await areThere({ storage: (await reopen()).storage, settled }, contents);
    },
  },
  {
    id: "CAS-MANY-10",
    level: "MUST",
    title: "what was put by one call is kept as what was put alone: it stays when the service tidies up",
    requires: ["storage", "storage.putMany", "tidyUp"],
    async run(context) {
      const { storage, content, opened } = context;
      const contents = [content(100), content(100)];
      // What was released is kept again, too.
      await storage.release?.(await storage.put(contents[0]!));
      await putTogether(storage, contents);
      await opened.tidyUp?.();
      await areThere(context, contents);
    },
  },
  {
    id: "CAS-MANY-11",
    level: "MUST",
    title: "an aborted signal ends putMany before anything is done, with its own reason",
    requires: ["storage", "storage.putMany"],
    async run(context) {
      const { storage, content, withoutRequests } = context;
      const contents = [content(100), content(100)];
      const signal = AbortSignal.abort(reason);
      await withoutRequests(() =>
        rejectsAs(Promise.resolve(storage.putMany?.(contents, { signal })), reason, "putMany"),
      );
      await areMissing(storage, contents);
    },
  },
  {
    id: "CAS-MANY-12",
    level: "MUST",
    title: "wherever a putMany is aborted, each content is whole or not there, and can be put again",
    requires: ["storage", "storage.putMany"],
    async run(context) {
      const { storage, content } = context;
      await abortEverywhere(context, "putMany", async () => {
        const contents = [content(2000), content(500)];
        return {
          operate: async (options) => storage.putMany?.(contents, options),
          after: () => canBePutAgain(context, contents, "after the abort"),
        };
      });
    },
  },
  {
    id: "CAS-MANY-13",
    level: "MUST",
    title: "putMany is refused with ERR_CLOSED after close",
    requires: ["storage", "storage.putMany", "storage.close"],
    async run({ storage, content }) {
      await storage.close?.();
      await rejectsWith(putTogether(storage, [content(10), content(10)]), "ERR_CLOSED", "putMany");
    },
  },
];

function limitsOf({ storage }: CaseContext): { readonly contents: number; readonly bytes: number } {
  return storage.capabilities.putMany ?? { contents: 0, bytes: 0 };
}

/** Sizes that are a number of bytes together, none of them over the largest. */
function split(bytes: number, largest: number): number[] {
  const whole = Array.from({ length: Math.floor(bytes / largest) }, () => largest);
  return bytes % largest === 0 ? whole : [...whole, bytes % largest];
}
