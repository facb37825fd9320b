import { withDeadline } from "../deadline.ts";
import type { Remote } from "./remote.ts";

/** How long one request to a backend may take where nothing else is said, in milliseconds. */
export const REQUEST_MILLISECONDS = 60_000;

/** The slowest upload that is waited for. */
const UPLOAD_BYTES_PER_MILLISECOND = 32;

/**
 * The same remote, every request of which ends within a time: a backend that never answers, or that drips, cannot
 * hold a reader or a writer longer, whatever it makes of the signal.
 */
export function withDeadlines(remote: Remote, milliseconds: number): Remote {
  const { storage, names } = remote;
  const limit = <T>(
    operation: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => withDeadline({ milliseconds, operation, backend: remote.label, signal }, work);
  return {
    ...remote,
    storage: {
      name: storage.name,
      capabilities: storage.capabilities,
      put: (content, options) =>
        withDeadline(
          {
            milliseconds: milliseconds + content.length / UPLOAD_BYTES_PER_MILLISECOND,
            operation: "storage.put",
            backend: remote.label,
            signal: options?.signal,
          },
          (signal) => storage.put(content, { ...options, signal }),
        ),
      get: (address, options) =>
        limit("storage.get", options?.signal, (signal) => storage.get(address, { ...options, signal })),
      has: (address, options) =>
        limit("storage.has", options?.signal, (signal) => storage.has(address, { ...options, signal })),
    },
    names: {
      name: names.name,
      capabilities: names.capabilities,
      update: (name, content, options) =>
        limit("names.update", options.signal, (signal) =>
          names.update(name, content, { ...options, signal }),
        ),
      resolve: (name, options) =>
        limit("names.resolve", options?.signal, (signal) => names.resolve(name, { ...options, signal })),
      ...(names.watch && { watch: names.watch.bind(names) }),
    },
  };
}
