// Runs under Node's own test runner, on the built packages. Its adapter never clears a timer, which would keep the
// process alive for ever.
import { runConformance } from "@remote-log/conformance/node-test";
import { memoryStorage } from "@remote-log/memory";

runConformance(
  {
    name: "leaking",
    create: async () => {
      setInterval(() => undefined, 1000);
      return { storage: memoryStorage() };
    },
  },
  { only: ["CAS-DECL-01"] },
);
