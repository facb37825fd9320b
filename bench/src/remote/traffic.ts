import type { NameResolver, Remote, StorageBackend } from "@remote-log/core";

/** What went to a service and came from it. */
export interface Traffic {
  /** What was uploaded. */
  readonly puts: readonly Uint8Array[];
  /** What was asked for, by its address. */
  readonly gets: readonly string[];
}

/** Notes what goes to a service, so that the bare requests for the same can be sent afterwards. */
export class TrafficRecorder {
  #puts: Uint8Array[] = [];
  #gets: string[] = [];

  /** Notes an upload. */
  put(bytes: Uint8Array): void {
    this.#puts.push(new Uint8Array(bytes));
  }

  /** Notes a read. */
  get(address: string): void {
    this.#gets.push(address);
  }

  /** What was noted since the last call. */
  take(): Traffic {
    const taken = { puts: this.#puts, gets: this.#gets };
    this.#puts = [];
    this.#gets = [];
    return taken;
  }

  /** The same remote, with the contents and heads that go through it noted. */
  watch(remote: Remote): Remote {
    const storage = withOthers<StorageBackend>(remote.storage, {
      put: (content, options) => {
        this.put(content);
        return remote.storage.put(content, options);
      },
      ...(remote.storage.putMany && {
        putMany: (contents, options) => {
          for (const content of contents) this.put(content);
          return remote.storage.putMany!(contents, options);
        },
      }),
      get: (address, options) => {
        this.get(`${address}`);
        return remote.storage.get(address, options);
      },
    });
    const names = withOthers<NameResolver>(remote.names, {
      update: (name, content, options) => {
        this.put(content);
        return remote.names.update(name, content, options);
      },
    });
    return { ...remote, storage, names };
  }
}

/** An object with other methods in the place of some of its own. */
export function withOthers<T extends object>(target: T, others: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      const other: unknown = Reflect.get(others, key);
      if (other !== undefined) return other;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
