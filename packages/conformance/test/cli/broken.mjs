// A fixture whose adapter says yes to everything, ignores what was deleted and put again, and has no names.
import { memoryStorage } from "@remote-log/memory";

// biome-ignore lint/style/noDefaultExport: what the command looks for first
export default {
  name: "broken",
  create: async () => {
    const storage = memoryStorage();
    const deleted = new Set();
    return {
      storage: {
        ...storage,
        has: async () => true,
        async delete(address, options) {
          deleted.add(String(address));
          await storage.delete(address, options);
        },
        async put(content, options) {
          const address = await storage.put(content, options);
          if (deleted.has(String(address))) await storage.delete(address);
          return address;
        },
      },
    };
  },
  known: [{ id: "CAS-DELETE-03", reason: "deleted \u001b[31mfor good" }],
};
