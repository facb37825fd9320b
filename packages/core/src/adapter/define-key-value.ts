// A remote on any key-value service with a conditional write: storage and names out of one description.

import { Address } from "../address/address.ts";
import { addressOf, rawSha256 } from "../address/hash-type.ts";
import { isRemoteLogError } from "../errors/index.ts";
import type { NameResolver } from "../remote/name-resolver.ts";
import type { Remote } from "../remote/remote.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import type { Call, OperationContext } from "./call.ts";
import { checkSize } from "./check-arguments.ts";
import { defineNames } from "./define-names.ts";
import { defineStorage } from "./define-storage.ts";
import { failureOf } from "./failure.ts";
import type { KeyValue, KeyValueDriver, KeyValueStore } from "./key-value-driver.ts";
import type { NameDriver } from "./name-driver.ts";
import { hashedName } from "./name-key.ts";
import { SharedConnection } from "./shared-connection.ts";
import type { StorageDriver } from "./storage-driver.ts";
import { watchBySubscribing } from "./watch-changes.ts";

/** A remote both halves of which can be closed; they share one connection. */
export interface KeyValueRemote extends Remote {
  readonly storage: StorageBackend & Required<Pick<StorageBackend, "close">>;
  readonly names: NameResolver & Required<Pick<NameResolver, "close">>;
}

/**
 * Makes a remote out of a key-value service. Contents are under `<prefix>content-<address>`, names under
 * `<prefix>name-<SHA-256 of the name>`. Nothing is opened before the first operation.
 *
 * @param driver - the author's part
 * @param label - what the remote is called; default the place
 *
 * @example
 * ```ts
 * import { defineKeyValue } from "@remote-log/core/adapter";
 *
 * const held = new Map<string, { value: Uint8Array; revision: string }>(); // In the place of a service.
 * let revisions = 0;
 * const set = (key: string, value: Uint8Array) => {
 *   const revision = String(++revisions);
 *   held.set(key, { value, revision });
 *   return revision;
 * };
 * const remote = defineKeyValue({
 *   name: "map",
 *   place: "the map",
 *   largestValue: 1024 * 1024,
 *   open: async () => ({
 *     get: async (key) => held.get(key),
 *     put: async (key, value) => void set(key, value),
 *     putIf: async (key, value, expected) =>
 *       (held.get(key)?.revision ?? null) === expected ? set(key, value) : undefined,
 *   }),
 * });
 * ```
 */
export function defineKeyValue(driver: KeyValueDriver, label: string = driver.place): KeyValueRemote {
  const { name, place, prefix = "", largestValue, can = {} } = driver;
  const connection = new SharedConnection<KeyValueStore>({
    open: (signal, lost) => driver.open(signal, lost),
    close: (store) => store.close?.(),
  });
  const meaningOf = (error: unknown) => (isRemoteLogError(error) ? error : driver.means?.(error));
  /** Runs a call whose client throws some of the service's answers as errors, and returns such an answer. */
  const unless = async <T, U>(
    meaning: "absent" | "conflict",
    answer: U,
    work: Promise<T>,
  ): Promise<T | U> => {
    try {
      return await work;
    } catch (error) {
      if (meaningOf(error) === meaning) return answer;
      throw error;
    }
  };
  const translate = (error: unknown, context: OperationContext): unknown => {
    const meaning = meaningOf(error) ?? "unreachable";
    if (typeof meaning !== "string") return meaning;
    // Neither "absent" nor "conflict" is an answer here: whatever the service meant, it was not understood.
    const kind = meaning === "absent" || meaning === "conflict" ? "unreachable" : meaning;
    return failureOf(kind, context, { cause: error });
  };
  const connect = async ({ signal, context }: Call, value?: Uint8Array): Promise<KeyValueStore> => {
    const store = await connection.use(signal);
    const limit = store.largestValue ?? largestValue;
    if (value !== undefined)
      checkSize(value.length, limit, context, "It is the limit of the service. Split it.");
    return store;
  };
  const contents = `${prefix}content-`;
  const keyOf = (address: Address): string => `${contents}${address}`;
  const nameKeyOf = (text: string): string => `${prefix}name-${hashedName(text)}`;

  const storage: StorageDriver = {
    name,
    place,
    capabilities: {
      largestContent: largestValue,
      hashTypes: [rawSha256],
      readYourWrites: can.readYourWrites ?? true,
    },
    translate,
    close: connection.hold(),
    async put(content, call) {
      const address = await addressOf(content, rawSha256);
      const store = await connect(call, content);
      await store.put(keyOf(address), content, call);
      return address;
    },
    async get(address, limit, call) {
      const store = await connect(call);
      const found = await unless("absent", undefined, store.get(keyOf(address), { ...call, limit }));
      return known(found, call)?.value;
    },
    async has(address, call) {
      const store = await connect(call);
      if (store.has !== undefined) return unless("absent", false, store.has(keyOf(address), call));
      const read = { ...call, limit: largestValue };
      const found = await unless("absent", undefined, store.get(keyOf(address), read));
      return known(found, call) !== undefined;
    },
    ...(can.delete && {
      delete: async (address, call) => {
        const store = await connect(call);
        await unless("absent", undefined, required(store, "delete", call)(keyOf(address), call));
      },
    }),
    ...(can.list && {
      list: async function* (call) {
        const store = await connect(call);
        for await (const key of required(store, "list", call)(contents, call)) {
          const address = key.startsWith(contents) ? addressIn(key.slice(contents.length)) : undefined;
          if (address !== undefined) yield address;
        }
      },
    }),
  };

  const names: NameDriver = {
    name,
    place,
    capabilities: {
      compareAndSet: "atomic",
      readYourWrites: can.readYourWrites ?? true,
      largestContent: largestValue,
    },
    translate,
    close: connection.hold(),
    async update(text, content, expected, call) {
      const store = await connect(call, content);
      const key = nameKeyOf(text);
      return unless("conflict", undefined, store.putIf(key, content, expected, call));
    },
    async resolve(text, { known: revision, limit }, call) {
      const store = await connect(call);
      const read = { ...call, known: revision, limit };
      const answer = await unless("absent", undefined, store.get(nameKeyOf(text), read));
      if (answer === "unchanged" && revision !== undefined) return { status: "unchanged", revision };
      const found = known(answer, call);
      if (found === undefined) return { status: "absent" };
      return { status: "found", content: found.value, revision: found.revision };
    },
    ...(can.watch && {
      watch: watchBySubscribing(async (text, listener, call) => {
        const held = await connection.useUntilLost(call.signal, (error) => listener.lost(error));
        const watch = required(held.connection, "watch", call);
        const unsubscribe = await watch(nameKeyOf(text), listener, call).catch((error: unknown) => {
          held.forget();
          throw error;
        });
        return () => {
          held.forget();
          return unsubscribe();
        };
      }),
    }),
  };
  return { label, storage: defineStorage(storage), names: defineNames(names) };
}

/** What a key holds. A service that says "unchanged" to somebody who named no revision has said nothing. */
function known(answer: KeyValue | "unchanged" | undefined, { context }: Call): KeyValue | undefined {
  if (answer !== "unchanged") return answer;
  const advice = "It said that nothing has changed, and was not asked about a change. Try again.";
  throw failureOf("unreachable", context, { advice });
}

/** A method that was declared, and is therefore there. */
function required<Method extends "delete" | "list" | "watch">(
  store: KeyValueStore,
  method: Method,
  { context }: Call,
): NonNullable<KeyValueStore[Method]> {
  const found = store[method];
  if (found !== undefined) return found.bind(store) as NonNullable<KeyValueStore[Method]>;
  throw failureOf("unsupported", context, {
    advice: `The driver declares \`${method}\` and has no such method.`,
  });
}

function addressIn(text: string): Address | undefined {
  try {
    return Address.fromString(text);
  } catch {
    return undefined;
  }
}
