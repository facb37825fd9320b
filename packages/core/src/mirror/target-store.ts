// The storage that a log is mirrored to: what is put there, and what is there already.

import { Address } from "../address/address.ts";
import { addressOf, type HashType, rawSha256 } from "../address/hash-type.ts";
import { type Retry, RetryBudget } from "../async/retry.ts";
import { throwIfAborted } from "../async/signals.ts";
import { LARGEST_PAGE } from "../log/log-limits.ts";
import { getChecked } from "../remote/checked-get.ts";
import { putChecked } from "../remote/checked-put.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";

/** The target failed, and not the source: another source would not help. */
export class TargetFailure extends Error {}

/** After this many objects in a row that are not there, the rest is taken to be missing without asking. */
const MOST_ABSENT = 64;

/** Options of a {@link TargetStore}. */
export interface TargetStoreOptions {
  /** Whether objects that are there already are not stored again. */
  readonly resume: boolean;
  /** How often one upload is repeated. */
  readonly retries: number;
  /** Called before each wait. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

/** Stores objects in a target, again after failures that may pass. */
export class TargetStore {
  readonly storage: StorageBackend;
  /** The kind of the addresses there. */
  readonly type: HashType;
  readonly #signal: AbortSignal;
  readonly #budget: RetryBudget;
  readonly #retries: number;
  #asks: boolean;
  #absent = 0;

  constructor(
    storage: StorageBackend,
    { resume, retries, onRetry }: TargetStoreOptions,
    signal: AbortSignal,
  ) {
    this.#retries = retries;
    this.#budget = new RetryBudget({ signal, failsAsOne: false, onRetry });
    this.storage = storage;
    this.type = storage.capabilities.hashTypes[0]!;
    this.#asks = resume;
    this.#signal = signal;
  }

  /** The largest page, node or head there, in bytes. */
  get largestPage(): number {
    return Math.min(LARGEST_PAGE, this.storage.capabilities.largestContent);
  }

  /** The address of a content there. */
  address(content: Uint8Array): Promise<Address> {
    return addressOf(content, this.type);
  }

  /** The address that a content with this SHA-256 has there, if that follows from it. */
  addressOfHash(contentHash: Uint8Array): Address | undefined {
    const { codec, hash, digestBytes } = this.type;
    const isRaw =
      codec === rawSha256.codec && hash === rawSha256.hash && digestBytes === rawSha256.digestBytes;
    return isRaw ? Address.create(codec, hash, contentHash) : undefined;
  }

  /** @throws TargetFailure with the cause */
  async put(content: Uint8Array, address: Address): Promise<void> {
    const put = (): Promise<void> => putChecked(this.storage, content, address, this.#signal);
    try {
      await this.#budget.run(put, { most: this.#retries + 1 });
    } catch (cause) {
      throwIfAborted(this.#signal);
      throw new TargetFailure("The target failed.", { cause });
    }
  }

  /**
   * An object that is there, checked.
   *
   * @throws what the target failed with
   */
  read(address: Address, maxBytes: number): Promise<Uint8Array> {
    const get = (): Promise<Uint8Array> =>
      getChecked(this.storage, address, { maxBytes, signal: this.#signal });
    return this.#budget.run(get, { most: this.#retries + 1 });
  }

  /** An object that an earlier mirroring, which did not finish, has stored; read from the target and checked. */
  async stored(address: Address, maxBytes: number): Promise<Uint8Array | undefined> {
    return this.#found(async () => getChecked(this.storage, address, { maxBytes, signal: this.#signal }));
  }

  /** Whether an earlier mirroring, which did not finish, has stored a content. */
  async isStored(address: Address): Promise<boolean> {
    return (await this.#found(async () => (await this.holds(address)) || undefined)) === true;
  }

  /** Whether the target says that it has a content; `false` in any doubt. */
  async holds(address: Address): Promise<boolean> {
    try {
      return await this.storage.has(address, { signal: this.#signal });
    } catch {
      throwIfAborted(this.#signal);
      return false;
    }
  }

  async #found<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
    if (!this.#asks) return undefined;
    let found: T | undefined;
    try {
      found = await look();
    } catch {
      throwIfAborted(this.#signal);
    }
    this.#absent = found === undefined ? this.#absent + 1 : 0;
    if (this.#absent >= MOST_ABSENT) this.#asks = false;
    return found;
  }
}
