// What a name system promises, for the decisions about it.

import { type CompareAndSet, compareAndSetOf, type NameResolver } from "../remote/name-resolver.ts";
import type { Promises } from "./decide.ts";
import type { NameRetries } from "./name-retries.ts";

/** What a name system promises. What only its service can tell is asked before the first look, and not by opening. */
export class NamePromises {
  readonly #names: NameResolver;
  readonly #retries: NameRetries;
  #compareAndSet: CompareAndSet | undefined;

  constructor(names: NameResolver, retries: NameRetries) {
    this.#names = names;
    this.#retries = retries;
  }

  /** @throws what the service fails with that is asked */
  async get(signal: AbortSignal): Promise<Promises> {
    const names = this.#names;
    const { showsUnacknowledged = false } = names.capabilities;
    this.#compareAndSet ??= await this.#retries.run(() => compareAndSetOf(names, { signal }), signal);
    return { compareAndSet: this.#compareAndSet, showsUnacknowledged };
  }
}
