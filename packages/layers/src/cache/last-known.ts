// The last record of a name that was seen: kept for whoever asks for it, and never given as an answer.

import type { NameResolver, ReaderCache, Revision } from "@remote-log/core";
import {
  bytesEqual,
  concatBytes,
  decodeUtf8,
  encodeUtf8,
  mayPass,
  sha256,
  timeNow,
} from "@remote-log/core/adapter";
import { ask } from "./ask.ts";

/** What a name last held, as far as it was seen. */
export interface LastKnownName {
  readonly content: Uint8Array;
  readonly revision: Revision;
  /** When it was read, in milliseconds since 1970. */
  readonly readAt: number;
}

const HASH_BYTES = 32;

const known = new WeakMap<object, LastKnownName>();

/**
 * What a name last held, if it could not be resolved: for an error of `resolve` through a `cache` that is `offline`. It is out of date, or may be: nobody knows what the name
 * holds now.
 *
 * @returns `undefined` if nothing is known, or the error is of something else
 *
 * @example
 * ```ts
 * import type { NameResolver } from "@remote-log/core";
 * import { lastKnownName } from "@remote-log/layers";
 *
 * async function show(names: NameResolver, name: string): Promise<void> {
 *   try {
 *     console.log(await names.resolve(name));
 *   } catch (error) {
 *     const last = lastKnownName(error);
 *     if (last === undefined) throw error;
 *     console.log("as of", new Date(last.readAt), last.content);
 *   }
 * }
 * ```
 */
export function lastKnownName(error: unknown): LastKnownName | undefined {
  const found = typeof error === "object" && error !== null ? known.get(error) : undefined;
  return found && { ...found, content: found.content.slice() };
}

/** Keeps what names hold. */
export function namesWithMemory(inner: NameResolver, label: string, cache: ReaderCache): NameResolver {
  const keyOf = (name: string): string => `name/${JSON.stringify([label, name])}`;
  return {
    name: inner.name,
    capabilities: inner.capabilities,
    update: (name, content, options) => inner.update(name, content, options),
    async resolve(name, options = {}) {
      try {
        const answer = await inner.resolve(name, options);
        if (answer.status === "found") {
          const record = encodeRecord({ ...answer, readAt: timeNow() });
          await ask(undefined, (signal) => cache.put(keyOf(name), record, { signal, keep: true }));
        }
        return answer;
      } catch (error) {
        if (!mayPass(error)) throw error;
        const record = await ask(undefined, (signal) => cache.get(keyOf(name), { signal }));
        const last = record && decodeRecord(new Uint8Array(record));
        if (last !== undefined) known.set(error, last);
        throw error;
      }
    },
    ...(inner.watch && { watch: (name, options) => inner.watch!(name, options) }),
    ...(inner.probeCompareAndSet && { probeCompareAndSet: (options) => inner.probeCompareAndSet!(options) }),
    ...(inner.close && { close: () => inner.close!() }),
  };
}

// A hash of all that follows, the length of the text, the text, the content.
function encodeRecord({ content, revision, readAt }: LastKnownName): Uint8Array {
  const text = encodeUtf8(JSON.stringify({ revision, readAt }));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length);
  const record = concatBytes([length, text, content]);
  return concatBytes([sha256(record), record]);
}

function decodeRecord(bytes: Uint8Array): LastKnownName | undefined {
  const record = bytes.slice(HASH_BYTES);
  if (!bytesEqual(sha256(record), bytes.slice(0, HASH_BYTES))) return undefined;
  const end = 4 + new DataView(record.buffer).getUint32(0);
  const { revision, readAt } = JSON.parse(decodeUtf8(record.slice(4, end)) ?? "{}") as LastKnownName;
  return { content: record.slice(end), revision, readAt };
}
