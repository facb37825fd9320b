import type { Remote } from "../../src/index.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";

/**
 * A remote that holds these objects and shows this head, whose storage and names are plain objects: whoever wraps them copies
 * their methods.
 *
 * @param fail - called before each read; what it returns is thrown
 */
export function plainRemote(
  contents: ReadonlyMap<string, Uint8Array>,
  head: Uint8Array | undefined,
  label: string,
  fail: () => Error | undefined = () => undefined,
): Remote {
  const { storage, names } = scriptedRemote(contents, head, { label });
  const refuse = (): void => {
    const error = fail();
    if (error !== undefined) throw error;
  };
  return {
    label,
    storage: {
      name: storage.name,
      capabilities: storage.capabilities,
      get: async (address, options) => {
        refuse();
        return storage.get(address, options);
      },
      has: (address) => storage.has(address),
      put: () => storage.put(),
    },
    names: {
      name: names.name,
      capabilities: names.capabilities,
      resolve: async (name, options) => {
        refuse();
        return names.resolve(name, options);
      },
      update: () => names.update(),
    },
  };
}
