import type { ConformanceFixture } from "@remote-log/conformance";
import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";

/** The memory adapter as the suite takes it: one map and one table a namespace, shared by what is reopened. */
export function memoryFixture(): ConformanceFixture {
  const worlds = new Map<string, { contents: Map<string, Uint8Array>; table: NameTable }>();
  async function open({ namespace }: { namespace: string }) {
    const world = worlds.get(namespace) ?? { contents: new Map(), table: new NameTable() };
    worlds.set(namespace, world);
    return { storage: memoryStorage(world), names: memoryNames(world) };
  }
  // The limit is for hangs alone, on a machine that is busy with other things.
  return { name: "memory", limits: { timeoutMs: 180_000 }, create: open, reopen: open };
}
