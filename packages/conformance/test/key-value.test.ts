import { defineKeyValue, type KeyValueDriver, type KeyValueStore } from "@remote-log/core/adapter";
import { runConformance } from "../src/bindings/vitest.ts";
import { CASE_MS } from "./patience.ts";

// The shell, judged by the suite: a key-value service in the fewest lines, in this process.

class Service {
  readonly held = new Map<string, { readonly value: Uint8Array; readonly revision: string }>();
  readonly watchers = new Map<string, Set<() => void>>();
  #revisions = 0;

  set(key: string, value: Uint8Array): string {
    const revision = String(++this.#revisions);
    this.held.set(key, { value, revision });
    for (const wake of this.watchers.get(key) ?? []) wake();
    return revision;
  }

  open(): KeyValueStore {
    const { held, watchers } = this;
    return {
      get: async (key) => held.get(key),
      put: async (key, value) => void this.set(key, value),
      putIf: async (key, value, expected) =>
        (held.get(key)?.revision ?? null) === expected ? this.set(key, value) : undefined,
      delete: async (key) => void held.delete(key),
      async *list(prefix) {
        for (const key of held.keys()) if (key.startsWith(prefix)) yield key;
      },
      async watch(key, { changed }) {
        const listening = watchers.get(key) ?? new Set();
        watchers.set(key, listening.add(changed));
        return () => void listening.delete(changed);
      },
    };
  }
}

const services = new Map<string, Service>();

async function open({ namespace }: { readonly namespace: string }) {
  const service = services.get(namespace) ?? new Service();
  services.set(namespace, service);
  const driver: KeyValueDriver = {
    name: "key-value",
    place: "the service of the test",
    prefix: "log-",
    largestValue: 16 * 1024 * 1024,
    can: { delete: true, list: true, watch: true },
    open: async () => service.open(),
  };
  return defineKeyValue(driver);
}

runConformance({ name: "key-value", create: open, reopen: open, limits: { timeoutMs: CASE_MS } });
