// A storage in front of which what was read is kept.

import {
  type Address,
  checkContent,
  type GetOptions,
  hashTypeOf,
  type OperationOptions,
  type ReaderCache,
  type StorageBackend,
  TooLargeError,
} from "@remote-log/core";
import { optionKinds, throwIfAborted } from "@remote-log/core/adapter";
import { ask } from "./ask.ts";

/** A read that is under way. */
interface Reading {
  readonly key: string;
  /** Whether the content was removed meanwhile: then it is not kept. */
  isRemoved: boolean;
}

/** Keeps what is read from a storage. Only whole contents are kept, and only if they are those of their address. */
export function cachedStorage(inner: StorageBackend, cache: ReaderCache): StorageBackend {
  const { capabilities } = inner;
  const readings = new Set<Reading>();
  let isClosed = false;

  async function keptContent(
    key: string,
    address: Address,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array | undefined> {
    const kept = await ask(signal, (within) => cache.get(key, { signal: within }));
    if (kept === undefined) return undefined;
    // A copy: a cache that changes its buffer later must not change what was verified.
    const own = new Uint8Array(kept);
    if (await isContentOf(own, address)) return own;
    await ask(signal, (within) => cache.delete(key, { signal: within }));
    return undefined;
  }

  async function isContentOf(content: Uint8Array, address: Address): Promise<boolean> {
    try {
      await checkContent(content, address, capabilities.hashTypes);
      return true;
    } catch {
      return false;
    }
  }

  async function readAndKeep(key: string, address: Address, options: GetOptions): Promise<Uint8Array> {
    const reading: Reading = { key, isRemoved: false };
    readings.add(reading);
    try {
      const content = await inner.get(address, options);
      const { signal } = options;
      if (!reading.isRemoved && (await isContentOf(content, address)))
        await ask(signal, (within) => cache.put(key, content, { signal: within }));
      if (reading.isRemoved) await forget(key);
      return content;
    } finally {
      readings.delete(reading);
    }
  }

  async function forget(key: string): Promise<void> {
    for (const reading of readings) if (reading.key === key) reading.isRemoved = true;
    await ask(undefined, (within) => cache.delete(key, { signal: within }));
  }

  // Before and after: it may be read while it is being removed.
  function removing(remove: (address: Address, options?: OperationOptions) => Promise<void>) {
    return async (address: Address, options?: OperationOptions): Promise<void> => {
      const key = keyOf(address, inner);
      if (key !== undefined) await forget(key);
      try {
        await remove(address, options);
      } finally {
        if (key !== undefined) await forget(key);
      }
    };
  }

  return {
    ...methodsOf(inner),
    async get(address, options = {}) {
      const { signal, maxBytes, range } = options;
      const key = keyOf(address, inner);
      // What is no call that can be answered the inner one refuses, in its own words.
      if (key === undefined || isClosed || !isUsual(options, capabilities.ranges === true))
        return inner.get(address, options);
      throwIfAborted(signal);
      const kept = await keptContent(key, address, signal);
      if (kept === undefined)
        return range === undefined ? readAndKeep(key, address, options) : inner.get(address, options);
      const part = range === undefined ? kept : kept.slice(range.offset, range.offset + range.length);
      if (maxBytes === undefined || part.length <= maxBytes) return part;
      throw new TooLargeError(
        `The content ${address} has ${part.length} bytes, and at most ${maxBytes} are accepted.`,
        { operation: "storage.get", limit: maxBytes },
      );
    },
    ...(inner.delete && { delete: removing((address, options) => inner.delete!(address, options)) }),
    ...(inner.release && { release: removing((address, options) => inner.release!(address, options)) }),
    ...(inner.close && {
      close: async () => {
        isClosed = true;
        await inner.close!();
      },
    }),
  };
}

function methodsOf(
  inner: StorageBackend,
): Pick<StorageBackend, "name" | "capabilities" | "put" | "has" | "putMany" | "list"> {
  return {
    name: inner.name,
    capabilities: inner.capabilities,
    put: (content, options) => inner.put(content, options),
    has: (address, options) => inner.has(address, options),
    ...(inner.putMany && { putMany: (contents, options) => inner.putMany!(contents, options) }),
    ...(inner.list && { list: (options) => inner.list!(options) }),
  };
}

// An address of a kind that the storage accepts; a structured clone has no text, and would be one with all others.
function keyOf(address: Address, { capabilities }: StorageBackend): string | undefined {
  try {
    hashTypeOf(address, capabilities.hashTypes);
    const key = `${address}`;
    return key.startsWith("b") ? key : undefined;
  } catch {
    return undefined;
  }
}

function isUsual({ signal, maxBytes, range }: GetOptions, hasRanges: boolean): boolean {
  const isLimit = maxBytes === undefined || (typeof maxBytes === "number" && maxBytes >= 0);
  const isSignal = signal === undefined || optionKinds.signal.is(signal);
  return isLimit && isSignal && (range === undefined || (hasRanges && isRange(range, maxBytes)));
}

function isRange(
  range: { readonly offset: number; readonly length: number },
  maxBytes: number | undefined,
): boolean {
  const { offset, length } = range ?? {};
  const isWhole = Number.isSafeInteger(offset) && Number.isSafeInteger(offset + length);
  return isWhole && offset >= 0 && length >= 1 && length <= (maxBytes ?? Number.MAX_SAFE_INTEGER);
}
