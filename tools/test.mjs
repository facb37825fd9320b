// Runs the tests, after a build: `pnpm test`, `pnpm test:servers`, `pnpm test:all`.
//   node tools/test.mjs quick     what Node alone can run, and a smoke test of each server that is built already
//   node tools/test.mjs servers   everything that needs a real server or a browser; all of them have to be there
//   node tools/test.mjs all       both, and whole sets of cases in place of samples
// What follows goes to vitest: `pnpm test packages/core`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { serverAvailability } from "@remote-log/servers";
import { longFiles } from "./test-sets/long-files.mjs";
import { filesBySet, root } from "./test-sets/sets.mjs";

/** What runs, and with which environment. A variable that is set already wins. */
const modes = {
  quick: { sets: ["node", "mixed"], env: { TEST_SERVERS: "smoke" } },
  servers: { sets: ["mixed", "servers", "browsers"], env: { TEST_SERVERS: "required" } },
  all: {
    sets: ["node", "mixed", "servers", "browsers"],
    env: { TEST_SERVERS: "required", TEST_WHOLE: "1", TEST_SLOWEST: "25" },
  },
};

const SERVERS = /** @type {const} */ (["minio", "versitygw", "kubo", "bee"]);

const [mode, ...words] = process.argv.slice(2);
// `pnpm run` hands on the `--` that is put before options.
const filters = words.filter((word) => word !== "--");

/** Runs vitest to its end, in the foreground of the terminal. */
function vitest(sets, env) {
  const projects = sets
    .flatMap((set) => (set === "node" || set === "mixed" ? [set, `${set}-sharing`] : [set]))
    .flatMap((name) => ["--project", name]);
  const script = join(root, "node_modules/vitest/vitest.mjs");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, "run", ...projects, ...filters], {
      cwd: root,
      env: { ...env, ...process.env },
      stdio: "inherit",
    });
    // The terminal sends Ctrl-C to both: vitest ends its workers, and then this ends.
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** Says what was not tested, and what to type for it. */
async function tellWhatIsLeft() {
  const { servers, browsers } = filesBySet();
  /** @type {string[]} */
  const missing = [];
  for (const name of SERVERS) {
    const found = await serverAvailability(name);
    if (!found.available || found.from === "build") missing.push(name);
  }
  const build =
    missing.length === 0
      ? ""
      : `Not built: ${missing.join(", ")}; \`pnpm servers --prepare\` builds them, once.`;
  const line = "━".repeat(100);
  const files = servers.length + browsers.length;
  const long =
    process.env["TEST_WHOLE"] === "1"
      ? ""
      : `Of ${longFiles.flat().length} files that take long, ${longFiles.length} were drawn; all of them: TEST_WHOLE=1 pnpm test\n`;
  process.stdout.write(
    `\n${line}\nNOT TESTED: ${files} files of tests that need real servers or a browser. ${build}\n` +
      `Test on them: pnpm test:servers\n${long}${line}\n`,
  );
}

if (!Object.hasOwn(modes, mode ?? "")) {
  process.stderr.write(`Usage: node tools/test.mjs ${Object.keys(modes).join("|")} [what vitest takes]\n`);
  process.exitCode = 2;
} else {
  const { sets, env } = modes[mode];
  const isSample = mode === "quick" && filters.length === 0;
  const long = isSample && process.env["TEST_WHOLE"] !== "1" ? { TEST_LONG: "sample" } : {};
  process.exitCode = await vitest(sets, { ...env, ...long });
  if (isSample) await tellWhatIsLeft();
}
