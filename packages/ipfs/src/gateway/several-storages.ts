import {
  type Address,
  type GetOptions,
  isRemoteLogError,
  type OperationOptions,
  type StorageBackend,
  type StorageCapabilities,
} from "@remote-log/core";
import { hedge, Lifetime, type OperationContext } from "@remote-log/core/adapter";
import { gatewayFailure, readOnly } from "./errors.ts";

/**
 * Several storages that show the same contents: each is asked where those before it failed or are slow. The one that gave
 * a content last is asked first the next time, so that a gateway that is down costs its time once.
 */
export class SeveralStorages implements StorageBackend {
  readonly name: string;
  readonly capabilities: StorageCapabilities;
  readonly #storages: readonly StorageBackend[];
  readonly #patienceMilliseconds: number;
  readonly #lifetime: Lifetime;
  /** Index of the one that is asked first. */
  #first = 0;

  /** @param storages - one at least, with the same capabilities; closed with this one */
  constructor(storages: readonly StorageBackend[], patienceMilliseconds: number) {
    const [one] = storages as readonly [StorageBackend];
    this.name = one.name;
    this.capabilities = one.capabilities;
    this.#storages = storages;
    this.#patienceMilliseconds = patienceMilliseconds;
    this.#lifetime = new Lifetime({
      what: "storage",
      translate: gatewayFailure,
      release: async () => {
        await Promise.all(storages.map(async (storage) => storage.close?.()));
      },
    });
  }

  async put(_content: Uint8Array, { signal }: OperationOptions = {}): Promise<Address> {
    const context = { operation: "storage.put", action: "storing a content at gateways" };
    return this.#lifetime.run(context, signal, () => Promise.reject(readOnly(context)));
  }

  async get(address: Address, options: GetOptions = {}): Promise<Uint8Array> {
    const context = { operation: "storage.get", action: `reading ${address} at several gateways` };
    return this.#inTurn(context, options.signal, (storage, signal) =>
      storage.get(address, { ...options, signal }),
    );
  }

  async has(address: Address, { signal }: OperationOptions = {}): Promise<boolean> {
    const context = { operation: "storage.has", action: `looking for ${address} at several gateways` };
    return this.#lifetime.run(context, signal, async (linked) => {
      let failure: { readonly error: unknown } | undefined;
      for (const storage of this.#storages) {
        try {
          if (await storage.has(address, { signal: linked })) return true;
        } catch (error) {
          linked.throwIfAborted();
          failure ??= { error };
        }
      }
      if (failure !== undefined) throw failure.error;
      return false;
    });
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  #inTurn<T>(
    context: OperationContext,
    signal: AbortSignal | undefined,
    ask: (storage: StorageBackend, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.#lifetime.run(context, signal, async (linked) => {
      const count = this.#storages.length;
      const first = this.#first;
      const order = this.#storages.map((_, i) => (first + i) % count);
      const { value, index } = await hedge(
        order.map((at) => (ended: AbortSignal) => ask(this.#storages[at]!, ended)),
        { patienceMilliseconds: this.#patienceMilliseconds, signal: linked, choose: mostTelling },
      );
      this.#first = order[index]!;
      return value;
    });
  }
}

/** One after which it may be tried again, before one that is final, before an absence. */
function mostTelling(failures: readonly unknown[]): unknown {
  const weight = (error: unknown): number => {
    if (!isRemoteLogError(error)) return 3;
    if (error.retry === "safe") return 2;
    return error.code === "ERR_NOT_FOUND" ? 0 : 1;
  };
  return failures.toSorted((one, other) => weight(other) - weight(one))[0];
}
