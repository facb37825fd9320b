// Remotes in memory that outlast their clients.

import type { Remote } from "@remote-log/core";
import { memoryNames, memoryRemote, memoryStorage, NameTable } from "@remote-log/memory";

/** Remotes that stay when a client closes. */
export function places(): (name: string) => Remote {
  const found = new Map<string, { contents: Map<string, Uint8Array>; table: NameTable }>();
  return (name) => {
    const place = found.get(name) ?? { contents: new Map<string, Uint8Array>(), table: new NameTable() };
    found.set(name, place);
    return { ...memoryRemote({ label: name }), storage: memoryStorage(place), names: memoryNames(place) };
  };
}
