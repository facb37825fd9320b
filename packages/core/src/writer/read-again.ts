// Reads of a recovery, which has to get everything.

import { RetryBudget } from "../async/retry.ts";
import type { Remote } from "../remote/remote.ts";

/** A remote of which every read that fails in a way that may pass is repeated. */
export function readAgain(remote: Remote, signal: AbortSignal): Remote {
  const { storage, names } = remote;
  const again = <T>(read: () => Promise<T>): Promise<T> => new RetryBudget({ signal }).run(read);
  return {
    ...remote,
    storage: { ...storage, get: (address, options) => again(() => storage.get(address, options)) },
    names: { ...names, resolve: (name, options) => again(() => names.resolve(name, options)) },
  };
}
