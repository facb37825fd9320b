import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const source = ["@remote-log/source"];
const report = process.env["TEST_REPORT"];

export default defineConfig({
  // Tests read the sources of the workspace's packages, so that no build is needed to run one.
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "tools/**/*.test.ts",
      "examples/**/*.test.ts",
      "docs/**/*.test.ts",
    ],
    testTimeout: 20_000,
    // Patience is no promise: what comes late on a busy machine has come.
    expect: { poll: { timeout: 10_000 } },
    // Many tests wait for a server: on two cores, two workers would leave both idle some of the time.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // The SDK tells on every start when it will drop Node 20; see docs/decisions/0001-toolchain.md.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    // What a test prints is of interest where it fails.
    silent: "passed-only",
    // CI counts the tests from a report in JSON.
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
