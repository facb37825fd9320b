import { execFile } from "node:child_process";
import { join } from "node:path";
import { repository } from "./temporary-folder.ts";

/** How a program ended. */
export interface Ended {
  readonly exitCode: number;
  /** All that it printed. */
  readonly output: string;
}

/** Runs a program of the repository's tools in a folder: `"vitest/vitest.mjs"`. */
export function runTool(tool: string, words: readonly string[], folder: string): Promise<Ended> {
  return run(process.execPath, [join(repository, "node_modules", tool), ...words], folder);
}

/** Runs a program in a folder, without the settings of the test runner around it. */
export function run(program: string, words: readonly string[], folder: string): Promise<Ended> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST_REPORT|NODE_OPTIONS|NODE_TEST_CONTEXT|FORCE_COLOR|npm_|INIT_CWD)/i.test(name),
  );
  const env = { ...Object.fromEntries(kept), NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile(program, [...words], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}
