// Adapters whose errors say the wrong thing, or too little; and fixtures that bring about no fault.

import {
  type OperationOptions,
  RemoteLogError,
  UnreachableError,
  type UpdateOptions,
} from "@remote-log/core";
import { ownAttemptMutant } from "./fault-outcomes.ts";
import type { Mutant } from "./mutant.ts";
import { everywhere, otherwise } from "./wrap.ts";

/** Errors that mislead whoever reads them. */
const misleading: readonly Mutant[] = [
  {
    fault: "names another operation in its errors",
    caughtBy: ["CAS-ERROR-01", "NS-ERROR-01"],
    broken: exceptLists((work) =>
      otherwise(work(), RemoteLogError, (error) => {
        (error as { operation: string }).operation = "client.request";
        throw error;
      }),
    ),
  },
  {
    fault: "names get in the errors of has, and resolve in those of update",
    caughtBy: ["CAS-ERROR-01", "NS-ERROR-01"],
    broken: ({ storage, names }) => {
      const misname = <T>(work: Promise<T>, operation: string): Promise<T> =>
        otherwise(work, RemoteLogError, (error) => {
          (error as { operation: string }).operation = operation;
          throw error;
        });
      return {
        storage: { has: (address, options) => misname(storage.has(address, options), "storage.get") },
        names: {
          update: (name, content, options) => misname(names.update(name, content, options), "names.resolve"),
        },
      };
    },
  },
  {
    fault: "drops what its connection said",
    caughtBy: ["CAS-ERROR-02", "NS-ERROR-02"],
    broken: exceptLists((work) =>
      otherwise(work(), UnreachableError, (error) => {
        const { message, operation } = error as RemoteLogError;
        throw new UnreachableError(message, { operation });
      }),
    ),
  },
];

/** Fixtures in which nothing meets a fault: their adapters may be sound, but no case shows it. */
const unmet: readonly Mutant[] = [
  {
    fault: "has a fixture whose faults are none",
    caughtBy: [
      ...["CAS-FAULT-23", "CAS-FAULT-24", "CAS-FAULT-26", "CAS-FAULT-27", "NS-FAULT-13", "NS-FAULT-14"],
      ...["NS-FAULT-16", "CAS-FAULT-11", "NS-FAULT-05", "CAS-FAULT-18", "NS-FAULT-08", "NS-FAULT-11"],
    ],
    broken: ({ service: { kinds } }) => ({
      faults: { kinds, begin: () => undefined, end: () => undefined, met: () => 0 },
    }),
  },
  {
    fault: "counts a request before it is sent, and takes its own first attempt for the write of another",
    timeoutMs: 2_000,
    caughtBy: ["CAS-FAULT-24", "NS-FAULT-14"],
    broken: (sound, world) => {
      const { service, storage, names } = sound;
      let counted = 0;
      const sent = async <T>(isSent: boolean, work: () => Promise<T>): Promise<T> => {
        if (!isSent) return work();
        counted++;
        await new Promise<void>((resolve) => {
          setTimeout(resolve, 5);
        });
        return work();
      };
      const fits = (content: Uint8Array, limit: number, signal?: AbortSignal): boolean =>
        content.length <= limit && signal?.aborted !== true;
      const slow = {
        ...sound,
        storage: {
          ...storage,
          put(content: Uint8Array, options?: OperationOptions) {
            const copy = new Uint8Array(content);
            const isSent = fits(content, storage.capabilities.largestContent, options?.signal);
            return sent(isSent, () => storage.put(copy, options));
          },
        },
        names: {
          ...names,
          update(name: string, content: Uint8Array, options: UpdateOptions) {
            const copy = new Uint8Array(content);
            const isSent = fits(content, names.capabilities.largestContent, options.signal);
            return sent(isSent, () => names.update(name, copy, options));
          },
        },
      };
      return { ...ownAttemptMutant.broken(slow, world), requests: () => counted + service.requests };
    },
  },
];

/** Does what a function does, for every operation but `list`, which is sound. */
function exceptLists(wrap: Parameters<typeof everywhere>[0]): Mutant["broken"] {
  return (sound, world) => {
    const { storage = {}, ...rest } = everywhere(wrap)(sound, world);
    const { list: _sound, ...others } = storage;
    return { ...rest, storage: others };
  };
}

/** Adapters whose errors mislead, and fixtures that mislead the suite. */
export const errorMutants: readonly Mutant[] = [...misleading, ...unmet];
