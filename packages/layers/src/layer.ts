// What a layer is, and how several of them stand around one remote.

import { InvalidInputError, type NameResolver, type Remote, type StorageBackend } from "@remote-log/core";

/**
 * Something that stands around a storage, a name system, or both halves of a remote, and has the same interface. It declares what the
 * inner one declares, and has an optional method if and only if the inner one has it.
 */
export interface Layer {
  /** The same remote, with the layer around both halves. */
  (inner: Remote): Remote;
  /** The same storage, with the layer around it. */
  (inner: StorageBackend): StorageBackend;
  /** The same name system, with the layer around it. */
  (inner: NameResolver): NameResolver;
}

/** How a layer wraps each of the two halves. */
interface Wraps {
  /** @param label - that of the remote, or the storage's own name */
  readonly storage: (inner: StorageBackend, label: string) => StorageBackend;
  /** @param label - that of the remote, or the name system's own name */
  readonly names: (inner: NameResolver, label: string) => NameResolver;
}

/** Makes a layer of how it wraps each half. */
export function layerOf({ storage, names }: Wraps): Layer {
  const layer = (inner: Remote | StorageBackend | NameResolver): Remote | StorageBackend | NameResolver => {
    const given: unknown = inner;
    if (has(given, "storage", "object") && has(given, "names", "object")) {
      const remote = inner as Remote;
      const { label } = remote;
      return { ...remote, storage: storage(remote.storage, label), names: names(remote.names, label) };
    }
    if (has(given, "put", "function") && has(given, "get", "function"))
      return storage(inner as StorageBackend, inner.name ?? "");
    if (has(given, "resolve", "function") && has(given, "update", "function"))
      return names(inner as NameResolver, inner.name ?? "");
    throw new InvalidInputError(
      'A layer goes around a remote, such as what fsRemote({ root: "folder" }) of @remote-log/fs returns, around a storage or around names.',
      { operation: "layers.open" },
    );
  };
  return layer as Layer;
}

function has(given: unknown, name: string, type: "object" | "function"): boolean {
  return typeof (given as Readonly<Record<string, unknown>> | null | undefined)?.[name] === type;
}

/**
 * Several layers as one. A call passes through them in the order in which they are written: the first is the outermost.
 *
 * From the outside in, this order is right for almost everybody: `trace`, `cache`, `retry`, `limit`. What the cache holds is neither
 * repeated nor counted; every try of a retry waits for its own turn, and has its own deadline.
 *
 * @example
 * ```ts
 * import { limit, retry, stack } from "@remote-log/layers";
 * import { memoryRemote } from "@remote-log/memory";
 *
 * const remote = stack(retry(), limit({ concurrency: 8 }))(memoryRemote());
 * ```
 */
export function stack(...layers: readonly Layer[]): Layer {
  const around = <T>(inner: T): T =>
    layers.reduceRight((wrapped, layer) => (layer as unknown as (one: T) => T)(wrapped), inner);
  return around;
}
