// Which objects a storage holds, asked before they are sent: for a remote of which nothing is believed.

import type { Address } from "../address/address.ts";
import { throwIfAborted } from "../async/signals.ts";
import { hasCode } from "../errors/index.ts";
import { LARGEST_CONTENT } from "../log/log-limits.ts";
import { getChecked } from "../remote/checked-get.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";

/** After how many single questions everything that is stored is listed, if the storage can. */
const ASKED_SINGLY = 64;

/** The most addresses that are kept of a list: a storage may hold much besides this log. */
const MOST_LISTED = 2 ** 20;

/** Tells which objects a storage holds: by asking for each, and once these are many by one list, if there is one. */
export class Presence {
  readonly #storage: StorageBackend;
  readonly #damaged: ReadonlySet<string>;
  readonly #reads: boolean;
  readonly #sends: boolean;
  readonly #onAsked: () => void;
  #listed: Promise<ReadonlySet<string> | undefined> | undefined;
  #begun = 0;
  #asked = 0;
  #missing = 0;

  /**
   * @param damaged - objects that count as missing, whatever the storage says
   * @param reads - whether to read each object, and to count one as missing if its bytes are not those of its address
   * @param sends - whether every object counts as missing, and none is asked for
   * @param onAsked - called after each answer
   */
  constructor(
    storage: StorageBackend,
    {
      damaged = [],
      reads = false,
      sends = false,
      onAsked = () => undefined,
    }: {
      readonly damaged?: readonly Address[] | undefined;
      readonly reads?: boolean | undefined;
      readonly sends?: boolean | undefined;
      readonly onAsked?: (() => void) | undefined;
    } = {},
  ) {
    this.#storage = storage;
    this.#reads = reads;
    this.#sends = sends;
    this.#damaged = new Set(damaged.map(String));
    this.#onAsked = onAsked;
  }

  /** Number of objects that were looked for. */
  get asked(): number {
    return this.#asked;
  }

  /** Number of those that were not there. */
  get missing(): number {
    return this.#missing;
  }

  /** Whether the storage holds an object. If it will not say, that counts as no: to send an object again does no harm. */
  async has(address: Address, signal: AbortSignal): Promise<boolean> {
    const held = !this.#damaged.has(address.toString()) && (await this.#holds(address, signal));
    this.#asked++;
    if (!held) this.#missing++;
    this.#onAsked();
    return held;
  }

  async #holds(address: Address, signal: AbortSignal): Promise<boolean> {
    if (this.#sends) return false;
    if (this.#reads) return this.#isWhole(address, signal);
    return this.#asksFor(address, signal);
  }

  async #asksFor(address: Address, signal: AbortSignal): Promise<boolean> {
    if (this.#storage.list !== undefined && ++this.#begun > ASKED_SINGLY) {
      this.#listed ??= this.#list(signal);
      const listed = await this.#listed;
      if (listed !== undefined) return listed.has(address.toString());
    }
    try {
      return await this.#storage.has(address, { signal });
    } catch (error) {
      if (hasCode(error, "ERR_DENIED", "ERR_UNSUPPORTED")) return false;
      throw error;
    }
  }

  async #isWhole(address: Address, signal: AbortSignal): Promise<boolean> {
    // Of what others may hold, a read looks for long and ends without an answer: what counts is this storage.
    const { absence } = this.#storage.capabilities;
    if (absence === "local" && !(await this.#asksFor(address, signal))) return false;
    try {
      await getChecked(this.#storage, address, { maxBytes: LARGEST_CONTENT, signal });
      return true;
    } catch (error) {
      if (hasCode(error, "ERR_NOT_FOUND", "ERR_NOT_PROPAGATED", "ERR_INTEGRITY", "ERR_TOO_LARGE"))
        return false;
      throw error;
    }
  }

  // `undefined` if the storage holds too much, or can't be listed: then each object is asked for.
  async #list(signal: AbortSignal): Promise<ReadonlySet<string> | undefined> {
    const listed = new Set<string>();
    try {
      for await (const address of this.#storage.list!({ signal })) {
        if (listed.size >= MOST_LISTED) return undefined;
        listed.add(address.toString());
      }
      return listed;
    } catch {
      throwIfAborted(signal);
      return undefined;
    }
  }
}
