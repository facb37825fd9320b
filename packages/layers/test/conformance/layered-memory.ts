import type { ConformanceFixture } from "@remote-log/conformance";
import type { Layer } from "@remote-log/layers";
import { memoryFixture } from "../../../memory/test/fixture.ts";

/** The memory adapter, with a layer around everything that is opened. */
export function layeredMemory(name: string, layerIn: (namespace: string) => Layer): ConformanceFixture {
  const memory = memoryFixture();
  const layers = new Map<string, Layer>();
  const open: ConformanceFixture["create"] = async (options) => {
    const { storage, names } = await memory.create(options);
    // What is opened again shares what the first one has: the limits, the cache.
    const layer = layers.get(options.namespace) ?? layerIn(options.namespace);
    layers.set(options.namespace, layer);
    return { storage: layer(storage!), names: layer(names!) };
  };
  return { ...memory, name, create: open, reopen: open };
}
