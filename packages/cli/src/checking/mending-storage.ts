// A storage that is read whole: what it lacks, or has wrong, is noted, and is got from elsewhere.

import {
  type Address,
  checkContent,
  type GetOptions,
  hasCode,
  isRemoteLogError,
  NotFoundError,
  type StorageBackend,
  UnsupportedError,
} from "@remote-log/core";
import { throwIfAborted } from "@remote-log/core/adapter";

/** An object that a storage should have. */
export interface Fault {
  readonly address: string;
  readonly kind: "missing" | "damaged";
  /** Whether it is there now, as reading it back has shown. */
  mended: boolean;
}

/** What a fault is, by the code of the error that it shows itself by. */
const KINDS: Readonly<Record<string, Fault["kind"]>> = {
  ERR_NOT_FOUND: "missing",
  ERR_NOT_PROPAGATED: "missing",
  ERR_INTEGRITY: "damaged",
  ERR_TOO_LARGE: "damaged",
};

/** Options of a {@link MendingStorage}. */
export interface MendingOptions {
  /** Where an object is got from that the storage does not show, in this order. */
  readonly sources: readonly StorageBackend[];
  /** Whether it is put back. */
  readonly repairs: boolean;
}

/** Reads from a storage, and from others what that does not show. Objects are checked against their addresses. */
export class MendingStorage implements StorageBackend {
  readonly name: string;
  readonly capabilities: StorageBackend["capabilities"];
  readonly #own: StorageBackend;
  readonly #options: MendingOptions;
  readonly #faults = new Map<string, Fault>();
  /** How many objects were read, whoever showed them. */
  objects = 0;
  /** Why an object could not be put back, the last time. */
  refusal: unknown;

  constructor(own: StorageBackend, options: MendingOptions) {
    this.name = own.name;
    const { ranges: _, putMany: __, ...capabilities } = own.capabilities;
    this.capabilities = capabilities;
    this.#own = own;
    this.#options = options;
  }

  /** What was missing or damaged. */
  get faults(): readonly Fault[] {
    return [...this.#faults.values()];
  }

  async get(address: Address, options: GetOptions = {}): Promise<Uint8Array> {
    try {
      const content = await this.#held(address, options);
      this.objects++;
      return content;
    } catch (error) {
      throwIfAborted(options.signal);
      const kind = this.#kindOf(error);
      if (kind === undefined) throw error;
      const fault = this.#note(address, kind);
      const content = await this.#elsewhere(address, options);
      if (content === undefined) throw hasCode(error, "ERR_TIMEOUT") ? absent(address, error) : error;
      if (this.#options.repairs) await this.#putBack(fault, content, address, options);
      this.objects++;
      return content;
    }
  }

  async put(): Promise<Address> {
    throw new UnsupportedError("It is only read.", { operation: "storage.put" });
  }

  async has(): Promise<boolean> {
    throw new UnsupportedError("It is only read.", { operation: "storage.has" });
  }

  // Where others may hold what is read, as in a network, it is put back unless the storage itself holds it.
  async #held(address: Address, options: GetOptions): Promise<Uint8Array> {
    const { repairs } = this.#options;
    if (repairs && this.#isNetwork && !(await this.#own.has(address, { signal: options.signal })))
      throw absent(address);
    return this.#checked(this.#own, address, options);
  }

  get #isNetwork(): boolean {
    return this.#own.capabilities.absence === "local";
  }

  // That nobody showed it in time is all that a network can say.
  #kindOf(error: unknown): Fault["kind"] | undefined {
    if (this.#isNetwork && hasCode(error, "ERR_TIMEOUT")) return "missing";
    return isRemoteLogError(error) ? KINDS[error.code] : undefined;
  }

  #note(address: Address, kind: Fault["kind"]): Fault {
    const text = `${address}`;
    const fault = this.#faults.get(text) ?? { address: text, kind, mended: false };
    this.#faults.set(text, fault);
    return fault;
  }

  async #elsewhere(address: Address, options: GetOptions): Promise<Uint8Array | undefined> {
    for (const source of this.#options.sources) {
      try {
        return await this.#checked(source, address, options);
      } catch {
        throwIfAborted(options.signal);
      }
    }
    return undefined;
  }

  async #checked(storage: StorageBackend, address: Address, options: GetOptions): Promise<Uint8Array> {
    const content = await storage.get(address, options);
    await checkContent(content, address, storage.capabilities.hashTypes);
    return content;
  }

  // What can't be put back is still told: the fault stays.
  async #putBack(fault: Fault, content: Uint8Array, address: Address, { signal }: GetOptions): Promise<void> {
    try {
      const put = await this.#own.put(content, { signal });
      if (!put.equals(address))
        throw new NotFoundError("It was stored at another address.", { operation: "storage.put" });
      await this.#checked(this.#own, address, { signal });
      fault.mended = true;
    } catch (error) {
      throwIfAborted(signal);
      this.refusal = error;
    }
  }
}

function absent(address: Address, cause?: unknown): NotFoundError {
  return new NotFoundError(`Nobody shows ${address}.`, { operation: "storage.get", cause });
}
