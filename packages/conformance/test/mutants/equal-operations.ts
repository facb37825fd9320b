// Adapters that answer equal concurrent calls from one request, and mix up what their callers asked for.

import type { Mutant } from "./mutant.ts";

/** Adapters in which the first caller decides for all. */
export const equalOperationMutants: readonly Mutant[] = [
  {
    fault: "shares the signal of the first of equal calls with the others",
    caughtBy: ["CAS-GET-08", "CAS-PUT-14", "NS-RESOLVE-12"],
    broken: ({ storage, names }) => {
      const share = sharing();
      return {
        storage: {
          put: (content, options = {}) =>
            share(`put ${content.join()}`, options.signal, () => storage.put(content, options)),
          async get(address, options = {}) {
            const key = `get ${address} ${options.maxBytes}`;
            return new Uint8Array(await share(key, options.signal, () => storage.get(address, options)));
          },
        },
        names: {
          resolve: (name, options = {}) =>
            share(`resolve ${name} ${options.maxBytes} ${options.known}`, options.signal, () =>
              names.resolve(name, options),
            ),
        },
      };
    },
  },
  {
    fault: "shares maxBytes of the first of equal calls with the others",
    caughtBy: ["CAS-GET-09", "NS-RESOLVE-13"],
    broken: ({ storage, names }) => {
      const share = sharing();
      return {
        storage: {
          async get(address, { signal, ...options } = {}) {
            if (signal !== undefined) return storage.get(address, { signal, ...options });
            return new Uint8Array(
              await share(`get ${address}`, undefined, () => storage.get(address, options)),
            );
          },
        },
        names: {
          resolve: (name, options = {}) =>
            options.signal !== undefined || options.known !== undefined
              ? names.resolve(name, options)
              : share(`resolve ${name}`, undefined, () => names.resolve(name, options)),
        },
      };
    },
  },
];

/** Has equal calls share the work of the first one, which takes a moment and ends with its signal. */
function sharing(): <T>(key: string, signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<unknown>>();
  return <T>(key: string, signal: AbortSignal | undefined, work: () => Promise<T>) => {
    const shared = running.get(key) as Promise<T> | undefined;
    if (shared !== undefined) return shared;
    const begun = work().then(async (value) => {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, 10);
      });
      signal?.throwIfAborted();
      return value;
    });
    running.set(key, begun);
    const over = (): void => void running.delete(key);
    begun.then(over, over);
    return begun;
  };
}
