import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { conformanceCases } from "@remote-log/conformance";
import { whole } from "@remote-log/test-kit";
import { expect, test } from "vitest";

/** How long a run may say nothing before it counts as hanging, in milliseconds. */
const SILENCE_MS = 180_000;

/** Runs a file under `node --test`, on the compiled packages: `pnpm run build` has to come first. */
async function runUnderNode(
  file: string,
  only: readonly string[] = [],
): Promise<{ exitCode: number | null; output: string }> {
  const path = fileURLToPath(new URL(`./node-test/${file}`, import.meta.url));
  // A runner inside a runner would report to the outer one.
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const child = spawn(process.execPath, ["--test", "--test-reporter=tap", path], {
    env: { ...env, ONLY: only.join(",") },
  });
  let output = "";
  let hanging = setTimeout(() => child.kill(), SILENCE_MS);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += data;
      clearTimeout(hanging);
      hanging = setTimeout(() => child.kill(), SILENCE_MS);
    });
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  clearTimeout(hanging);
  return { exitCode, output };
}

test("under node:test every case passes on a sound adapter, but those that don't apply to memory", async () => {
  // Other files run the others on memory; `pnpm test:all` runs them all here, too.
  const only = whole ? [] : ["CAS-", "NS-RESOLVE", "NS-WATCH", "LOG-PUBLISH"];
  const { exitCode, output } = await runUnderNode("sound.mjs", only);
  const chosen = conformanceCases.filter(({ id }) => whole || only.some((start) => id.startsWith(start)));
  // It has no faults, and promises more than those are about which are left.
  const skipped = chosen.filter(({ requires }) =>
    requires.some((one) => /^fault|^secrets$|^storage\.(local|putMany|release)$|^names\.loose$/.test(one)),
  );
  expect(output).toContain(`# pass ${chosen.length - skipped.length}\n`);
  expect(output).toContain(`# skipped ${skipped.length}\n`);
  expect(exitCode).toBe(0);
});

test("under node:test a fault fails the run, and what is known or does not apply is skipped with its reason", async () => {
  const { exitCode, output } = await runUnderNode(
    "broken.mjs",
    whole ? [] : ["CAS-HAS", "CAS-DELETE", "CAS-LIST-02", "NS-DECL"],
  );
  expect(output).toMatch(/not ok \d+ - CAS-HAS-01 /);
  expect(output).toMatch(/ok \d+ - CAS-DELETE-01 .*# SKIP known: nothing is ever deleted/);
  expect(output).toMatch(/ok \d+ - NS-DECL-01 .*# SKIP skipped: the fixture opens no `names`/);
  expect(exitCode).toBe(1);
});

test("under node:test a fixture is disposed of after its report, so that a server of it does not keep the run alive", async () => {
  const { exitCode, output } = await runUnderNode("server.mjs");
  expect(output).toMatch(/reported\n(.*\n)*.*fixture disposed\n/);
  expect(exitCode).toBe(0);
});

test("under node:test what is left open fails the run, with the line that opened it", async () => {
  const { exitCode, output } = await runUnderNode("leaking.mjs");
  expect(output).toMatch(/ok \d+ - CAS-DECL-01 /);
  expect(output).toMatch(/left something open:\n +1 × timer, opened in CAS-DECL-01\n +at .*leaking\.mjs:/);
  expect(exitCode).toBe(1);
});

test("under node:test a run with bail ends after the first failure, and the others are skipped as not run", async () => {
  const { exitCode, output } = await runUnderNode("bail.mjs");
  expect(output).toMatch(/not ok \d+ - CAS-HAS-01 /);
  expect(output).toMatch(/ok \d+ - CAS-HAS-02 .*# SKIP not-run: the run ended after CAS-HAS-01/);
  expect(exitCode).toBe(1);
});
