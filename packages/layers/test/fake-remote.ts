// Storages and names for tests: in memory, with whatever a test puts in the place of a method.

import type { NameResolver, StorageBackend } from "@remote-log/core";
import { UnreachableError } from "@remote-log/core";
import { memoryNames, memoryStorage } from "@remote-log/memory";

/** A storage in memory with some methods replaced, and every call noted. */
export function fakeStorage(
  parts: Partial<StorageBackend> = {},
): StorageBackend & { readonly calls: string[] } {
  return noted({ ...memoryStorage(), ...parts });
}

/** Names in memory with some methods replaced, and every call noted. */
export function fakeNames(parts: Partial<NameResolver> = {}): NameResolver & { readonly calls: string[] } {
  return noted({ ...memoryNames(), ...parts });
}

function noted<T extends object>(inner: T): T & { readonly calls: string[] } {
  const calls: string[] = [];
  const entries = Object.entries(inner).map(([name, member]): [string, unknown] => {
    if (typeof member !== "function") return [name, member];
    return [
      name,
      (...args: unknown[]) => {
        calls.push(name);
        return (member as (...given: unknown[]) => unknown)(...args);
      },
    ];
  });
  return { ...(Object.fromEntries(entries) as T), calls };
}

/** A failure that may pass. */
export function passing(operation = "storage.get", retryAfterMilliseconds?: number): UnreachableError {
  return new UnreachableError("The network is down.", { operation, retryAfterMilliseconds });
}

/** Something that fails a number of times, and then answers. */
export function failing<T>(times: number, error: () => unknown, answer: () => T): () => Promise<T> {
  let left = times;
  return async () => {
    if (left-- > 0) throw error();
    return answer();
  };
}
