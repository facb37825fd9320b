import {
  type Address,
  type ByteRange,
  checkContent,
  hashTypeOf,
  type NameResolver,
  type OperationOptions,
  type PutOutcome,
  type Resolution,
  type StorageBackend,
  TooLargeError,
  UnreachableError,
} from "@remote-log/core";
import { changed, type Service } from "./service.ts";

function isPossible({ offset, length }: ByteRange, maxBytes = Number.POSITIVE_INFINITY): boolean {
  const isWhole = [offset, length, offset + length].every((number) => Number.isSafeInteger(number));
  return isWhole && offset >= 0 && length > 0 && length <= maxBytes;
}

/** A sound storage whose requests go to a service that can fail. What it refuses it refuses before a request. */
export function storageOver(service: Service, inner: StorageBackend): StorageBackend {
  const closing = new AbortController();
  const closed = closing.signal;
  const { largestContent, hashTypes, putMany: most } = inner.capabilities;
  const isTooMuch = (contents: readonly Uint8Array[]): boolean =>
    contents.length > most!.contents ||
    contents.some(({ length }) => length > largestContent) ||
    contents.reduce((sum, { length }) => sum + length, 0) > most!.bytes;
  const refuses = (address: Address, { signal }: OperationOptions): boolean => {
    if (closed.aborted || signal?.aborted === true) return true;
    try {
      hashTypeOf(address, hashTypes);
      return false;
    } catch {
      return true;
    }
  };
  return {
    ...inner,

    put(content, options = {}) {
      const { signal } = options;
      const work = (): Promise<Address> => inner.put(content, options);
      if (closed.aborted || signal?.aborted || content.length > largestContent) return work();
      return service.ask({ operation: "storage.put", signal, closed, work });
    },

    ...(inner.putMany && {
      putMany(contents, options = {}) {
        const { signal } = options;
        const work = (): Promise<readonly PutOutcome[]> => inner.putMany!(contents, options);
        if (closed.aborted || signal?.aborted || contents.length === 0 || isTooMuch(contents)) return work();
        return service.ask({ operation: "storage.putMany", signal, closed, work });
      },
    }),

    get(address, options = {}) {
      const { signal, maxBytes, range } = options;
      const operation = "storage.get";
      const work = (): Promise<Uint8Array> => inner.get(address, options);
      if (refuses(address, options) || (range && !isPossible(range, maxBytes))) return work();
      return service.ask({
        operation,
        signal,
        closed,
        work,
        limit: range?.length ?? maxBytes,
        async change(content, fault) {
          const arrived = changed(content, fault);
          if (range && arrived.length > range.length)
            throw new UnreachableError("More came than was asked for.", { operation });
          if (range) return arrived;
          await checkContent(arrived, address, hashTypes);
          return arrived;
        },
      });
    },

    has(address, options = {}) {
      const work = (): Promise<boolean> => inner.has(address, options);
      if (refuses(address, options)) return work();
      return service.ask({ operation: "storage.has", signal: options.signal, closed, work });
    },

    delete(address, options = {}) {
      const work = async (): Promise<void> => inner.delete?.(address, options);
      if (refuses(address, options)) return work();
      return service.ask({ operation: "storage.delete", signal: options.signal, closed, work });
    },

    ...(inner.release && {
      release(address, options = {}) {
        const work = async (): Promise<void> => inner.release?.(address, options);
        if (refuses(address, options)) return work();
        return service.ask({ operation: "storage.release", signal: options.signal, closed, work });
      },
    }),

    async *list(options = {}) {
      const { signal } = options;
      const work = async (): Promise<void> => undefined;
      if (!closed.aborted && signal?.aborted !== true) {
        await service.ask({ operation: "storage.list", signal, closed, work });
      }
      yield* inner.list?.(options) ?? [];
    },

    async close() {
      closing.abort();
      await inner.close?.();
    },
  };
}

/** A sound resolver whose requests go to a service that can fail. */
export function namesOver(service: Service, inner: NameResolver): NameResolver {
  const closing = new AbortController();
  const closed = closing.signal;
  return {
    ...inner,

    update(name, content, options) {
      const { signal } = options;
      const work = (): Promise<string> => inner.update(name, content, options);
      if (closed.aborted || signal?.aborted || content.length > inner.capabilities.largestContent)
        return work();
      return service.ask({ operation: "names.update", signal, closed, work });
    },

    resolve(name, options = {}) {
      const { signal, maxBytes } = options;
      const operation = "names.resolve";
      const work = (): Promise<Resolution> => inner.resolve(name, options);
      if (closed.aborted || signal?.aborted) return work();
      return service.ask({
        operation,
        signal,
        closed,
        work,
        limit: maxBytes,
        change(answer, fault) {
          if (answer.status !== "found") return answer;
          const content = changed(answer.content, fault);
          if (maxBytes === undefined || content.length <= maxBytes) return { ...answer, content };
          throw new TooLargeError("The answer is too long.", { operation, limit: maxBytes });
        },
      });
    },

    async close() {
      closing.abort();
      await inner.close?.();
    },
  };
}
