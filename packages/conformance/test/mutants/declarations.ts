import { InvalidInputError } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";

/** The worlds in which an instance was opened before. */
const opened = new WeakSet<object>();

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
    fault: "declares absence to be what there is no word for",
    caughtBy: ["CAS-DECL-01"],
    broken: ({ storage }) => ({
      storage: { capabilities: { ...storage.capabilities, absence: "unknown" as "known" } },
    }),
  },
  {
    fault: "declares of one instance that it knows what is not there, and of the next that it does not",
    caughtBy: ["CAS-DECL-04"],
    broken: ({ storage }, world) => {
      const absence = opened.has(world) ? "local" : "known";
      opened.add(world);
      return { storage: { capabilities: { ...storage.capabilities, absence } } };
    },
  },
  {
    fault: "declares of one instance that it can release, and of the next that it can't",
    caughtBy: ["CAS-DECL-04"],
    broken: ({ storage }, world) => {
      const release = opened.has(world);
      opened.add(world);
      return { storage: { capabilities: { ...storage.capabilities, release } } };
    },
  },
  {
    fault: "declares a release that is not there, in words of its own",
    caughtBy: ["CAS-DECL-01", "CAS-DECL-06"],
    broken: ({ storage }) => ({
      storage: {
        capabilities: { ...storage.capabilities, release: "pins" as unknown as boolean },
        release: undefined as never,
      },
    }),
  },
  {
    fault: "has methods that it does not declare",
    caughtBy: ["CAS-DECL-02", "CAS-DECL-03", "CAS-DECL-06", "NS-DECL-02"],
    broken: ({ storage, names }) => ({
      storage: { capabilities: { ...storage.capabilities, delete: false, list: false, release: false } },
      names: { capabilities: { ...names.capabilities, watch: false } },
    }),
  },
  {
    fault: "declares something else each time it is asked",
    caughtBy: ["CAS-DECL-04", "NS-DECL-03"],
    broken: ({ storage, names }) => {
      let asked = 0;
      return {
        storage: {
          capabilities: {
            ...storage.capabilities,
            get largestContent() {
              return 1_000_000 + asked++;
            },
          },
        },
        names: {
          capabilities: {
            ...names.capabilities,
            get largestContent() {
              return 1_000_000 + asked++;
            },
          },
        },
      };
    },
  },
  {
    fault: "refuses options that it does not know",
    caughtBy: ["CAS-DECL-05", "NS-DECL-04"],
    broken: ({ storage, names }) => {
      const check = (options: object = {}): void => {
        const known = ["signal", "maxBytes", "known", "expected"];
        if (Object.keys(options).some((key) => !known.includes(key))) {
          throw new InvalidInputError("There is no such option.", { operation: "options.check" });
        }
      };
      return {
        storage: {
          async put(content, options) {
            check(options);
            return storage.put(content, options);
          },
        },
        names: {
          async update(name, content, options) {
            check(options);
            return names.update(name, content, options);
          },
        },
      };
    },
  },
];
