import {
  type ByteRange,
  type GetOptions,
  NotFoundError,
  TooLargeError,
  UnreachableError,
} from "@remote-log/core";
import type { Mutant } from "./mutant.ts";
import { otherwise } from "./wrap.ts";

type Storage = Parameters<Mutant["broken"]>[0]["storage"];
type Get = Storage["get"];

/** A storage that reads ranges in another way, and whole contents as before. */
function readsRanges(
  read: (
    storage: Storage,
    address: Parameters<Get>[0],
    range: ByteRange,
    options: GetOptions,
  ) => Promise<Uint8Array>,
): Mutant["broken"] {
  return ({ storage }) => ({
    storage: {
      async get(address, options = {}) {
        const { range } = options;
        return range === undefined ? storage.get(address, options) : read(storage, address, range, options);
      },
    },
  });
}

/** Storages that read other parts than they are asked for, or parts of what is not there. */
export const rangeMutants: readonly Mutant[] = [
  {
    fault: "counts the end of a range among its bytes",
    caughtBy: ["CAS-RANGE-01", "CAS-RANGE-07"],
    broken: readsRanges((storage, address, range, options) =>
      storage.get(address, { ...options, range: { ...range, length: range.length + 1 } }),
    ),
  },
  {
    fault: "gives the whole content in place of a range",
    caughtBy: ["CAS-RANGE-01", "CAS-RANGE-07", "CAS-RANGE-11"],
    broken: readsRanges((storage, address, _range, options) =>
      storage.get(address, { ...options, range: undefined }),
    ),
  },
  {
    fault: "refuses a range that ends after the content",
    caughtBy: ["CAS-RANGE-02"],
    broken: readsRanges(async (storage, address, range, options) => {
      const read = await storage.get(address, options);
      if (read.length === range.length) return read;
      throw new UnreachableError("416", { operation: "storage.get" });
    }),
  },
  {
    fault: "fills a range up that ends after the content",
    caughtBy: ["CAS-RANGE-02"],
    broken: readsRanges(async (storage, address, range, options) => {
      const filled = new Uint8Array(range.length);
      filled.set(await storage.get(address, options));
      return filled;
    }),
  },
  {
    fault: "gives nothing for a range that is none",
    caughtBy: ["CAS-RANGE-03"],
    broken: readsRanges(async (storage, address, range, options) =>
      range.length > 0 ? storage.get(address, options) : new Uint8Array(0),
    ),
  },
  {
    fault: "asks before it looks at the numbers of a range",
    caughtBy: ["CAS-RANGE-03"],
    broken: readsRanges(async (storage, address, _range, options) => {
      await storage.has(address);
      return storage.get(address, options);
    }),
  },
  {
    fault: "gives an empty range of what is not there",
    caughtBy: ["CAS-RANGE-04"],
    broken: readsRanges((storage, address, _range, options) =>
      otherwise(storage.get(address, options), NotFoundError, () => new Uint8Array(0)),
    ),
  },
  {
    fault: "ignores maxBytes of a range",
    caughtBy: ["CAS-RANGE-05"],
    broken: readsRanges((storage, address, _range, options) =>
      storage.get(address, { ...options, maxBytes: undefined }),
    ),
  },
  {
    fault: "looks at maxBytes of a range when it has come",
    caughtBy: ["CAS-RANGE-05"],
    broken: readsRanges(
      async (storage, address, _range, { maxBytes = Number.POSITIVE_INFINITY, ...options }) => {
        const read = await storage.get(address, options);
        if (read.length <= maxBytes) return read;
        throw new TooLargeError("It is too large.", { operation: "storage.get", limit: maxBytes });
      },
    ),
  },
  {
    fault: "reads ranges at whatever address",
    caughtBy: ["CAS-RANGE-06"],
    broken: ({ storage }, { contents }) => ({
      storage: {
        async get(address, options = {}) {
          if (options.range === undefined) return storage.get(address, options);
          const digest = address.digest.join();
          const [first = new Uint8Array(0)] = contents.values();
          return digest === "" ? first : otherwise(storage.get(address, options), Error, () => first);
        },
      },
    }),
  },
  {
    fault: "remembers ranges by their address alone",
    caughtBy: ["CAS-RANGE-01", "CAS-RANGE-07"],
    broken: ({ storage }) => {
      const read = new Map<string, Uint8Array>();
      return {
        storage: {
          async get(address, options = {}) {
            const content = read.get(String(address)) ?? (await storage.get(address, options));
            read.set(String(address), content);
            return new Uint8Array(content);
          },
        },
      };
    },
  },
  {
    fault: "gives a view of what it holds in place of a range of its own",
    caughtBy: ["CAS-RANGE-07"],
    broken: ({ storage }, { contents }) => ({
      storage: {
        async get(address, options = {}) {
          const read = await storage.get(address, options);
          const { range } = options;
          const held = contents.get(String(address));
          return range === undefined || held === undefined
            ? read
            : held.subarray(range.offset, range.offset + range.length);
        },
      },
    }),
  },
  {
    fault: "hands on whatever comes of a range",
    caughtBy: ["CAS-RANGE-08"],
    broken: ({ storage, service }) => ({
      storage: {
        async get(address, options = {}) {
          const { range } = options;
          if (range === undefined || service.fault !== "extended") return storage.get(address, options);
          const longer = { ...range, length: range.length + 9 };
          return otherwise(
            storage.get(address, options),
            UnreachableError,
            () => new Uint8Array(longer.length),
          );
        },
      },
    }),
  },
  {
    fault: "takes a changed range for one that is not there",
    caughtBy: ["CAS-RANGE-08", "CAS-RANGE-09"],
    broken: readsRanges((storage, address, _range, options) =>
      otherwise(storage.get(address, options), UnreachableError, () => {
        throw new NotFoundError("There is none.", { operation: "storage.get" });
      }),
    ),
  },
  {
    fault: "gives an empty range if nobody answers",
    caughtBy: ["CAS-RANGE-09"],
    broken: readsRanges((storage, address, _range, options) =>
      otherwise(storage.get(address, options), UnreachableError, () => new Uint8Array(0)),
    ),
  },
  {
    fault: "does not give the signal on with a range",
    caughtBy: ["CAS-RANGE-10"],
    timeoutMs: 8000,
    broken: readsRanges((storage, address, range) => storage.get(address, { range })),
  },
  {
    fault: "reads the answer to a range to its end",
    caughtBy: ["CAS-RANGE-11"],
    broken: ({ storage, service }) => ({
      storage: {
        async get(address, options = {}) {
          if (options.range !== undefined && service.fault === "endless")
            await service.read(50 * 1024 * 1024);
          return storage.get(address, options);
        },
      },
    }),
  },
  {
    fault: "still reads ranges when it was closed",
    caughtBy: ["CAS-RANGE-12"],
    broken: ({ storage }, { contents }) => ({
      storage: {
        async get(address, options = {}) {
          const { range } = options;
          const held = contents.get(String(address));
          if (range === undefined || held === undefined) return storage.get(address, options);
          return otherwise(storage.get(address, options), Error, (error) => {
            if (options.signal?.aborted) throw error;
            return held.slice(range.offset, range.offset + range.length);
          });
        },
      },
    }),
  },
];
