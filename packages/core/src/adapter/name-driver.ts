// What the author of a name resolver writes: a driver, which talks to the service. The shell does the rest.

import type { CompareAndSet, NameCapabilities, Resolution, Revision } from "../remote/name-resolver.ts";
import type { Call } from "./call.ts";
import type { Driver } from "./storage-driver.ts";

/** What a resolve asks for. */
export interface ResolveRequest {
  /** A revision that the caller has already: `"unchanged"` is a possible answer then. */
  readonly known: Revision | undefined;
  /** The maximum number of bytes of content to accept; stop reading past it. */
  readonly limit: number;
}

/** Hears of a subscription's changes. */
export interface ChangeListener {
  /** The name may have changed. Call it after every change, or after the last of several. */
  readonly changed: () => void;
  /** The subscription has ended by itself. The shell subscribes again, and then looks what it missed. */
  readonly lost: (error: unknown) => void;
}

/** Ends a subscription. */
export type Unsubscribe = () => void | Promise<void>;

/** Watches a name. Made by `watchBySubscribing`. */
export type Watch = (name: string, call: Call, translate: (error: unknown) => unknown) => AsyncIterable<void>;

/** A name resolver as its author writes it. {@link defineNames} makes a `NameResolver` out of it. */
export interface NameDriver extends Driver {
  /**
   * What the name system can do. `watch` is declared by being there. `compareAndSet` is `"probed"` if
   * {@link NameDriver.probeCompareAndSet} is there, and only then.
   */
  readonly capabilities: Omit<NameCapabilities, "watch">;

  /**
   * Sets the content of a name. It is a copy, and within the limits.
   *
   * @param expected - the revision that the name must still hold, or `null`: it must not exist yet
   * @returns the new revision; `undefined` only if the service said that the name does not hold `expected`
   */
  update(
    name: string,
    content: Uint8Array,
    expected: Revision | null,
    call: Call,
  ): Promise<Revision | undefined>;

  /** Reads a name; `"absent"` only if the service said so. */
  resolve(name: string, request: ResolveRequest, call: Call): Promise<Resolution>;

  /**
   * Asks the service whether it enforces compare-and-set, for names whose capability is `"probed"`. Called before the first
   * update, and perhaps often: the driver keeps the answer. `update` does as that answer says, and asks itself if need be.
   */
  probeCompareAndSet?(call: Call): Promise<CompareAndSet>;

  /** Tells of changes of a name: made by `watchBySubscribing`. Default: the resolver has no `watch`. */
  readonly watch?: Watch;

  /** There is no such member: hand the function to `watchBySubscribing`, and what that gives to `watch`. */
  readonly subscribe?: never;
}

/**
 * A name resolver that can only be read, as its author writes it. The shell refuses `update` with `ERR_UNSUPPORTED` and the
 * reason `"read-only"`, whatever the content.
 */
export interface ReadOnlyNameDriver extends Omit<NameDriver, "update" | "probeCompareAndSet"> {
  /** Why nothing can be written, and what a caller should do instead, as sentences. */
  readonly readOnly: string;
}
