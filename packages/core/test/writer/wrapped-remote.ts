import type { Address, PutManyLimits, PutOutcome, Remote, StorageBackend } from "../../src/index.ts";

/** One call of a remote's operation. */
export interface Call {
  readonly kind: "put" | "putMany" | "get" | "has" | "delete" | "update" | "resolve";
  /** What is put, or what the name is updated with. */
  readonly content?: Uint8Array;
  /** What is put at once. */
  readonly contents?: readonly Uint8Array[];
  readonly expected?: string | null;
  /** What is read or asked for. */
  readonly address?: Address;
  readonly signal?: AbortSignal | undefined;
}

/** Stands around each operation of a remote: it calls `proceed`, or does not, and may fail before or after. */
export type Around = <T>(call: Call, proceed: () => Promise<T>) => Promise<T>;

/**
 * A remote of which every operation passes a function.
 *
 * @param deletes - whether it has `delete`, if the inner one has. Default: no
 */
export function wrapRemote(remote: Remote, around: Around, deletes = false): Remote {
  const { storage, names } = remote;
  const canDelete = deletes && storage.delete !== undefined;
  const wrapped: StorageBackend = {
    name: storage.name,
    capabilities: { ...storage.capabilities, delete: canDelete, list: false },
    put: (content, options) =>
      around({ kind: "put", content, signal: options?.signal }, () => storage.put(content, options)),
    ...(storage.putMany && {
      putMany: (contents, options) =>
        around({ kind: "putMany", contents, signal: options?.signal }, () =>
          storage.putMany!(contents, options),
        ),
    }),
    get: (address, options) =>
      around({ kind: "get", address, signal: options?.signal }, () => storage.get(address, options)),
    has: (address, options) =>
      around({ kind: "has", address, signal: options?.signal }, () => storage.has(address, options)),
    ...(canDelete && {
      delete: (address, options) =>
        around({ kind: "delete", address, signal: options?.signal }, () => storage.delete!(address, options)),
    }),
  };
  return {
    ...remote,
    storage: wrapped,
    names: {
      name: names.name,
      capabilities: { ...names.capabilities, watch: false },
      update: (name, content, options) =>
        around({ kind: "update", content, expected: options.expected, signal: options.signal }, () =>
          names.update(name, content, options),
        ),
      resolve: (name, options) =>
        around({ kind: "resolve", signal: options?.signal }, () => names.resolve(name, options)),
    },
  };
}

/** The same storage, which takes several contents at once: it puts one after the other, and tells how each ended. */
export function withPutMany(storage: StorageBackend, limits: PutManyLimits): StorageBackend {
  return {
    ...storage,
    capabilities: { ...storage.capabilities, putMany: limits },
    async putMany(contents, options) {
      const outcomes: PutOutcome[] = [];
      for (const content of contents) {
        const [outcome] = await Promise.allSettled([storage.put(content, options)]);
        outcomes.push(outcome);
      }
      return outcomes;
    },
  };
}
