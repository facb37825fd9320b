import { type IpnsNamesOptions, ipnsNames } from "@remote-log/ipfs";
import { memoryStorage } from "@remote-log/memory";
import { keyOf } from "./records.ts";
import { MapRoute } from "./routes-in-memory.ts";

/** Two keys with their names. */
export const alice = await keyOf(1);
export const bob = await keyOf(2);

/** The names of somebody with the key of {@link alice}, over a route and a storage in memory. */
export function opened(options: Partial<IpnsNamesOptions> = {}) {
  const route = new MapRoute();
  const storage = memoryStorage();
  const names = ipnsNames({ storage, routes: [route], nameKey: alice.seed, ...options });
  return { names, storage, route };
}

/** The same names, read by somebody without a key. */
export function readerOf(
  { storage, route }: Pick<ReturnType<typeof opened>, "storage" | "route">,
  options: Partial<IpnsNamesOptions> = {},
) {
  return ipnsNames({ storage, routes: [route], ...options });
}
