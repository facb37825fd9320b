// Runs under Node's own test runner, on the built packages. The run ends after the first failure.
import { runConformance } from "@remote-log/conformance/node-test";
import { memoryStorage } from "@remote-log/memory";

runConformance(
  { name: "broken", create: async () => ({ storage: { ...memoryStorage(), has: async () => true } }) },
  { only: ["CAS-HAS"], bail: true },
);
