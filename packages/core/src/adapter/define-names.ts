// The shell of a name resolver: everything that the contract of `NameResolver` asks of every adapter alike.

import { NameConflictError, UnreachableError } from "../errors/index.ts";
import type {
  NameResolver,
  Resolution,
  ResolveOptions,
  Revision,
  UpdateOptions,
} from "../remote/name-resolver.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import { requireRuntime } from "../runtime/features.ts";
import type { Call, OperationContext } from "./call.ts";
import {
  checkBytes,
  checkExpected,
  checkKnown,
  checkName,
  checkSize,
  limitOf,
  signalOf,
} from "./check-arguments.ts";
import { lifetimeOf } from "./define-storage.ts";
import type { Lifetime } from "./lifetime.ts";
import type { NameDriver, ReadOnlyNameDriver } from "./name-driver.ts";
import { refuseWrite } from "./refuse-write.ts";

/** A resolver with the optional methods that its driver has. */
export type DefinedNames<D extends NameDriver | ReadOnlyNameDriver> = NameResolver &
  Required<Pick<NameResolver, "close">> &
  (D extends { readonly watch: unknown } ? Required<Pick<NameResolver, "watch">> : unknown);

/** A method on one name beside those of the contract; see {@link NamesShell}. */
export interface NameMethod {
  /** The operation, for errors: `"ipns.get"`. */
  readonly operation: string;
  /** What it does, for messages, with "the name" after it: `"reading the record of"`. */
  readonly verb: string;
}

/** A name resolver in its shell, for adapters that have further methods beside those of the contract. */
export interface NamesShell<D extends NameDriver | ReadOnlyNameDriver> {
  /** The resolver. */
  readonly names: DefinedNames<D>;
  /** Runs a further method on one name as the shell runs `resolve`: in the same lifetime, once the name is checked. */
  readonly onName: <T>(
    method: NameMethod,
    name: string,
    options: OperationOptions | undefined,
    work: (call: Call) => Promise<T>,
  ) => Promise<T>;
}

/** The longest name that messages show whole, in characters. */
const SHOWN = 110;

/**
 * Makes a name resolver out of a driver. The shell handles signals, `close`, limits and their errors, copies of the caller's
 * bytes, arguments of wrong types, what a conflict is called, and a `watch` that misses nothing; the driver talks to its
 * service and translates its answers.
 *
 * @param driver - the author's part
 * @param lifetime - for adapters with further methods: `lifetimeOf(driver, "name resolver")`, in which these run, too
 * @returns the resolver; its methods may be taken off the object
 *
 * @example
 * ```ts
 * import { defineNames, failureOf } from "@remote-log/core/adapter";
 *
 * const held = new Map<string, { content: Uint8Array; revision: string }>(); // In the place of a service.
 * const names = defineNames({
 *   name: "map",
 *   place: "the map",
 *   capabilities: { compareAndSet: "atomic", readYourWrites: true, largestContent: 64 * 1024 },
 *   async update(name, content, expected) {
 *     const before = held.get(name)?.revision ?? null;
 *     if (before !== expected) return undefined;
 *     const revision = String(Number(before) + 1);
 *     held.set(name, { content, revision });
 *     return revision;
 *   },
 *   async resolve(name) {
 *     const found = held.get(name);
 *     return found === undefined ? { status: "absent" } : { status: "found", ...found };
 *   },
 *   translate: (cause, context) => failureOf("unreachable", context, { cause }),
 * });
 * ```
 */
export function defineNames<D extends NameDriver | ReadOnlyNameDriver>(
  driver: D,
  lifetime: Lifetime = lifetimeOf(driver, "name resolver"),
): DefinedNames<D> {
  return namesShell(driver, lifetime).names;
}

/**
 * Makes a name resolver out of a driver, as {@link defineNames} does, for an adapter with further methods on names.
 *
 * @param driver - the author's part
 * @param lifetime - default: one of the resolver's own
 *
 * @example
 * ```ts
 * import { type NameDriver, namesShell } from "@remote-log/core/adapter";
 *
 * function open(driver: NameDriver, read: (name: string, signal: AbortSignal) => Promise<Uint8Array>) {
 *   const { names, onName } = namesShell(driver);
 *   const method = { operation: "names.record", verb: "reading the record of" };
 *   return { ...names, record: (name: string) => onName(method, name, {}, ({ signal }) => read(name, signal)) };
 * }
 * ```
 */
export function namesShell<D extends NameDriver | ReadOnlyNameDriver>(
  driver: D,
  lifetime: Lifetime = lifetimeOf(driver, "name resolver"),
): NamesShell<D> {
  requireRuntime("names.open");
  const given: NameDriver | ReadOnlyNameDriver = driver;
  const { largestContent } = driver.capabilities;

  const contextOf = (operation: string, verb: string, name: string): OperationContext => ({
    operation,
    action: `${verb} the name ${shownName(name)} ${driver.preposition ?? "at"} ${driver.place}`,
  });
  const onName: NamesShell<D>["onName"] = async ({ operation, verb }, name, options, work) => {
    const context = contextOf(operation, verb, name);
    return lifetime.run(context, signalOf(options, context), async (signal) => {
      checkName(name, context);
      return work({ signal, context });
    });
  };

  const names: NameResolver = {
    name: driver.name,
    capabilities: Object.freeze({ ...driver.capabilities, watch: driver.watch !== undefined }),

    async update(name: string, content: Uint8Array, options: UpdateOptions) {
      const context = { ...contextOf("names.update", "updating", name), bytes: content?.length };
      return lifetime.run(context, signalOf(options, context), async (signal) => {
        if ("readOnly" in given) throw refuseWrite(given.readOnly, context);
        checkName(name, context);
        checkBytes(content, context);
        const expected: unknown = options?.expected;
        checkExpected(expected, context);
        const advice = driver.tooLarge ?? "Store it as a content, and let the name point at it.";
        checkSize(content.length, largestContent, context, advice);
        // Copied before the first await: the caller may change its bytes as soon as it has the promise.
        const copy = new Uint8Array(content);
        const revision = await given.update(name, copy, expected, { signal, context });
        if (revision === undefined) throw nameConflict(expected, context);
        return revision;
      });
    },

    resolve: (name: string, options?: ResolveOptions) =>
      onName(
        { operation: "names.resolve", verb: "resolving" },
        name,
        options,
        async ({ signal, context }) => {
          const known: unknown = options?.known;
          checkKnown(known, context);
          const limit = limitOf(options?.maxBytes, largestContent, context);
          const resolution = await driver.resolve(name, { known, limit }, { signal, context });
          return checkedResolution(resolution, known, limit, context);
        },
      ),

    close: () => lifetime.close(),
  };

  if ("probeCompareAndSet" in given && driver.capabilities.compareAndSet === "probed") {
    names.probeCompareAndSet = async (options?: OperationOptions) => {
      const action = `finding out whether compare-and-set is enforced ${driver.preposition ?? "at"} ${driver.place}`;
      const context: OperationContext = { operation: "names.probe", action };
      return lifetime.run(context, signalOf(options, context), (signal) =>
        given.probeCompareAndSet!({ signal, context }),
      );
    };
  }

  const { watch } = driver;
  if (watch !== undefined) {
    names.watch = async function* (name: string, options?: OperationOptions) {
      const context = contextOf("names.watch", "watching", name);
      yield* lifetime.iterate(context, signalOf(options, context), (signal) => {
        checkName(name, context);
        return watch(name, { signal, context }, (error) => driver.translate(error, context));
      });
    };
  }
  return { names: names as DefinedNames<D>, onName };
}

/** A name as messages show it: quoted, and not longer than a line. What is no text is not shown. */
export function shownName(name: unknown): string {
  if (typeof name !== "string") return "…";
  return JSON.stringify(name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name);
}

/** The refusal of an update that expected another revision. */
export function nameConflict(expected: Revision | null, context: OperationContext): NameConflictError {
  const should = expected === null ? "does not exist yet" : `holds the revision ${JSON.stringify(expected)}`;
  return new NameConflictError(
    `While ${context.action}, it was expected that the name ${should}, and that is not so. It was left as it ` +
      "is. Resolve it to see what it holds.",
    { operation: context.operation },
  );
}

function checkedResolution(
  resolution: Resolution,
  known: Revision | undefined,
  limit: number,
  context: OperationContext,
): Resolution {
  if (resolution.status === "absent") {
    return { status: "absent", ...(resolution.placeMissing === true && { placeMissing: true }) };
  }
  const { revision } = resolution;
  // A service that can't compare by itself has sent the content once more; the caller need not look at it again.
  if (resolution.status === "found" && (known === undefined || revision !== known)) {
    checkSize(resolution.content.length, limit, context, "");
    return { ...resolution, content: new Uint8Array(resolution.content) };
  }
  if (known !== undefined && revision === known) return { status: "unchanged", revision };
  throw new UnreachableError(
    `While ${context.action}: it said that nothing has changed, and was not asked about a change. Try again.`,
    { operation: context.operation },
  );
}
