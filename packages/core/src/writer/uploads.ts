import { IntegrityError } from "../errors/index.ts";
import type { Address } from "../remote/address.ts";
import { addressOf } from "../remote/hash-type.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";

/** Uploads under way at once, per remote. */
const UPLOADS_AT_ONCE = 16;

/** Puts objects into a storage, several at a time, under addresses that were computed before. */
export class Uploads {
  readonly #storage: StorageBackend;
  readonly #signal: AbortSignal;
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(storage: StorageBackend, signal: AbortSignal) {
    this.#storage = storage;
    this.#signal = signal;
  }

  /** The address that a content will have. */
  address(content: Uint8Array): Promise<Address> {
    return addressOf(content, this.#storage.capabilities.hashTypes[0]!);
  }

  /** Begins an upload, once there is room for it; {@link Uploads.settled} tells how it ended. */
  async put(content: Uint8Array, address: Address): Promise<void> {
    while (this.#underWay.size >= UPLOADS_AT_ONCE) await Promise.race(this.#underWay);
    this.#throwFailure();
    const upload: Promise<void> = this.#upload(content, address)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(upload));
    this.#underWay.add(upload);
  }

  /** Waits until every upload that was begun is acknowledged. Rejects with the first failure. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #upload(content: Uint8Array, address: Address): Promise<void> {
    this.#signal.throwIfAborted();
    const answered = await this.#storage.put(content, { signal: this.#signal });
    if (answered.equals(address)) return;
    throw new IntegrityError(
      `${this.#storage.name} answered a put with the address ${answered}, and the content has the address ${address}. ` +
        "The storage does not do what it declares; nothing was published.",
      { operation: "storage.put" },
    );
  }
}
