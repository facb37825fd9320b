import type { Fault } from "@remote-log/conformance";
import { UnreachableError } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";
import type { Service } from "./service.ts";

/** How an adapter reads a body. */
type Reads = (service: Service, fault: Fault) => Promise<void>;

/** Collects whatever comes, as a client does that reads every body to its end. */
const toItsEnd: Reads = (service, fault) =>
  service.fault === fault ? service.read(Number.POSITIVE_INFINITY) : Promise.resolve();

/** Gives up in the end, once it has far too much. */
const farTooMuch: Reads = async (service, fault) => {
  if (service.fault !== fault) return;
  await service.read(60 * 1024 * 1024);
  throw new UnreachableError("The answer is too long.", { operation: "storage.get" });
};

/** Breaks what a storage and a resolver read. */
const reads =
  (read: Reads, fault: Fault): Mutant["broken"] =>
  ({ storage, names, service }) => ({
    storage: {
      get: (address, options) => read(service, fault).then(() => storage.get(address, options)),
      has: (address, options) => read(service, fault).then(() => storage.has(address, options)),
      async *list(options) {
        await read(service, fault);
        yield* storage.list?.(options) ?? [];
      },
    },
    names: { resolve: (name, options) => read(service, fault).then(() => names.resolve(name, options)) },
  });

/** Breaks what they read of the answers to writes. */
const writes =
  (read: Reads, fault: Fault): Mutant["broken"] =>
  ({ storage, names, service }) => ({
    storage: {
      put: (content, options) => read(service, fault).then(() => storage.put(content, options)),
      delete: (address, options) => read(service, fault).then(() => storage.delete?.(address, options)),
      release: (address, options) => read(service, fault).then(() => storage.release?.(address, options)),
    },
    names: {
      update: (name, content, options) =>
        read(service, fault).then(() => names.update(name, content, options)),
    },
  });

const READS = ["CAS-FAULT-31", "CAS-FAULT-32", "CAS-FAULT-35", "NS-FAULT-28", "NS-FAULT-29"];
const WRITES = ["CAS-FAULT-33", "CAS-FAULT-34", "CAS-FAULT-43", "NS-FAULT-30"];

/** Adapters that read bodies that never end. */
export const endlessAnswerMutants: readonly Mutant[] = [
  {
    fault: "collects what it reads, however much comes",
    caughtBy: READS,
    broken: reads(toItsEnd, "endless"),
  },
  { fault: "collects the answers to its writes", caughtBy: WRITES, broken: writes(toItsEnd, "endless") },
  {
    fault: "collects the text of a failure that answers a read",
    caughtBy: ["CAS-FAULT-36", "NS-FAULT-31"],
    broken: reads(toItsEnd, "endless-failing"),
  },
  {
    fault: "collects the text of a failure that answers a write",
    caughtBy: ["CAS-FAULT-36", "NS-FAULT-31"],
    broken: writes(toItsEnd, "endless-failing"),
  },
  {
    fault: "collects the text of a refusal that answers a read",
    caughtBy: ["CAS-FAULT-37", "NS-FAULT-32"],
    broken: reads(toItsEnd, "endless-denied"),
  },
  {
    fault: "collects the text of a refusal that answers a write",
    caughtBy: ["CAS-FAULT-37", "NS-FAULT-32"],
    broken: writes(toItsEnd, "endless-denied"),
  },
  {
    fault: "reads far more than it may before it refuses",
    caughtBy: ["CAS-FAULT-31", "CAS-FAULT-32", "CAS-FAULT-35", "NS-FAULT-28", "NS-FAULT-29"],
    timeoutMs: 5_000,
    broken: reads(farTooMuch, "endless"),
  },
  {
    fault: "takes a refusal without end for absence",
    caughtBy: ["CAS-FAULT-36", "NS-FAULT-31"],
    broken: ({ storage, names, service }) => ({
      storage: {
        has: (address, options) =>
          service.fault === "endless-failing" ? Promise.resolve(false) : storage.has(address, options),
      },
      names: {
        resolve: (name, options) =>
          service.fault === "endless-failing"
            ? Promise.resolve({ status: "absent" })
            : names.resolve(name, options),
      },
    }),
  },
];
