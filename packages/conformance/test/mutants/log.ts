import { addressOf, NotFoundError } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";

/** Adapters whose faults a whole log brings to light. */
export const logMutants: readonly Mutant[] = [
  {
    fault: "answers a put before it has begun to store",
    caughtBy: ["LOG-PUBLISH-05", "LOG-COPY-01"],
    broken: ({ storage }) => ({
      storage: {
        async put(content, options) {
          const copy = new Uint8Array(content);
          // So late that no machine is busy enough for a case to look only then.
          setTimeout(() => void storage.put(copy, options).catch(() => undefined), 5_000).unref();
          return addressOf(copy, storage.capabilities.hashTypes[0]!);
        },
      },
    }),
  },
  {
    fault: "loses the first update of a name",
    caughtBy: ["LOG-PUBLISH-07"],
    broken: ({ names }) => ({
      names: {
        async resolve(name, options) {
          const resolution = await names.resolve(name, options);
          return "revision" in resolution && resolution.revision === "1" ? { status: "absent" } : resolution;
        },
      },
    }),
  },
  {
    fault: "acknowledges every update of a name after the first, and keeps none",
    caughtBy: ["LOG-PUBLISH-03", "LOG-RESUME-01", "LOG-CATCHUP-01", "LOG-REMOTES-04"],
    broken: ({ names }) => ({
      names: {
        update: async (name, content, options) =>
          options.expected === null
            ? names.update(name, content, options)
            : String(Number(options.expected) + 1),
      },
    }),
  },
  {
    fault: "holds less under a name than it says",
    caughtBy: ["LOG-PUBLISH-02", "LOG-RESUME-01", "LOG-CATCHUP-01"],
    broken: ({ names }) => ({
      names: { update: (name, content, options) => names.update(name, content.subarray(0, 600), options) },
    }),
  },
  {
    fault: "loses contents of 100 bytes and more",
    caughtBy: ["LOG-PUBLISH-01", "LOG-CATCHUP-02", "LOG-REMOTES-01"],
    broken: losing((size) => size >= 100),
  },
  {
    fault: "loses contents of more than 65,536 bytes",
    caughtBy: ["LOG-PUBLISH-02", "LOG-PUBLISH-06"],
    broken: losing((size) => size > 65_536),
  },
  {
    fault: "puts a header of its own in front of what it stores",
    caughtBy: ["LOG-PUBLISH-01", "LOG-COPY-01", "LOG-COPY-02", "LOG-LIAR-01"],
    broken: ({ storage }) => ({
      storage: {
        put: (content, options) => storage.put(new Uint8Array([1, ...content]), options),
        get: async (address, options) => (await storage.get(address, options)).subarray(1),
      },
    }),
  },
  {
    fault: "shows another instance a name as it was when that first looked",
    caughtBy: ["LOG-PUBLISH-03", "LOG-RESUME-02", "LOG-CATCHUP-01", "LOG-REMOTES-04"],
    broken: ({ names }) => {
      const seen = new Map<string, Awaited<ReturnType<typeof names.resolve>>>();
      return {
        names: {
          async resolve(name, options) {
            const first = seen.get(name);
            if (first?.status === "found") return first;
            const resolution = await names.resolve(name, options);
            seen.set(name, resolution);
            return resolution;
          },
        },
      };
    },
  },
];

/** Contents of some sizes are never found again. */
function losing(lost: (size: number) => boolean): Mutant["broken"] {
  return ({ storage }) => ({
    storage: {
      async get(address, options) {
        const content = await storage.get(address, options);
        if (!lost(content.length)) return content;
        throw new NotFoundError(`There is no ${address}.`, { operation: "storage.get" });
      },
    },
  });
}
