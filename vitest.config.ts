import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { longFilesLeftOut } from "./tools/test-sets/long-files.mjs";
import { LongFilesFirst } from "./tools/test-sets/long-files-first.ts";
import { filesBySet, filesThatShare } from "./tools/test-sets/sets.mjs";
import { SlowestFiles } from "./tools/test-sets/slowest-files.ts";

const source = ["@remote-log/source"];
const report = process.env["TEST_REPORT"];

// One seed for all samples of this run. It is printed at the end, and repeats them.
process.env["TEST_SEED"] ??= String(randomInt(2 ** 32));

// What takes long is a sample, too, if nobody asked for it by name.
const leftOut =
  process.env["TEST_LONG"] === "sample" ? longFilesLeftOut(Number(process.env["TEST_SEED"])) : [];
const { mixed, servers, browsers } = filesBySet();
const sharing = filesThatShare();
const allTests = [
  "packages/*/test/**/*.test.ts",
  "tools/**/*.test.ts",
  "examples/**/*.test.ts",
  "docs/**/*.test.ts",
];

function without(files: readonly string[]): string[] {
  return files.filter((file) => !leftOut.includes(file));
}

export default defineConfig({
  // Tests read the sources of the workspace's packages, so that no build is needed to run one.
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    // The sets of tools/test-sets/sets.mjs; `node` and `mixed` are two projects each. What `node` holds is a glob, so that --watch sees new files.
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: allTests,
          exclude: ["**/node_modules/**", ...sharing.node, ...mixed, ...servers, ...browsers, ...leftOut],
        },
      },
      { extends: true, test: { name: "node-sharing", include: without(sharing.node), isolate: false } },
      {
        extends: true,
        test: { name: "mixed", include: without(mixed.filter((file) => !sharing.mixed.includes(file))) },
      },
      { extends: true, test: { name: "mixed-sharing", include: without(sharing.mixed), isolate: false } },
      { extends: true, test: { name: "servers", include: servers } },
      { extends: true, test: { name: "browsers", include: browsers } },
    ],
    execArgv: ["--import", new URL("tools/test-sets/no-listener-leaks.mjs", import.meta.url).href],
    // Limits are for hangs. A machine that is busy with twenty other things must not reach them.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
    // Many tests wait for a server: on two cores, fewer than four workers leave both idle some of the time.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    sequence: { sequencer: LongFilesFirst },
    // The SDK tells on every start when it will drop Node 20; see docs/decisions/0001-toolchain.md.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    // What a test prints is of interest if it fails.
    silent: "passed-only",
    reporters: [
      "default",
      new SlowestFiles(Number(process.env["TEST_SLOWEST"] ?? "0")),
      // CI counts the tests, and checks what ran, from a report in JSON.
      ...(report === undefined ? [] : [["json", { outputFile: report }] as ["json", { outputFile: string }]]),
    ],
  },
});
