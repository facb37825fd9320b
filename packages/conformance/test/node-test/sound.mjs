// Runs under Node's own test runner, on the built packages.
import { runConformance } from "@remote-log/conformance/node-test";
import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";

const worlds = new Map();

async function open({ namespace }) {
  if (!worlds.has(namespace)) worlds.set(namespace, { contents: new Map(), table: new NameTable() });
  const world = worlds.get(namespace);
  return { storage: memoryStorage(world), names: memoryNames(world) };
}

const only = process.env.ONLY ? process.env.ONLY.split(",") : undefined;
runConformance({ name: "memory", create: open, reopen: open }, { only });
