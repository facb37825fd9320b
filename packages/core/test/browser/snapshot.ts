import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import type { Remote, Resolution } from "../../src/index.ts";

/** All that a remote in memory holds, in a form that goes from one tab or worker to another. */
export interface Snapshot {
  readonly contents: [address: string, content: Uint8Array][];
  readonly names: [name: string, value: Extract<Resolution, { status: "found" }>][];
}

/** A remote in memory that can be moved: it starts from what another one held. */
export interface MovableRemote extends Remote {
  snapshot(): Snapshot;
}

/** Makes a remote in memory that starts from a snapshot, or empty. */
export function movableRemote(from: Snapshot = { contents: [], names: [] }): MovableRemote {
  const contents = new Map(from.contents);
  const table = new NameTable();
  for (const [name, value] of from.names) table.values.set(name, value);
  return {
    label: "memory",
    storage: memoryStorage({ contents }),
    names: memoryNames({ table }),
    snapshot: () => ({ contents: [...contents], names: [...table.values] }),
  };
}
