import { InvalidInputError, NameConflictError, type NameResolver, StaleError } from "@remote-log/core";
import { type Records, sequencedNames } from "../sequenced/names.ts";
import type { Mutant } from "./mutant.ts";
import { namesOver } from "./over-service.ts";
import { otherwise } from "./wrap.ts";

const worlds = new WeakMap<object, Records>();

/** Resolvers of systems that compare nothing, where writers count. */
export const looseNameMutants: readonly Mutant[] = [
  {
    fault: "says yes to an update that is older than what the name holds, and drops it",
    caughtBy: ["NS-UPDATE-13", "NS-MODEL-01"],
    broken: loose((names) => ({
      update: (name, content, options) =>
        otherwise(names.update(name, content, options), NameConflictError, () => "0-dropped"),
    })),
  },
  {
    fault: "takes an older update under the revision that the name has",
    caughtBy: ["NS-UPDATE-13", "NS-MODEL-01"],
    broken: loose((names, records) => ({
      update: (name, content, options) =>
        otherwise(names.update(name, content, options), NameConflictError, () => {
          const states = records.get(name)!;
          const newest = states.pop()!;
          states.push({ ...newest, content: new Uint8Array(content) });
          return newest.revision;
        }),
    })),
  },
  {
    fault: "refuses an older update with an error of another kind",
    caughtBy: ["NS-UPDATE-13", "NS-MODEL-01"],
    broken: loose((names) => ({
      update: (name, content, options) =>
        otherwise(names.update(name, content, options), NameConflictError, () => {
          throw new InvalidInputError("Its number is too small.", { operation: "names.update" });
        }),
    })),
  },
  {
    fault: "compares numbers as texts, and refuses the tenth update of its only writer",
    caughtBy: ["NS-UPDATE-01", "NS-UPDATE-13"],
    broken: loose((names, records) => ({
      async update(name, content, options) {
        const held = records.get(name)?.at(-1);
        if (held !== undefined && held.sequence === 9) {
          throw new NameConflictError("9 is above 10.", { operation: "names.update" });
        }
        return names.update(name, content, options);
      },
    })),
  },
  {
    fault: "counts an update twice that was sent twice, and tells of the first alone",
    caughtBy: ["NS-UPDATE-14"],
    broken: loose((names) => {
      const sent = new Set<string>();
      return {
        async update(name, content, options) {
          const revision = await names.update(name, content, options);
          const key = `${name}/${revision}`;
          if (sent.has(key)) await names.update(name, content, { ...options, expected: revision });
          sent.add(key);
          return revision;
        },
      };
    }),
  },
  {
    fault: "calls the very revision stale that the caller knows",
    caughtBy: ["NS-RESOLVE-04", "NS-RESOLVE-05", "NS-MODEL-01"],
    broken: loose((names) => ({
      async resolve(name, options) {
        const resolution = await names.resolve(name, options);
        return resolution.status === "unchanged" ? stale() : resolution;
      },
    })),
  },
  {
    fault: "calls a name stale where the caller knows an older revision",
    caughtBy: ["NS-RESOLVE-06", "NS-MODEL-01"],
    broken: loose((names) => ({
      async resolve(name, options) {
        const resolution = await names.resolve(name, options);
        return options?.known !== undefined && resolution.status === "found" ? stale() : resolution;
      },
    })),
  },
  {
    fault: "calls what it shows stale now and then, and declares that it never lags",
    caughtBy: ["NS-RESOLVE-10"],
    broken: loose((names) => {
      let asked = 0;
      return {
        resolve: async (name, options) => (++asked % 2 === 0 ? stale() : names.resolve(name, options)),
      };
    }),
  },
];

function stale(): never {
  throw new StaleError("All that shows is out of date.", { operation: "names.resolve" });
}

/** Breaks a sound resolver of a system that compares nothing, and does not lag. */
function loose(broken: (names: NameResolver, records: Records) => Partial<NameResolver>): Mutant["broken"] {
  return ({ service }, world) => {
    const records: Records = worlds.get(world) ?? new Map();
    worlds.set(world, records);
    const names = sequencedNames({ records, largestContent: 100_000, shownAfterMs: 0, remembers: true });
    return { names: namesOver(service, { ...names, ...broken(names, records) }) };
  };
}
