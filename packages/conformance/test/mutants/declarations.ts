import type { Mutant } from "./mutant.ts";

/** Adapters that are not what they say they are. */
export const declarationMutants: readonly Mutant[] = [
  {
    fault: "has no name and no limit",
    caughtBy: ["CAS-DECL-01", "NS-DECL-01"],
    broken: ({ storage, names }) => ({
      storage: {
        name: "",
        capabilities: { ...storage.capabilities, largestContent: Number.POSITIVE_INFINITY },
      },
      names: { capabilities: { ...names.capabilities, largestContent: 0.5 } },
    }),
  },
  {
    fault: "has methods that it does not declare",
    caughtBy: ["CAS-DECL-02", "CAS-DECL-03", "NS-DECL-02"],
    broken: ({ storage, names }) => ({
      storage: { capabilities: { ...storage.capabilities, delete: false, list: false } },
      names: { capabilities: { ...names.capabilities, watch: false } },
    }),
  },
];
