/** `fetch` that counts the requests, by the kind of what was asked for. */
export interface CountedFetch {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** How many requests of each kind were sent since the last call. */
  take(): Readonly<Record<string, number>>;
}

/** Counts requests by what they ask for: `block/put`, `name/get`, `/ipfs`, `/ipns`. */
export function countedFetch(): CountedFetch {
  let counts = new Map<string, number>();
  return {
    fetch(url, init) {
      const kind = kindOf(new URL(url).pathname);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return globalThis.fetch(url, init);
    },
    take() {
      const taken = Object.fromEntries(counts);
      counts = new Map();
      return taken;
    },
  };
}

function kindOf(path: string): string {
  const command = /^\/api\/v0\/(.+)$/.exec(path)?.[1];
  return command ?? `/${path.split("/")[1]}`;
}
