import {
  NotFoundError,
  type RemoteLogErrorOptions,
  type StorageBackend,
  TimeoutError,
  UnreachableError,
} from "@remote-log/core";
import { localStorage } from "../sequenced/storage.ts";
import type { Mutant } from "./mutant.ts";
import { storageOver } from "./over-service.ts";
import { otherwise } from "./wrap.ts";

const LARGEST_CONTENT = 1_048_576;

const never = new Promise<never>(() => undefined);

/** Storages that say wrongly what they know of what is not there. */
export const localAbsenceMutants: readonly Mutant[] = [
  {
    fault: "is out of time for what is not there, and declares that it would know",
    caughtBy: ["CAS-GET-01", "CAS-GET-02", "CAS-GET-06", "CAS-DELETE-01", "CAS-FAULT-26", "CAS-MODEL-01"],
    broken: ({ storage }) => ({
      storage: {
        get: (address, options) =>
          otherwise(storage.get(address, options), NotFoundError, () => {
            throw new TimeoutError("Nobody showed it.", { operation: "storage.get" });
          }),
      },
    }),
  },
  {
    fault: "knows its own store alone, and looks elsewhere in has",
    caughtBy: ["CAS-LOCAL-01"],
    broken: local((storage) => ({
      has: (address, options) => {
        const look = () => storage.get(address, options).then(() => true);
        // Twice, one after the other: a get that began at the same moment is over long before.
        return otherwise(look(), TimeoutError, () => otherwise(look(), TimeoutError, () => false));
      },
    })),
  },
  {
    fault: "knows its own store alone, and says of all that may be elsewhere that it has it",
    caughtBy: ["CAS-LOCAL-01"],
    broken: local(() => ({ has: async () => true })),
  },
  {
    fault: "says that it reads its own store alone, and looks elsewhere",
    caughtBy: ["CAS-LOCAL-01"],
    broken: local((storage) => ({ capabilities: { ...storage.capabilities, localReads: true } })),
  },
  {
    fault: "says that it reads its own store alone, and makes up what that lacks",
    caughtBy: ["CAS-LOCAL-01"],
    broken: local((storage) => ({
      capabilities: { ...storage.capabilities, localReads: true },
      get: (address, options) =>
        options?.local === true ? Promise.resolve(new Uint8Array(50)) : storage.get(address, options),
    })),
  },
  {
    fault: "says that it reads its own store alone, and lacks there what was stored",
    caughtBy: ["CAS-LOCAL-01"],
    broken: local((storage) => ({
      capabilities: { ...storage.capabilities, localReads: true },
      get: (address, options) => {
        if (options?.local !== true) return storage.get(address, options);
        throw new NotFoundError("It is not here.", { operation: "storage.get" });
      },
    })),
  },
  {
    fault: "knows its own store alone, and looks elsewhere for ever",
    caughtBy: ["CAS-GET-01", "CAS-LOCAL-02"],
    broken: local((storage) => ({ get: missing(storage, () => never) })),
  },
  {
    fault: "knows its own store alone, and is unreachable where nobody shows a content",
    caughtBy: ["CAS-GET-01", "CAS-LOCAL-02", "LOG-LIAR-27"],
    timeoutMs: 5_000,
    broken: local((storage) => ({
      get: missing(storage, (options) => {
        throw new UnreachableError("There are no peers.", options);
      }),
    })),
  },
  {
    fault: "knows its own store alone, and says that a content which nobody shows never comes",
    caughtBy: ["CAS-LOCAL-02"],
    broken: local((storage) => ({
      get: missing(storage, (options) => {
        throw new TimeoutError("Nobody showed it.", { ...options, retry: "never" });
      }),
    })),
  },
  {
    fault: "knows its own store alone, and makes up what nobody shows",
    caughtBy: ["CAS-GET-01", "CAS-LOCAL-02"],
    broken: local((storage) => ({ get: missing(storage, async () => new Uint8Array(3)) })),
  },
  {
    fault: "knows its own store alone, and does not delete there",
    caughtBy: ["CAS-DELETE-01", "CAS-FAULT-26", "CAS-ABORT-10", "CAS-MODEL-01"],
    timeoutMs: 5_000,
    broken: local(() => ({ delete: async () => undefined })),
  },
  {
    fault: "knows its own store alone, and leaves half a content there when a put is aborted",
    caughtBy: ["CAS-ABORT-04", "CAS-ABORT-07"],
    timeoutMs: 5_000,
    broken: local((storage, contents) => ({
      async put(content, { signal } = {}) {
        const address = await storage.put(content);
        contents.set(String(address), content.slice(0, content.length / 2));
        signal?.throwIfAborted();
        return storage.put(content);
      },
    })),
  },
  {
    fault: "looks on elsewhere after its signal has fired",
    caughtBy: ["CAS-LOCAL-03"],
    broken: local((storage) => ({ get: (address) => storage.get(address) })),
  },
  {
    fault: "does nothing else while it looks elsewhere",
    caughtBy: ["CAS-LOCAL-03"],
    broken: local((storage) => {
      let turn: Promise<unknown> = Promise.resolve();
      const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
        const done = turn.then(work);
        turn = done.catch(() => undefined);
        return done;
      };
      return {
        get: (address, options) => inTurn(() => storage.get(address, options)),
        put: (content, options) => inTurn(() => storage.put(content, options)),
      };
    }),
  },
  {
    fault: "looks on elsewhere after it was closed",
    caughtBy: ["CAS-LOCAL-04"],
    broken: local(() => ({ close: async () => undefined })),
  },
];

/** Breaks a sound storage that knows its own store alone. */
function local(
  broken: (storage: StorageBackend, contents: Map<string, Uint8Array>) => Partial<StorageBackend>,
): Mutant["broken"] {
  return ({ service }, world) => {
    const storage = localStorage(world, LARGEST_CONTENT);
    return { storage: storageOver(service, { ...storage, ...broken(storage, world.contents) }) };
  };
}

/** A `get` that does something else once nobody has shown the content. */
function missing(
  storage: StorageBackend,
  other: (options: RemoteLogErrorOptions) => Promise<Uint8Array>,
): StorageBackend["get"] {
  return (address, options) =>
    otherwise(storage.get(address, options), TimeoutError, () => other({ operation: "storage.get" }));
}
