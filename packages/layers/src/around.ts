// A storage or a name system with something around each of its calls.

import type { NameResolver, OperationOptions, StorageBackend } from "@remote-log/core";
import { optionKinds } from "@remote-log/core/adapter";

/** One call of a method, as a layer sees it. */
export interface LayerCall {
  /** What is called, as `subject.verb`: `"storage.get"`. */
  readonly operation: string;
  /** What the remote is called, or else the storage or the name system. */
  readonly label: string;
  /** The caller's own signal. */
  readonly signal: AbortSignal | undefined;
  /** How many bytes of contents it sends. */
  readonly bytesSent: number;
}

/** What stands around calls. */
export interface Around {
  /** Whether a call may reach the inner one later than it was made. Then its bytes are copied first: they are the caller's. */
  readonly defers: boolean;
  /**
   * Makes a call.
   *
   * @param work - calls the inner one, with a signal
   */
  readonly run: <T>(call: LayerCall, work: (signal: AbortSignal | undefined) => Promise<T>) => Promise<T>;
  /** Makes a call that gives one thing after the other. Default: as it is. */
  readonly iterate?:
    | (<T>(call: LayerCall, open: (signal: AbortSignal | undefined) => AsyncIterable<T>) => AsyncIterable<T>)
    | undefined;
  /** Called when the object is closed, before the inner one is. */
  readonly close?: (() => void) | undefined;
}

/** Puts something around each call of a storage. */
export function aroundStorage(inner: StorageBackend, label: string, around: Around): StorageBackend {
  const { capabilities } = inner;
  const call = caller(label, around);
  // What is too large is refused by the inner one before it is sent, and need not be copied.
  const own = (content: Uint8Array): Uint8Array => copied(content, around, capabilities.largestContent);
  return {
    name: inner.name,
    capabilities,
    put: (content, options) => {
      const copy = own(content);
      return call("storage.put", sizeOf(content), options, (given) => inner.put(copy, given));
    },
    get: (address, options) =>
      call("storage.get", 0, options, (given) => inner.get(address, { ...options, ...given })),
    has: (address, options) => call("storage.has", 0, options, (given) => inner.has(address, given)),
    ...(inner.putMany && {
      putMany: (contents, options) => {
        // What is no list the inner one refuses, in its own words.
        const given: readonly Uint8Array[] = Array.isArray(contents) ? contents : [];
        const copies = given.length > 0 && around.defers ? given.map(own) : contents;
        const bytes = given.reduce((sum, content) => sum + sizeOf(content), 0);
        return call("storage.putMany", bytes, options, (rest) => inner.putMany!(copies, rest));
      },
    }),
    ...(inner.delete && {
      delete: (address, options) =>
        call("storage.delete", 0, options, (given) => inner.delete!(address, given)),
    }),
    ...(inner.release && {
      release: (address, options) =>
        call("storage.release", 0, options, (given) => inner.release!(address, given)),
    }),
    ...(inner.list && {
      list: (options) => steps("storage.list", label, around, options, (given) => inner.list!(given)),
    }),
    ...closing(inner, around),
  };
}

/** Puts something around each call of a name system. */
export function aroundNames(inner: NameResolver, label: string, around: Around): NameResolver {
  const { capabilities } = inner;
  const call = caller(label, around);
  return {
    name: inner.name,
    capabilities,
    update: (name, content, options) => {
      const copy = copied(content, around, capabilities.largestContent);
      return call("names.update", sizeOf(content), options, (given) =>
        inner.update(name, copy, { ...options, ...given }),
      );
    },
    resolve: (name, options) =>
      call("names.resolve", 0, options, (given) => inner.resolve(name, { ...options, ...given })),
    ...(inner.probeCompareAndSet && {
      probeCompareAndSet: (options) =>
        call("names.probe", 0, options, (given) => inner.probeCompareAndSet!(given)),
    }),
    ...(inner.watch && {
      watch: (name, options) =>
        steps("names.watch", label, around, options, (given) => inner.watch!(name, given)),
    }),
    ...closing(inner, around),
  };
}

/** The bytes that came with an answer: those of a content, or of a name. */
export function bytesIn(answer: unknown): number {
  if (answer instanceof Uint8Array) return answer.length;
  const { content } = (answer ?? {}) as { readonly content?: unknown };
  return content instanceof Uint8Array ? content.length : 0;
}

type Given = OperationOptions | undefined;

function caller(label: string, { run }: Around) {
  return <T>(
    operation: string,
    bytesSent: number,
    options: Given,
    work: (options: Given) => Promise<T>,
  ): Promise<T> => {
    // What is no signal the inner one refuses, in its own words.
    if (!isSignal(options?.signal)) return work(options);
    const signal = options?.signal;
    return run({ operation, label, signal, bytesSent }, (other) =>
      work(other === signal ? options : { ...options, signal: other }),
    );
  };
}

function steps<T>(
  operation: string,
  label: string,
  { iterate }: Around,
  options: Given,
  open: (options: Given) => AsyncIterable<T>,
): AsyncIterable<T> {
  if (iterate === undefined || !isSignal(options?.signal)) return open(options);
  const signal = options?.signal;
  return iterate({ operation, label, signal, bytesSent: 0 }, (other) =>
    open(other === signal ? options : { ...options, signal: other }),
  );
}

function closing(inner: { close?(): Promise<void> }, { close }: Around): { close?: () => Promise<void> } {
  if (inner.close === undefined) return {};
  return {
    close: async () => {
      close?.();
      await inner.close?.();
    },
  };
}

function copied(content: Uint8Array, { defers }: Around, largest: number): Uint8Array {
  const isContent = content instanceof Uint8Array && content.length <= largest;
  return defers && isContent ? new Uint8Array(content) : content;
}

function sizeOf(content: unknown): number {
  return content instanceof Uint8Array ? content.length : 0;
}

function isSignal(signal: unknown): boolean {
  return signal === undefined || optionKinds.signal.is(signal);
}
