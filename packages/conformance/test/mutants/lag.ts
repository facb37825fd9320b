import { NotFoundError, type Resolution } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";

/** How long an adapter that declares so takes to show what was written, in milliseconds. */
const DECLARED_LAG_MS = 30;
/** The same of one that does not: no machine is so busy that a case looks only after that. */
const UNDECLARED_LAG_MS = 10_000;

/** An adapter that shows what was written only after a moment. It is sound if it says so. */
export function lagging(declared: boolean): Mutant["broken"] {
  const lag = declared ? DECLARED_LAG_MS : UNDECLARED_LAG_MS;
  return ({ storage, names }, { table }) => {
    const shownAt = new Map<string, number>();
    const older = new Map<string, Resolution>();
    const lags = (key: string): boolean => (shownAt.get(key) ?? 0) > performance.now();
    const readYourWrites = !declared;
    return {
      storage: {
        capabilities: { ...storage.capabilities, readYourWrites },
        async put(content, options) {
          const address = await storage.put(content, options);
          shownAt.set(String(address), performance.now() + lag);
          return address;
        },
        async putMany(contents, options) {
          const outcomes = await storage.putMany!(contents, options);
          for (const outcome of outcomes)
            if (outcome.status === "fulfilled") shownAt.set(String(outcome.value), performance.now() + lag);
          return outcomes;
        },
        async get(address, options) {
          const content = await storage.get(address, options);
          if (!lags(String(address))) return content;
          throw new NotFoundError(`There is no ${address}.`, { operation: "storage.get" });
        },
        has: async (address, options) => (await storage.has(address, options)) && !lags(String(address)),
      },
      names: {
        capabilities: { ...names.capabilities, readYourWrites },
        async update(name, content, options) {
          const held = table.values.get(name);
          const before: Resolution = held
            ? { ...held, content: new Uint8Array(held.content) }
            : { status: "absent" };
          const revision = await names.update(name, content, options);
          if (!lags(name)) older.set(name, before);
          shownAt.set(name, performance.now() + lag);
          return revision;
        },
        async resolve(name, options) {
          const newest = await names.resolve(name, options);
          return lags(name) ? older.get(name)! : newest;
        },
      },
    };
  };
}

/** Adapters that lag behind their own writes. */
export const lagMutants: readonly Mutant[] = [
  {
    fault: "lags behind its writes and declares that it does not",
    caughtBy: ["CAS-PUT-01", "CAS-HAS-01", "CAS-PUT-10", "NS-RESOLVE-02", "NS-UPDATE-01"],
    broken: lagging(false),
  },
];
