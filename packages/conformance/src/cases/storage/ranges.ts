// CAS-RANGE: parts of contents, for storages that declare them.

import { addressOf, type ByteRange, type GetOptions } from "@remote-log/core";
import {
  check,
  checkError,
  equal,
  outcomeOf,
  rejectsAs,
  rejectsWith,
  sameBytes,
  show,
} from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import type { Fault } from "../../fixture.ts";
import { aborted, checkOneOf, during, reason, refused } from "../under-fault.ts";
import { endless, endsByItself } from "../without-end.ts";
import { checkMissing } from "./absence.ts";
import { foreignAddresses } from "./foreign-addresses.ts";
import { stored } from "./walk.ts";

const SIZE = 70_000;

/** What `get` promises of a `range`. */
export const rangeCases: readonly ConformanceCase[] = [
  {
    id: "CAS-RANGE-01",
    level: "MUST",
    title: "a range gives exactly its bytes: at the beginning, within the content, and at its end",
    requires: ["storage", "storage.ranges"],
    async run(context) {
      const { address, sent } = await stored(context, SIZE);
      for (const [offset, length] of [
        [0, 1],
        [0, 100],
        [1, 1],
        [4095, 2],
        [1234, 40_000],
        [SIZE - 1, 1],
        [SIZE - 500, 500],
        [0, SIZE],
      ] as const) {
        const read = await context.storage.get(address, { range: { offset, length } });
        sameBytes(read, sent.subarray(offset, offset + length), `${length} bytes from ${offset} on`);
      }
    },
  },
  {
    id: "CAS-RANGE-02",
    level: "MUST",
    title: "what lies past the end of the content is left out of a range: less comes, or nothing",
    requires: ["storage", "storage.ranges"],
    async run(context) {
      for (const [size, offset, length] of [
        [1000, 990, 100],
        [1000, 0, 1001],
        [1000, 1000, 1],
        [1000, 5000, 10],
        [1000, 2 ** 40, 10],
        [0, 0, 1],
        [0, 7, 7],
      ] as const) {
        const { address, sent } = await stored(context, size);
        const read = await context.storage.get(address, { range: { offset, length } });
        sameBytes(
          read,
          sent.subarray(offset, offset + length),
          `of ${size} bytes, ${length} from ${offset} on`,
        );
      }
    },
  },
  {
    id: "CAS-RANGE-03",
    level: "MUST",
    title: "a range without a byte, or with numbers that are not whole, is refused before any request",
    requires: ["storage", "storage.ranges"],
    async run(context) {
      const { storage, withoutRequests } = context;
      const { address } = await stored(context);
      const most = Number.MAX_SAFE_INTEGER;
      for (const [offset, length] of [
        [0, 0],
        [0, -1],
        [-1, 10],
        [0.5, 10],
        [0, 1.5],
        [Number.NaN, 1],
        [0, Number.POSITIVE_INFINITY],
        [most, most],
        ["0", "9"],
        [undefined, 1],
      ]) {
        const range = { offset, length } as ByteRange;
        const what = `get of the range ${show(range)}`;
        await withoutRequests(() => rejectsWith(storage.get(address, { range }), "ERR_INVALID_INPUT", what));
      }
    },
  },
  {
    id: "CAS-RANGE-04",
    level: "MUST",
    title: "a range of a content that was never put is not found: it is not empty",
    requires: ["storage", "storage.ranges"],
    async run({ storage, content }) {
      const address = await addressOf(content(100), storage.capabilities.hashTypes[0]!);
      for (const range of [
        { offset: 0, length: 10 },
        { offset: 500, length: 10 },
      ]) {
        const outcome = await outcomeOf(storage.get(address, { range }));
        if (outcome.status === "fulfilled")
          check(false, `get of ${show(range)}: gave ${show(outcome.value)}`);
        else checkMissing(storage, outcome.reason, `get of ${show(range)}`);
      }
    },
  },
  {
    id: "CAS-RANGE-05",
    level: "MUST",
    title:
      "a range of more than maxBytes is refused with ERR_TOO_LARGE before any request, one of as many is given",
    requires: ["storage", "storage.ranges"],
    async run(context) {
      const { storage, withoutRequests } = context;
      const { address, sent } = await stored(context, 1000);
      const get = (length: number, maxBytes: number) =>
        storage.get(address, { range: { offset: 10, length }, maxBytes });
      for (const [length, maxBytes] of [
        [100, 99],
        [1, 0],
        [5000, 4999],
      ] as const) {
        const what = `get of ${length} bytes with maxBytes ${maxBytes}`;
        await withoutRequests(() => rejectsWith(get(length, maxBytes), "ERR_TOO_LARGE", what));
      }
      sameBytes(await get(100, 100), sent.subarray(10, 110), "100 bytes with maxBytes 100");
    },
  },
  {
    id: "CAS-RANGE-06",
    level: "MUST",
    title: "a range at an address of an undeclared kind is refused with ERR_INTEGRITY, before any request",
    requires: ["storage", "storage.ranges"],
    async run(context) {
      const { storage, withoutRequests } = context;
      const range = { offset: 0, length: 1 };
      for (const { kind, address } of await foreignAddresses(context)) {
        await withoutRequests(() =>
          rejectsWith(storage.get(address, { range }), "ERR_INTEGRITY", `get of a range by ${kind}`),
        );
      }
    },
  },
  {
    id: "CAS-RANGE-07",
    level: "MUST",
    title:
      "ranges and the whole content do not mix, one after the other or at once, and belong to their reader",
    requires: ["storage", "storage.ranges"],
    async run(context) {
      const { storage } = context;
      const { address, sent } = await stored(context, 5000);
      const read = async (range?: ByteRange): Promise<void> => {
        const expected =
          range === undefined ? sent : sent.subarray(range.offset, range.offset + range.length);
        const content = await storage.get(address, range && { range });
        sameBytes(content, expected, range === undefined ? "the whole content" : `the range ${show(range)}`);
        content.fill(0);
      };
      const [first, second] = [
        { offset: 100, length: 50 },
        { offset: 120, length: 4000 },
      ];
      for (const range of [first, undefined, second, first, undefined]) await read(range);
      await Promise.all([read(first), read(), read(second), read(), read(first)]);
    },
  },
  {
    id: "CAS-RANGE-08",
    level: "MUST",
    title:
      'of a range that was changed on its way no more comes than was asked for, and it is not "not found"',
    requires: ["storage", "storage.ranges", "fault.corrupt", "fault.truncated", "fault.extended"],
    async run(context) {
      const { storage } = context;
      const { address, sent } = await stored(context, 5000);
      const range = { offset: 1000, length: 600 };
      for (const fault of ["corrupt", "truncated", "extended"] as const) {
        await during(context, fault, async () => {
          const outcome = await outcomeOf(storage.get(address, { range }));
          const what = `get of a range (${fault})`;
          if (outcome.status === "rejected") {
            const codes = ["ERR_INTEGRITY", "ERR_UNREACHABLE", "ERR_TOO_LARGE"];
            checkOneOf(outcome.reason, codes, what);
          } else check(outcome.value.length <= range.length, `${what}: gave ${outcome.value.length} bytes`);
        });
      }
      const read = await storage.get(address, { range });
      sameBytes(read, sent.subarray(1000, 1600), "the range afterwards");
    },
  },
  {
    id: "CAS-RANGE-09",
    level: "MUST",
    title: "a range from a service that can't be reached, fails or refuses is refused: it is not empty",
    requires: ["storage", "storage.ranges", "faults"],
    async run(context) {
      const { storage, faults } = context;
      const { address } = await stored(context);
      const get = () => storage.get(address, { range: { offset: 1, length: 10 } });
      for (const [fault, code] of REFUSALS)
        if (faults.kinds.includes(fault)) await refused(context, fault, code, [["get of a range", get]]);
    },
  },
  {
    id: "CAS-RANGE-10",
    level: "MUST",
    title: "a range ends with its signal, before anything is done and while a silent service is waited for",
    requires: ["storage", "storage.ranges", "fault.silent"],
    async run(context) {
      const { storage, withoutRequests } = context;
      const { address } = await stored(context);
      const get = (options: GetOptions = {}) =>
        storage.get(address, { ...options, range: { offset: 1, length: 10 } });
      await withoutRequests(() => rejectsAs(get({ signal: AbortSignal.abort(reason) }), reason, "get"));
      await aborted(context, "silent", [["get of a range", get]]);
    },
  },
  {
    id: "CAS-RANGE-11",
    level: "MUST",
    title: "a range whose answer never ends gives its bytes or is refused, by itself, in little memory",
    requires: ["storage", "storage.ranges", "fault.endless"],
    async run(context) {
      const { storage } = context;
      const { address, sent } = await stored(context, 5000);
      const range = { offset: 1000, length: 600 };
      await endsByItself(context, "endless", [
        endless({
          what: "get of a range",
          operate: () => storage.get(address, { range }),
          codes: ["ERR_TOO_LARGE", "ERR_INTEGRITY", "ERR_UNREACHABLE"],
          gives: (content, what) => sameBytes(content, sent.subarray(1000, 1600), what),
        }),
      ]);
      const read = await storage.get(address, { range });
      sameBytes(read, sent.subarray(1000, 1600), "the range afterwards");
    },
  },
  {
    id: "CAS-RANGE-12",
    level: "MUST",
    title: "a range is refused with ERR_CLOSED after close",
    requires: ["storage", "storage.ranges", "storage.close"],
    async run(context) {
      const { storage } = context;
      const { address } = await stored(context);
      await storage.close?.();
      const outcome = await outcomeOf(storage.get(address, { range: { offset: 0, length: 1 } }));
      equal(outcome.status, "rejected", "how a get of a range ends after close");
      if (outcome.status === "rejected") checkError(outcome.reason, "ERR_CLOSED", "get of a range");
    },
  },
];

const REFUSALS: readonly (readonly [Fault, string])[] = [
  ["unreachable", "ERR_UNREACHABLE"],
  ["reply-lost", "ERR_UNREACHABLE"],
  ["failing", "ERR_UNREACHABLE"],
  ["denied", "ERR_DENIED"],
];
