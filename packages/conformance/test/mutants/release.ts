import { Address, IntegrityError, InvalidInputError, UnreachableError } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";
import { otherwise } from "./wrap.ts";

/** Storages that release too much, too little, or not as they say. */
export const releaseMutants: readonly Mutant[] = [
  {
    fault: "lets go of everything at a release",
    caughtBy: ["CAS-RELEASE-01", "CAS-RELEASE-02", "CAS-RELEASE-06"],
    broken: (_sound, { contents }) => ({ storage: { release: async () => contents.clear() } }),
  },
  {
    fault: "cuts a content that it releases",
    caughtBy: ["CAS-RELEASE-01", "CAS-ABORT-14"],
    broken: ({ storage }, { contents }) => ({
      storage: {
        async release(address, options) {
          await storage.release?.(address, options);
          const held = contents.get(String(address));
          if (held !== undefined) contents.set(String(address), held.slice(0, 10));
        },
      },
    }),
  },
  {
    fault: "rejects where there is nothing to release",
    caughtBy: ["CAS-RELEASE-02", "CAS-RELEASE-06"],
    broken: ({ storage }) => ({
      storage: {
        async release(address, options) {
          await storage.get(address, options);
          await storage.release?.(address, options);
        },
      },
    }),
  },
  {
    fault: "rejects where nothing keeps a content any more",
    caughtBy: ["CAS-RELEASE-03"],
    broken: ({ storage }, { released }) => ({
      storage: {
        async release(address, options) {
          if (released.has(String(address)))
            throw new InvalidInputError("It is not pinned.", { operation: "storage.release" });
          await storage.release?.(address, options);
        },
      },
    }),
  },
  {
    fault: "never takes again what was released",
    caughtBy: ["CAS-RELEASE-04", "CAS-ABORT-14", "CAS-FAULT-42", "CAS-FAULT-43"],
    broken: ({ storage }, { contents }) => {
      const graves = new Set<string>();
      return {
        storage: {
          async put(content, options) {
            const address = await storage.put(content, options);
            if (graves.has(String(address))) contents.delete(String(address));
            return address;
          },
          async release(address, options) {
            graves.add(String(address));
            await storage.release?.(address, options);
          },
        },
      };
    },
  },
  {
    fault: "releases by the beginning of a digest, whatever kind of address it is of",
    caughtBy: ["CAS-RELEASE-05"],
    broken: ({ storage }, { contents, released }) => ({
      storage: {
        async release(address, options) {
          const part = address.digest.join();
          for (const text of contents.keys())
            if (Address.fromString(text).digest.join().startsWith(part)) released.add(text);
          await otherwise(
            Promise.resolve(storage.release?.(address, options)),
            IntegrityError,
            () => undefined,
          );
        },
      },
    }),
  },
  {
    fault: "refuses a release while another one is under way",
    caughtBy: ["CAS-RELEASE-03", "CAS-RELEASE-08"],
    broken: ({ storage }) => {
      let isBusy = false;
      return {
        storage: {
          async release(address, options) {
            if (isBusy) throw new UnreachableError("It is busy.", { operation: "storage.release" });
            isBusy = true;
            await storage.release?.(address, options);
            isBusy = false;
          },
        },
      };
    },
  },
  {
    fault: "releases what is put while it releases something else",
    caughtBy: ["CAS-RELEASE-08"],
    broken: ({ storage }, { released }) => {
      let releasing = 0;
      return {
        storage: {
          async put(content, options) {
            const putting = storage.put(content, options);
            // A turn later: whatever was begun at the same moment has begun.
            await Promise.resolve();
            const isMeanwhile = releasing > 0;
            const address = await putting;
            if (isMeanwhile) released.add(String(address));
            return address;
          },
          async release(address, options) {
            releasing++;
            await storage.release?.(address, options);
            releasing--;
          },
        },
      };
    },
  },
  {
    fault: "does not release",
    caughtBy: ["CAS-RELEASE-09", "CAS-ABORT-14", "CAS-FAULT-42", "CAS-FAULT-43"],
    broken: ({ storage, service }) => ({
      storage: {
        async release(address, options) {
          // It asks its service for something, and that is all.
          await storage.has(address, options);
          service.requests++;
        },
      },
    }),
  },
  {
    fault: "counts how often a content was put, and takes one of them back at a release",
    caughtBy: ["CAS-RELEASE-09"],
    broken: ({ storage }) => {
      const puts = new Map<string, number>();
      return {
        storage: {
          async put(content, options) {
            const address = await storage.put(content, options);
            puts.set(String(address), (puts.get(String(address)) ?? 0) + 1);
            return address;
          },
          async release(address, options) {
            const left = (puts.get(String(address)) ?? 1) - 1;
            puts.set(String(address), left);
            if (left <= 0) await storage.release?.(address, options);
          },
        },
      };
    },
  },
  {
    fault: "does not keep again what is still there after its release",
    caughtBy: ["CAS-RELEASE-10"],
    broken: ({ storage }, { released }) => ({
      storage: {
        async put(content, options) {
          const before = new Set(released);
          const address = await storage.put(content, options);
          if (before.has(String(address))) released.add(String(address));
          return address;
        },
      },
    }),
  },
  {
    fault: "releases although it says that it was refused",
    caughtBy: ["CAS-FAULT-38", "CAS-FAULT-39", "CAS-FAULT-40"],
    broken: ({ storage }, { released }) => ({
      storage: {
        async release(address, options) {
          released.add(String(address));
          await storage.release?.(address, options);
        },
      },
    }),
  },
  {
    fault: "never releases what it failed to release once",
    caughtBy: ["CAS-FAULT-42"],
    broken: ({ storage }, { released }) => {
      const failed = new Set<string>();
      return {
        storage: {
          async release(address, options) {
            await otherwise(
              Promise.resolve(storage.release?.(address, options)),
              UnreachableError,
              (error) => {
                failed.add(String(address));
                throw error;
              },
            );
            if (failed.has(String(address))) released.delete(String(address));
          },
        },
      };
    },
  },
  {
    fault: "names delete in the errors of release",
    caughtBy: ["CAS-ERROR-01"],
    broken: ({ storage }) => ({
      storage: {
        release: (address, options) =>
          otherwise(Promise.resolve(storage.release?.(address, options)), Error, (error) => {
            (error as { operation?: string }).operation = "storage.delete";
            throw error;
          }),
      },
    }),
  },
  {
    fault: "waits for a silent service at a release, also when it is closed",
    timeoutMs: 200,
    caughtBy: ["CAS-FAULT-17", "CAS-FAULT-41"],
    broken: ({ storage, service }) => ({
      storage: {
        async release(address, options) {
          if (service.fault !== "silent") return storage.release?.(address, options);
          await service.ask({
            operation: "storage.release",
            signal: undefined,
            closed: new AbortController().signal,
            work: async () => undefined,
          });
        },
      },
    }),
  },
];
