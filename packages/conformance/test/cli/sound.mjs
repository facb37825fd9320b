// A fixture for the command, on the built packages.
import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";

const worlds = new Map();

async function open({ namespace }) {
  if (!worlds.has(namespace)) worlds.set(namespace, { contents: new Map(), table: new NameTable() });
  const world = worlds.get(namespace);
  return { storage: memoryStorage(world), names: memoryNames(world) };
}

/** Under its name, not as the default, and made by a function. */
export const fixture = async () => ({
  name: "memory",
  version: "1.2.0",
  create: open,
  reopen: open,
  [Symbol.asyncDispose]: async () => {
    process.stderr.write("fixture disposed\n");
  },
});
