/** Counts requests by what they ask for. */
export class RequestCounter {
  #counts = new Map<string, number>();

  /** Counts one more of a kind. */
  count(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** How many requests of each kind were sent since the last call. */
  take(): Readonly<Record<string, number>> {
    const taken = Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.#counts = new Map();
    return taken;
  }
}

/**
 * `fetch` that counts.
 *
 * @param kindOf - what a request asks for, from its method and URL
 */
export function countingFetch(
  counter: RequestCounter,
  kindOf: (method: string, url: URL) => string,
): (url: string, init: RequestInit) => Promise<Response> {
  return (url, init) => {
    counter.count(kindOf(init.method ?? "GET", new URL(url)));
    return globalThis.fetch(url, init);
  };
}
