import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const demo = fileURLToPath(new URL("../demo/demo.mjs", import.meta.url));

test("the demo tells its whole story, and everything that it claims holds", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [demo]);
  expect(stdout).toContain("All of it held");
  for (const code of ["ERR_INTEGRITY", "ERR_ROLLBACK", "ERR_FORK"]) {
    expect(stdout).toContain(`Bob refuses it: ${code}`);
  }
}, 120_000);
