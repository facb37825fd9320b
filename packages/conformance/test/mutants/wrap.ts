import type { Mutant } from "./mutant.ts";

/** Does a piece of work, and gives something else where it fails in a way. */
export async function otherwise<T>(
  work: Promise<T>,
  kind: abstract new (...args: never[]) => Error,
  other: (error: unknown) => T | Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof kind) return other(error);
    throw error;
  }
}

/** Does what a function does, for every operation of an adapter. */
export function everywhere(wrap: <T>(work: () => Promise<T>) => Promise<T>): Mutant["broken"] {
  return ({ storage, names }) => ({
    storage: {
      put: (content, options) => wrap(() => storage.put(content, options)),
      putMany: (contents, options) => wrap(() => storage.putMany!(contents, options)),
      get: (address, options) => wrap(() => storage.get(address, options)),
      has: (address, options) => wrap(() => storage.has(address, options)),
      delete: (address, options) => wrap(async () => storage.delete?.(address, options)),
      release: (address, options) => wrap(async () => storage.release?.(address, options)),
      async *list(options) {
        const listed: Awaited<ReturnType<typeof storage.put>>[] = [];
        await wrap(async () => {
          for await (const address of storage.list?.(options) ?? []) listed.push(address);
        });
        yield* listed;
      },
    },
    names: {
      update: (name, content, options) => wrap(() => names.update(name, content, options)),
      resolve: (name, options) => wrap(() => names.resolve(name, options)),
    },
  });
}
