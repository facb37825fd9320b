import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "remote-log-conformance-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the command on the built packages: `pnpm run build` has to come first. */
async function conformance(
  ...parameters: string[]
): Promise<{ exitCode: number; output: string; errors: string }> {
  const script = fileURLToPath(new URL("../conformance.mjs", import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...parameters], (error, output, errors) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), output, errors });
    });
  });
}

test.for([
  [["--adapter", "memory"], "memory"],
  [["--adapter", "fs"], "fs"],
  [["--adapter", "s3", "--server", "own"], "s3-own"],
] as const)(
  "%j runs the suite on that adapter, and stores the report under its name",
  {
    timeout: 180_000,
  },
  async ([choice, name]) => {
    const { exitCode, output } = await conformance(
      ...choice,
      "--only",
      "CAS-PUT,NS-DECL-01",
      "--reports",
      folder,
    );
    expect(output).toMatch(/^passed {2}CAS-PUT-07 /m);
    expect(output).toMatch(/: conformant in \d+ of \d+ cases; /);
    expect(exitCode).toBe(0);
    expect(await readdir(folder)).toEqual([`${name}.json`]);
    expect(JSON.parse(await readFile(join(folder, `${name}.json`), "utf8"))).toMatchObject({
      adapter: { name: choice[1], version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      declared: { storage: { name: choice[1] }, names: { name: choice[1] } },
    });
  },
);

test("the seed of a run is the one that is given", async () => {
  const { output } = await conformance(
    "--adapter",
    "memory",
    "--only",
    "CAS-DECL-01",
    "--seed",
    "7",
    "--quiet",
  );
  expect(output).toMatch(/^memory: conformant in 1 of \d+ cases; 1 passed, .* \(seed 7\)\n\n$/);
});

test.for([
  [["--adapter", "tape"], "There is no such adapter or server"],
  [["--adapter", "s3", "--server", "tape"], "--adapter s3 --server minio"],
  [[], "Choose --all"],
  [["--adapter", "memory", "--only", "CAS-NONE"], "no case whose id begins with"],
] as const)("%j is refused with 2, and the reason", async ([parameters, reason]) => {
  expect(await conformance(...parameters)).toMatchObject({
    exitCode: 2,
    errors: expect.stringContaining(reason),
  });
});
