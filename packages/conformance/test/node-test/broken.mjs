// Runs under Node's own test runner, on the built packages. Its adapter has a fault that CAS-HAS-01 finds, one that
// is known, and no names.
import { runConformance } from "@remote-log/conformance/node-test";
import { memoryStorage } from "@remote-log/memory";

const only = process.env.ONLY ? process.env.ONLY.split(",") : undefined;
const fixture = {
  name: "broken",
  create: async () => ({
    storage: { ...memoryStorage(), has: async () => true, delete: async () => undefined },
  }),
  known: ["CAS-DELETE-01", "CAS-LIST-02"].map((id) => ({ id, reason: "nothing is ever deleted" })),
};
runConformance(fixture, { only });
