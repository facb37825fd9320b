// Stands for the client of your service, and for the service: keys with values and revisions, a compare-and-set, and
// news of changes over one connection. Replace this file by your client.

/** The largest value that the service takes, in bytes. */
export const LARGEST_VALUE: number = 1024 * 1024;

/** What the service refuses: how its client says so. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: string;

  constructor(code: string) {
    super(`The service refused: ${code}`);
    this.code = code;
  }
}

/** Everything that the service holds, and who waits for changes. */
export class Service {
  readonly values: Map<string, { readonly value: Uint8Array; readonly version: number }> = new Map();
  readonly watching: Map<string, Set<() => void>> = new Map();
  versions = 0;
}

/** An open connection. */
export class Client {
  readonly #service: Service;

  private constructor(service: Service) {
    this.#service = service;
  }

  /** Connects. A real client also tells when the connection is lost: by an event, or a promise. */
  static async connect(service: Service, { signal }: { signal: AbortSignal }): Promise<Client> {
    signal.throwIfAborted();
    return new Client(service);
  }

  /** @throws ServiceError `KEY_NOT_FOUND` */
  async get(key: string): Promise<{ readonly value: Uint8Array; readonly version: number }> {
    const found = this.#service.values.get(key);
    if (found === undefined) throw new ServiceError("KEY_NOT_FOUND");
    return found;
  }

  /**
   * Sets a key.
   *
   * @param version - the version that it must still have; 0: it must not be there. Default: whatever it has
   * @throws ServiceError `WRONG_REVISION`
   */
  async set(key: string, value: Uint8Array, version?: number): Promise<number> {
    const { values, watching } = this.#service;
    const held = values.get(key)?.version ?? 0;
    if (version !== undefined && version !== held) throw new ServiceError("WRONG_REVISION");
    values.set(key, { value, version: ++this.#service.versions });
    for (const wake of watching.get(key) ?? []) wake();
    return this.#service.versions;
  }

  async remove(key: string): Promise<void> {
    this.#service.values.delete(key);
  }

  async *keys(prefix: string): AsyncGenerator<string, void, undefined> {
    for (const key of this.#service.values.keys()) if (key.startsWith(prefix)) yield key;
  }

  /** Calls back after every change from now on; the function that is returned ends that. */
  async watch(key: string, changed: () => void): Promise<() => void> {
    const { watching } = this.#service;
    const waiting = watching.get(key) ?? new Set();
    watching.set(key, waiting.add(changed));
    return () => void waiting.delete(changed);
  }

  async close(): Promise<void> {}
}
