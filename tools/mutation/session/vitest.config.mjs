// One run of vitest in which many mutants are tried, one after the other; the plan comes from tools/mutation/run.mjs.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { root } from "../../test-sets/sets.mjs";
import { allMutantsOf, withMutants } from "../mutations.mjs";

const source = ["@remote-log/source"];
const { files } = JSON.parse(readFileSync(process.env["MUTATION_PLAN"], "utf8"));

// Every mutant of a file is in its text; `$mutant(n)` says which one is tried.
const mutants = {
  name: "remote-log:mutants",
  enforce: "pre",
  transform(text, id) {
    const file = files.find(({ path }) => join(root, path) === id);
    if (file === undefined) return undefined;
    return { code: withMutants(text, allMutantsOf(file.path, text), file.first), map: null };
  },
};

export default defineConfig({
  root,
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  plugins: [mutants],
  test: {
    include: ["tools/mutation/session/begin.ts"],
    runner: join(root, "tools/mutation/session/runner.mjs"),
    // All in one thread, so that modules and tests are loaded once.
    pool: "threads",
    maxWorkers: 1,
    isolate: false,
    testTimeout: 0,
    hookTimeout: 0,
    silent: true,
    reporters: [{}],
    env: {
      TEST_SEED: "1",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    },
  },
});
