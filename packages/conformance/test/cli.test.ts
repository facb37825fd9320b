import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { conformanceCases, suiteVersion } from "@remote-log/conformance";
import { sample } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";

const bin = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const fixtures = fileURLToPath(new URL("./cli/", import.meta.url));

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "remote-log-conformance-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the command as compiled to its end: `pnpm run build` has to come first. */
async function run(parameters: readonly string[], variables: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...parameters], {
    cwd: fixtures,
    env: { PATH: process.env["PATH"] ?? "", ...variables },
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (data) => {
    output += data;
  });
  child.stderr.on("data", (data) => {
    errors += data;
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  return { exitCode, output, errors };
}

/** A module in a URL. */
const moduleOf = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

test("a sound adapter ends with 0, a line a case and the sums", async () => {
  const { exitCode, output, errors } = await run(["./sound.mjs", "--only", "CAS-PUT,NS-RESOLVE-01"]);
  const lines = output.trimEnd().split("\n");
  const chosen = conformanceCases.filter(({ id }) => /^CAS-PUT|^NS-RESOLVE-01$/.test(id));
  for (const [i, { id, title }] of chosen.entries()) {
    expect(lines[i]).toMatch(new RegExp(`^passed {2}${id} +MUST +`));
    expect(lines[i]).toContain(title);
  }
  expect(lines.at(-1)).toContain(
    `memory: conformant in ${chosen.length} of ${conformanceCases.length} cases; ${chosen.length} passed`,
  );
  expect(errors).toBe("fixture disposed\n");
  expect(exitCode).toBe(0);
});

test("a failure ends with 1, its reason and the promise that was not kept", async () => {
  const { exitCode, output } = await run([
    "broken.mjs",
    "--only",
    "CAS-HAS-01",
    "--only",
    "CAS-GET",
    "--quiet",
  ]);
  const { title } = conformanceCases.find(({ id }) => id === "CAS-HAS-01")!;
  expect(output).toContain(`CAS-HAS-01: the adapter MUST keep this promise, and does not:\n  ${title}\n  `);
  expect(output).toMatch(/broken: not conformant.* 1 failed, 0 known/);
  expect(output).not.toContain("passed  CAS-GET");
  expect(exitCode).toBe(1);
});

test("what is known to fail or does not apply is no failure, and control characters do not get out", async () => {
  const { exitCode, output } = await run(["broken.mjs", "--only", "CAS-DELETE-03,NS-DECL-01"]);
  expect(output).toMatch(/^known {3}CAS-DELETE-03 .*\n +deleted \ufffd\[31mfor good$/m);
  expect(output).toMatch(/^skipped NS-DECL-01 .*\n +the fixture opens no `names`$/m);
  expect(exitCode).toBe(0);
});

test("the seed that a failure names finds the same sequence again, as a parameter and in the environment", async () => {
  const first = await run(["broken.mjs", "--only", "CAS-MODEL-01", "--quiet"]);
  const seed = /CONFORMANCE_SEED=(\d+)/.exec(first.output)![1]!;
  const sequence = /after: .*/.exec(first.output)![0];
  expect(first.exitCode).toBe(1);
  const again = await run(["broken.mjs", "--only", "CAS-MODEL-01", "--quiet", "--seed", seed]);
  expect(again.output).toContain(sequence);
  const third = await run(["broken.mjs", "--only", "CAS-MODEL-01", "--quiet"], { CONFORMANCE_SEED: seed });
  expect(third.output).toContain(sequence);
});

test("a report is written as JSON", async () => {
  const report = join(folder, "report.json");
  await run(["sound.mjs", "--only", "CAS-HAS", "--seed", "7", "--report", report]);
  expect(JSON.parse(await readFile(report, "utf8"))).toMatchObject({
    suite: suiteVersion,
    adapter: { name: "memory", version: "1.2.0" },
    seed: 7,
    complete: false,
    results: [
      { id: "CAS-HAS-01", status: "passed", reason: "" },
      { id: "CAS-HAS-02", status: "passed", reason: "" },
      { id: "CAS-HAS-03", status: "passed", reason: "" },
    ],
  });
});

test("the cases are listed without any module", async () => {
  const { exitCode, output } = await run(["--list"]);
  expect(output.match(/^\S+ /gm)!.map((id) => id.trim())).toEqual(conformanceCases.map(({ id }) => id));
  expect(exitCode).toBe(0);
});

test("an adapter that leaves something open fails the run, by name, and does not keep the command alive", async () => {
  const report = join(folder, "report.json");
  const { exitCode, output, errors } = await run([
    "leaking.mjs",
    "--only",
    "CAS-DECL-01,CAS-DECL-02",
    "--report",
    report,
  ]);
  expect(output).toMatch(/ 0 failed/);
  expect(errors).toMatch(
    /left something open:\n {2}2 × timer, opened in CAS-DECL-01, CAS-DECL-02\n {4}at .*leaking\.mjs:7:/,
  );
  expect(exitCode).toBe(1);
  const { expected, leftOpen } = JSON.parse(await readFile(report, "utf8"));
  expect(expected).toBe(false);
  expect(leftOpen).toHaveLength(2);
  expect(leftOpen[0]).toEqual({ what: "timer", openedBy: "CAS-DECL-01", stack: [] });
});

test("what the module itself leaves open fails the run too", async () => {
  const leaking = moduleOf(
    'setInterval(() => {}, 1000); export default { name: "x", create: async () => { throw new Error("no server"); }, known: [] };',
  );
  const { exitCode, errors } = await run([leaking, "--only", "CAS-ABORT-12"]);
  expect(errors).toContain("left something open outside of the cases: Timeout.");
  expect(exitCode).toBe(1);
});

test("what is open for a while after the run, and then ends, is no failure", async () => {
  const late = moduleOf(
    'export default { name: "x", create: async () => { setTimeout(() => {}, 1500); throw new Error("no server"); } };',
  );
  expect(await run([late, "--only", "CAS-ABORT-12"])).toMatchObject({ exitCode: 0, errors: "" });
});

test("--bail ends the run after the first failure, and the report names what did not run", async () => {
  const report = join(folder, "report.json");
  const { exitCode, output } = await run([
    "broken.mjs",
    "--only",
    "CAS-HAS-01,CAS-HAS-02,CAS-GET-01",
    "--bail",
    "--report",
    report,
  ]);
  expect(output).toMatch(/ in 2 of \d+ cases; 1 passed, 1 failed, 0 known, 0 skipped, 1 not run/);
  expect(output).toContain("The run ended after its first failure, CAS-HAS-01");
  expect(exitCode).toBe(1);
  const { results, stopped } = JSON.parse(await readFile(report, "utf8"));
  expect(stopped).toMatchObject({ after: "CAS-HAS-01" });
  expect(results.at(-1)).toMatchObject({
    id: "CAS-HAS-02",
    status: "not-run",
    reason: "the run ended after CAS-HAS-01",
  });
});

test("--timeout is the time of each case, and three that wait for the same thing end the run", async () => {
  const hanging = moduleOf(
    'export default { name: "hanging", limits: { timeoutMs: 1e9 }, create: () => new Promise(() => {}) };',
  );
  const { exitCode, output } = await run([hanging, "--timeout", "30", "--quiet"]);
  expect(output).toContain("The fixture's create was not over after 30 ms.");
  expect(output).toMatch(/ 0 passed, 3 failed, .* \d+ not run/);
  expect(output).toContain("since 3 cases timed out waiting for the fixture's create");
  expect(exitCode).toBe(1);
  const all = await run([hanging, "--timeout", "30", "--max-timeouts", "0", "--only", "CAS-PUT", "--quiet"]);
  expect(all.output).not.toContain("not run");
});

test("--slow names the slowest cases", async () => {
  const { output } = await run(["sound.mjs", "--only", "CAS-PUT", "--slow", "--quiet"]);
  expect(output).toMatch(/The slowest cases:\n( +[\d,]+ ms {2}CAS-PUT-\d+ +\(open .*\)\n){5}/);
});

test("an interrupt ends the run", async () => {
  const hanging = moduleOf(
    'export const fixture = { name: "hanging", create: () => { process.kill(process.pid, "SIGINT"); return new Promise(() => {}); } };',
  );
  const { exitCode, errors } = await run([hanging]);
  expect(errors).toContain("interrupted");
  expect(exitCode).toBe(2);
});

const refused = [
  [[], "There is no module to check"],
  [["a.mjs", "b.mjs"], "One module at a time"],
  [["sound.mjs", "--nonsense"], "--nonsense"],
  [["sound.mjs", "--seed", "-1"], "--seed"],
  [["sound.mjs", "--seed=ten"], '--seed is "ten", not a whole number'],
  [["sound.mjs", "--timeout", "soon"], '--timeout is "soon", not a whole number'],
  [["sound.mjs", "--timeout", "0"], "--timeout is 0, not a number of milliseconds above 0"],
  [["sound.mjs", "--max-timeouts", "some"], '--max-timeouts is "some", not a whole number'],
  [["sound.mjs", "--only", "CAS-NONE"], 'no case whose id begins with "CAS-NONE"'],
  [["sound.mjs", "--report", "./none/report.json"], "--report ./none/report.json can't be written"],
  [["sound.mjs", "--report", "."], "--report . is a folder; name a file"],
  [["./none.mjs"], "./none.mjs can't be loaded: there is no such file"],
  [["no-such-package"], "no-such-package can't be loaded: Cannot find module"],
  [
    [moduleOf("export const adapter = 1;")],
    'exports no fixture, by default or as "fixture"; it exports adapter',
  ],
  [[moduleOf("export default 1;")], "it is of type number, not an object"],
  [[moduleOf("export default { create() {} };")], "its name is undefined, not a text"],
  [[moduleOf("export default { name: 'x' };")], "its create is undefined, not a function"],
  [[moduleOf("export default { name: 'x', create() {}, reopen: true };")], "its reopen is of type boolean"],
  [
    [moduleOf("export default { name: 'x', create() {}, limit: { settleMs: 1 } };")],
    "no field called limit;",
  ],
  [[moduleOf("export default { name: 'x', create() {}, limits: { settle: 1 } };")], "no limit called settle"],
  [
    [moduleOf("export default { name: 'x', create() {}, limits: { settleMs: '1' } };")],
    "its limit settleMs is",
  ],
  [[moduleOf("export default { name: 'x', create() {}, known: ['CAS-PUT-01'] };")], "{ id, reason }"],
  [
    [moduleOf("export default { name: 'x', create() {}, known: [{ id: 'X', reason: '' }] };")],
    "no such case",
  ],
  [[moduleOf("export default () => { throw new Error('no server'); };")], "no server"],
  [[moduleOf("}")], "can't be loaded"],
] as const;

test.for(sample("refused", refused, 6))(
  "%j is refused with 2, and the reason",
  async ([parameters, reason]) => {
    const { exitCode, output, errors } = await run(parameters);
    expect(errors).toContain(reason);
    expect(output).toBe("");
    expect(exitCode).toBe(2);
  },
);

test("the command can be executed as it was built", async () => {
  const { stdout } = await promisify(execFile)(bin, ["--version"]);
  expect(stdout).toBe(`${suiteVersion}\n`);
});

test("a failure says with which to begin, and names a seed only if chance has a part in it", async () => {
  const { output } = await run(["broken.mjs", "--only", "CAS-HAS-01", "--quiet"]);
  expect(output).toMatch(/\n1 failure: CAS-HAS-01\.\n$/);
});

test.for([
  ["a promise that nobody waits for", "promise"],
  ["a timer", "timer"],
] as const)("what is thrown in %s fails the case that runs, and the run continues", async ([, place]) => {
  // The first call goes astray, and no other.
  const { exitCode, output } = await run(["stray.mjs", "--only", "CAS-HAS-01,CAS-HAS-02"], { STRAY: place });
  expect(output).toMatch(
    /^failed {2}CAS-HAS-01 .*\n +While the case ran nobody handled an error: Error: It is lost\.$/m,
  );
  expect(output).toMatch(/^passed {2}CAS-HAS-02 /m);
  expect(exitCode).toBe(1);
});

test("what nobody handles between two cases is told, and the run fails", async () => {
  const { exitCode, output, errors } = await run(["stray.mjs", "--only", "CAS-HAS-01"], { STRAY: "close" });
  expect(errors).toContain("While no case ran nobody handled an error: Error: It is lost.");
  expect(output).toMatch(/^passed {2}CAS-HAS-01 /m);
  expect(exitCode).toBe(1);
});

test("a module in TypeScript is refused with advice if Node.js does not run it", async () => {
  const path = join(folder, "adapter.ts");
  await writeFile(path, "export const fixture: number = 1;\n");
  const { exitCode, errors } = await run([path]);
  // Newer releases run it, and find that the number is no fixture.
  expect(errors).toMatch(/is TypeScript, which Node\.js .* does not run\. Compile it|is no fixture/);
  expect(exitCode).toBe(2);
});
