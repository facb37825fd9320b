// The shell of a storage: everything that the contract of `StorageBackend` asks of every adapter alike.

import type { Address } from "../address/address.ts";
import { type HashType, hashTypeOf } from "../address/hash-type.ts";
import { IntegrityError, isRemoteLogError, NotFoundError, UnsupportedError } from "../errors/index.ts";
import type {
  GetOptions,
  OperationOptions,
  PutManyLimits,
  PutOutcome,
  StorageBackend,
} from "../remote/storage-backend.ts";
import { requireRuntime } from "../runtime/features.ts";
import type { Call, OperationContext } from "./call.ts";
import {
  checkBytes,
  checkContents,
  checkedAddress,
  checkedRange,
  checkSize,
  isAddress,
  limitOf,
  signalOf,
} from "./check-arguments.ts";
import { connectionFailure } from "./connection-failure.ts";
import { Lifetime } from "./lifetime.ts";
import type { CallLimits, LimitedMethod } from "./limit-calls.ts";
import { refuseWrite } from "./refuse-write.ts";
import { keepRetryAfter } from "./retry-after.ts";
import type { Driver, ReadOnlyStorageDriver, StorageDriver } from "./storage-driver.ts";

/** A storage with the optional methods that its driver has. */
export type DefinedStorage<D extends StorageDriver | ReadOnlyStorageDriver> = StorageBackend &
  Required<Pick<StorageBackend, "close">> &
  (D extends { readonly putMany: unknown } ? Required<Pick<StorageBackend, "putMany">> : unknown) &
  (D extends { readonly delete: unknown } ? Required<Pick<StorageBackend, "delete">> : unknown) &
  (D extends { readonly release: unknown } ? Required<Pick<StorageBackend, "release">> : unknown) &
  (D extends { readonly list: unknown } ? Required<Pick<StorageBackend, "list">> : unknown);

/** A method on one address beside those of the contract; see {@link StorageShell}. */
export interface AddressMethod extends LimitedMethod {
  /** What it does with the address, for messages: `"releasing"`. */
  readonly verb: string;
}

/** A storage in its shell, for adapters that have further methods beside those of the contract. */
export interface StorageShell<D extends StorageDriver | ReadOnlyStorageDriver> {
  /** The storage. */
  readonly storage: DefinedStorage<D>;
  /** Runs a further method on one address as the shell runs `delete`: in the same lifetime, and within the same limits. */
  readonly onAddress: <T>(
    method: AddressMethod,
    address: Address,
    options: OperationOptions | undefined,
    work: (address: Address, call: Call) => Promise<T>,
  ) => Promise<T>;
}

/** The lifetime of a driver's object, for adapters that have further methods beside those of the contract. */
export function lifetimeOf(driver: Driver, what: "storage" | "name resolver"): Lifetime {
  const { place, preposition = "at" } = driver;
  return new Lifetime({
    what,
    translate: (error, context) => translated(driver, error, context),
    release: async () => {
      try {
        await driver.close?.();
      } catch (error) {
        const operation = what === "storage" ? "storage.close" : "names.close";
        const context = { operation, action: `closing the ${what} ${preposition} ${place}` };
        throw isRemoteLogError(error) ? error : driver.translate(error, context);
      }
    },
    interruption: driver.interruption,
  });
}

function translated(driver: Driver, error: unknown, context: OperationContext): unknown {
  return keepRetryAfter(error, connectionFailure(error, context) ?? driver.translate(error, context));
}

/**
 * Makes a storage out of a driver. The shell handles signals, `close`, deadlines, limits and their errors, copies of the
 * caller's bytes, kinds of address, arguments of wrong types, and what an absence is called; the driver talks to its
 * service and translates its answers.
 *
 * @param driver - the author's part
 * @param lifetime - for adapters with further methods: `lifetimeOf(driver, "storage")`, in which these run, too
 * @returns the storage; its methods may be taken off the object
 *
 * @example
 * ```ts
 * import { addressOf, rawSha256 } from "@remote-log/core";
 * import { defineStorage, failureOf } from "@remote-log/core/adapter";
 *
 * const held = new Map<string, Uint8Array>(); // In the place of a service.
 * const storage = defineStorage({
 *   name: "map",
 *   place: "the map",
 *   capabilities: { largestContent: 1024 * 1024, hashTypes: [rawSha256], readYourWrites: true },
 *   async put(content) {
 *     const address = await addressOf(content, rawSha256);
 *     held.set(`${address}`, content);
 *     return address;
 *   },
 *   get: async (address) => held.get(`${address}`),
 *   has: async (address) => held.has(`${address}`),
 *   translate: (cause, context) => failureOf("unreachable", context, { cause }),
 * });
 * ```
 */
export function defineStorage<D extends StorageDriver | ReadOnlyStorageDriver>(
  driver: D,
  lifetime: Lifetime = lifetimeOf(driver, "storage"),
): DefinedStorage<D> {
  return storageShell(driver, lifetime).storage;
}

/**
 * Makes a storage out of a driver, as {@link defineStorage} does, for an adapter with further methods on addresses.
 *
 * @param driver - the author's part
 * @param lifetime - default: one of the storage's own
 *
 * @example
 * ```ts
 * import type { Address, OperationOptions } from "@remote-log/core";
 * import { type StorageDriver, storageShell } from "@remote-log/core/adapter";
 *
 * function open(driver: StorageDriver, unpin: (address: Address, signal: AbortSignal) => Promise<void>) {
 *   const { storage, onAddress } = storageShell(driver);
 *   const method = { operation: "storage.release", verb: "releasing", access: "write" } as const;
 *   const release = (address: Address, options?: OperationOptions) =>
 *     onAddress(method, address, options, (checked, { signal }) => unpin(checked, signal));
 *   return { ...storage, release };
 * }
 * ```
 */
export function storageShell<D extends StorageDriver | ReadOnlyStorageDriver>(
  driver: D,
  lifetime: Lifetime = lifetimeOf(driver, "storage"),
): StorageShell<D> {
  requireRuntime("storage.open");
  const given: StorageDriver | ReadOnlyStorageDriver = driver;
  const writer = "readOnly" in given ? undefined : given;
  const { largestRead, putMany: putManyLimits = USUAL_PUT_MANY, ...declared } = driver.capabilities;
  const hashTypes: readonly HashType[] = Object.freeze([...declared.hashTypes]);
  const { largestContent } = declared;
  const admit = driver.limits ?? unlimited;
  const advice = driver.tooLarge ?? "Split it, or raise `largestContent`.";

  const contextOf = (operation: string, action: string): OperationContext => ({
    operation,
    action: `${action} ${driver.preposition ?? "at"} ${driver.place}`,
  });
  const onAddress: StorageShell<D>["onAddress"] = async (method, given, options, work) => {
    const context = contextOf(method.operation, `${method.verb} ${isAddress(given) ? given : "a content"}`);
    return lifetime.run(context, signalOf(options, context), async (signal) => {
      const address = checkedAddress(given, context);
      hashTypeOf(address, hashTypes);
      return admit(method, { signal, context }, (call) => work(address, call));
    });
  };

  const storage: StorageBackend = {
    name: driver.name,
    capabilities: Object.freeze({
      ...declared,
      hashTypes,
      delete: writer?.delete !== undefined,
      list: driver.list !== undefined,
      ...(writer?.release !== undefined && { release: true }),
      ...(writer?.putMany !== undefined && { putMany: Object.freeze({ ...putManyLimits }) }),
      ...(driver.getRange !== undefined && { ranges: true }),
      ...(driver.getLocal !== undefined && { localReads: true }),
    }),

    async put(content: Uint8Array, options?: OperationOptions) {
      const context = { ...contextOf(PUT.operation, "storing a content"), bytes: content?.length };
      return lifetime.run(context, signalOf(options, context), async (signal) => {
        if ("readOnly" in given) throw refuseWrite(given.readOnly, context);
        checkBytes(content, context);
        checkSize(content.length, largestContent, context, advice);
        // Copied before the first await: the caller may change its bytes as soon as it has the promise.
        const copy = new Uint8Array(content);
        return admit(PUT, { signal, context }, (call) => given.put(copy, call));
      });
    },

    get: (given: Address, options?: GetOptions) =>
      onAddress(GET, given, options, async (address, call) => {
        const limit = limitOf(options?.maxBytes, largestRead ?? largestContent, call.context);
        const range = checkedRange(options?.range, limit, call.context);
        if (range !== undefined && driver.getRange === undefined) throw withoutRanges(call.context);
        const isLocal = options?.local === true;
        if (isLocal && (range !== undefined || driver.getLocal === undefined))
          throw withoutLocalReads(call.context);
        const read = range ? driver.getRange?.(address, range, call) : undefined;
        const own = isLocal ? driver.getLocal?.(address, limit, call) : undefined;
        const content = await (read ?? own ?? driver.get(address, limit, call));
        if (content === undefined) throw absent(address, driver, call.context);
        checkSize(content.length, range?.length ?? limit, call.context, "");
        // A driver may return a part of its pool, or the bytes that it holds itself.
        return new Uint8Array(content);
      }),

    has: (given: Address, options?: OperationOptions) =>
      onAddress(HAS, given, options, (address, call) => driver.has(address, call)),

    close: () => lifetime.close(),
  };

  if (writer?.putMany !== undefined) {
    storage.putMany = async (contents: readonly Uint8Array[], options?: OperationOptions) => {
      const context = contextOf(PUT_MANY.operation, "storing several contents");
      return lifetime.run(context, signalOf(options, context), async (signal) => {
        checkContents(contents, largestContent, putManyLimits, context, advice);
        const copies = contents.map((content) => new Uint8Array(content));
        if (copies.length === 0) return [];
        const answers = await admit(PUT_MANY, { signal, context }, async (call) =>
          writer.putMany!(copies, call),
        );
        if (answers.length !== copies.length) throw otherCount(answers.length, copies.length, context);
        return answers.map((answer) => outcomeOf(answer, driver, context));
      });
    };
  }
  if (writer?.delete !== undefined) {
    storage.delete = (given: Address, options?: OperationOptions) =>
      onAddress(DELETE, given, options, async (address, call) => writer.delete?.(address, call));
  }
  if (writer?.release !== undefined) {
    storage.release = (given: Address, options?: OperationOptions) =>
      onAddress(RELEASE, given, options, async (address, call) => writer.release?.(address, call));
  }
  if (driver.list !== undefined) {
    storage.list = async function* (options?: OperationOptions) {
      const context = contextOf("storage.list", "listing the contents");
      const addresses = lifetime.iterate(context, signalOf(options, context), (signal) =>
        driver.list!({ signal, context }),
      );
      for await (const address of addresses) if (isOf(address, hashTypes)) yield address;
    };
  }
  return { storage: storage as DefinedStorage<D>, onAddress };
}

const PUT = { operation: "storage.put", access: "write" } as const;
const PUT_MANY = { operation: "storage.putMany", access: "write" } as const;
const GET = { operation: "storage.get", verb: "reading", access: "read" } as const;
const HAS = { operation: "storage.has", verb: "looking for", access: "read" } as const;
const RELEASE = { operation: "storage.release", verb: "releasing", access: "write" } as const;
const DELETE = { operation: "storage.delete", verb: "removing", access: "write" } as const;

/** What one call of `putMany` takes, if the driver does not say. */
const USUAL_PUT_MANY: PutManyLimits = { contents: 16, bytes: 2 ** 20 };

const unlimited: CallLimits = ({ operation, milliseconds }, call, work) => {
  if (milliseconds === undefined) return work(call);
  throw new TypeError(`${operation} has a time, so its driver needs \`limits: limitCalls()\`.`);
};

function outcomeOf(answer: Address | Error, driver: Driver, context: OperationContext): PutOutcome {
  if (isAddress(answer)) return { status: "fulfilled", value: answer };
  const reason = isRemoteLogError(answer) ? answer : translated(driver, answer, context);
  return { status: "rejected", reason };
}

function otherCount(
  answers: number,
  contents: number,
  { operation, action }: OperationContext,
): IntegrityError {
  return new IntegrityError(
    `While ${action}: ${answers} contents were answered for, and ${contents} were sent. Store them again.`,
    { operation },
  );
}

function absent(address: Address, { place, preposition = "at" }: Driver, context: OperationContext): Error {
  return new NotFoundError(`There is no content ${address} ${preposition} ${place}.`, {
    operation: context.operation,
  });
}

function withoutRanges({ operation, action }: OperationContext): Error {
  return new UnsupportedError(`While ${action}: it reads whole contents alone, and a range was asked for.`, {
    operation,
    reason: "no-ranges",
  });
}

function withoutLocalReads({ operation, action }: OperationContext): Error {
  return new UnsupportedError(
    `While ${action}: it can't be asked for whole contents of its own store alone, as the option \`local\` asks for.`,
    { operation, reason: "no-local-reads" },
  );
}

function isOf(address: Address, hashTypes: readonly HashType[]): boolean {
  return hashTypes.some(
    ({ codec, hash, digestBytes }) =>
      codec === address.codec && hash === address.hash && digestBytes === address.digest.length,
  );
}
