import type { NameResolver, Remote, Resolution, StorageBackend } from "@remote-log/core";

/** What went to a service and came from it. */
export interface Traffic {
  /** What was uploaded. */
  readonly puts: readonly Uint8Array[];
  /** What was asked for, by its address. */
  readonly gets: readonly string[];
  /** The same remote as it answered, from memory. */
  readonly memory: Remote | undefined;
}

/** Notes what goes to a service, so that the bare requests for the same can be sent afterwards. */
export class TrafficRecorder {
  #puts: Uint8Array[] = [];
  #gets: string[] = [];
  #memory: Remote | undefined;

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
    const taken = { puts: this.#puts, gets: this.#gets, memory: this.#memory };
    this.#puts = [];
    this.#gets = [];
    this.#memory = undefined;
    return taken;
  }

  /** Forgets what was noted of requests. */
  takeRequests(): void {
    this.#puts = [];
    this.#gets = [];
  }

  /** The same remote, with the contents and heads that go through it noted. */
  watch(remote: Remote): Remote {
    const answers = new Map<string, Promise<Uint8Array>>();
    let head: Promise<Resolution>;
    this.#memory = {
      ...remote,
      storage: withOthers<StorageBackend>(remote.storage, {
        get: async (address) => new Uint8Array(await answers.get(`${address}`)!),
        close: async () => undefined,
      }),
      names: withOthers<NameResolver>(remote.names, { resolve: () => head, close: async () => undefined }),
    };
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
        const answer = remote.storage.get(address, options);
        if (options?.range === undefined) answers.set(`${address}`, answer);
        return answer;
      },
    });
    const names = withOthers<NameResolver>(remote.names, {
      update: (name, content, options) => {
        this.put(content);
        return remote.names.update(name, content, options);
      },
      resolve: (name, options) => {
        head = remote.names.resolve(name, options);
        return head;
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
