// A fixture that leaves a timer behind, which would keep its process alive for ever.
import { memoryStorage } from "@remote-log/memory";

export const fixture = {
  name: "leaking",
  create: async () => {
    setInterval(() => undefined, 1000);
    return { storage: memoryStorage() };
  },
};
