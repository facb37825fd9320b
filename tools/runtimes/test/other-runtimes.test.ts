// On Bun, Deno, workerd and Hermes: the life of a log, on every remote that each of them reaches. Needs `pnpm build`.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createBucket, type OwnS3, runtimesOrSkip, startOwnS3 } from "@remote-log/servers";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { bundlePrograms } from "../bundle.ts";

const { skip, runtimes } = await runtimesOrSkip();
const run = promisify(execFile);
const programs = fileURLToPath(new URL("../programs/", import.meta.url));
const LIVED = "40 read, 41 followed, 41 mirrored";

describe.skipIf(skip)("on another runtime than Node.js", () => {
  let server: OwnS3;
  let bucket: string;
  let folder: string;

  beforeAll(async () => {
    server = await startOwnS3();
    await createBucket(server, "runtimes");
    const { endpoint, region, credentials } = server;
    bucket = JSON.stringify({ endpoint, region, bucket: "runtimes", ...credentials });
  });
  afterAll(() => server?.stop());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "remote-log-runtimes-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
  });

  /** What a runtime gets of the environment: nothing that could make it fetch or keep anything elsewhere. */
  const environment = (): NodeJS.ProcessEnv => ({ HOME: folder, DENO_DIR: join(folder, "deno") });

  test("Bun lives through it in memory, on S3 and in a folder", async () => {
    const words = ["run", join(programs, "with-folders.ts"), bucket, join(folder, "remote")];
    const { stdout } = await run(runtimes!.bun, words, { env: environment() });
    expect(stdout).toBe(`memory: ${LIVED}\ns3: ${LIVED}\nfs: ${LIVED}\n`);
  });

  test("Deno lives through it in memory, on S3 and in a folder", async () => {
    const options = [
      "run",
      "--allow-all",
      "--no-check",
      "--no-lock",
      "--node-modules-dir=manual",
      "--cached-only",
    ];
    const words = [...options, join(programs, "with-folders.ts"), bucket, join(folder, "remote")];
    const { stdout } = await run(runtimes!.deno, words, { env: environment() });
    expect(stdout).toBe(`memory: ${LIVED}\ns3: ${LIVED}\nfs: ${LIVED}\n`);
  });

  test("workerd lives through it in memory and on S3", async () => {
    const conditions = ["@remote-log/source", "workerd", "worker", "browser"];
    const contents = `export { default } from "./worker.ts";`;
    const script = await bundlePrograms([], {
      format: "esm",
      conditions,
      stdin: { contents, resolveDir: programs },
    });
    await writeFile(join(folder, "worker.js"), script);
    await writeFile(join(folder, "config.capnp"), WORKERD_CONFIG);
    const child = spawn(runtimes!.workerd, ["serve", "--control-fd=3", join(folder, "config.capnp")], {
      env: environment(),
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [line] = (await once(child.stdio[3]!, "data")) as [Buffer];
    const { port } = JSON.parse(line.toString().split("\n")[0]!) as { port: number };
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: bucket });
    expect(await answer.text()).toBe(`memory: ${LIVED}\ns3: ${LIVED}`);
  });

  test("Hermes lives through it in memory, compiled as an application of React Native is", async () => {
    // The shell's part comes first, as polyfills do: what is compiled asks for them when it is loaded.
    const scripts = [["hermes-shell.ts"], ["phone-globals.ts", "bare.ts"]].map(async (names) =>
      compileForPhone(await bundlePrograms(names), runtimes!.modules),
    );
    await writeFile(join(folder, "phone.js"), (await Promise.all(scripts)).join(";\n"));
    const { stdout } = await run(runtimes!.hermes, ["-w", join(folder, "phone.js")], { env: environment() });
    expect(stdout).toMatch(
      new RegExp(`^done: ${LIVED}; without: AbortController: ERR_UNSUPPORTED runtime AbortController`),
    );
  });
});

/** A worker on a port of its own, which may reach this machine alone. */
const WORKERD_CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .log),
    (name = "here", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const log :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-01-01",
  globalOutbound = "here",
);
`;

interface Babel {
  transformAsync(code: string, options: object): Promise<{ readonly code: string }>;
}

/** Compiles as Metro, React Native's bundler, does for engines that have no classes. */
async function compileForPhone(script: string, modules: string): Promise<string> {
  const require = createRequire(join(modules, "x.js"));
  const babel = require("@babel/core") as Babel;
  const preset = {
    disableImportExportTransform: true,
    enableBabelRuntime: false,
    unstable_transformProfile: "default",
  };
  const { code } = await babel.transformAsync(script, {
    ...{ configFile: false, babelrc: false, compact: false, sourceType: "script" },
    presets: [[require.resolve("@react-native/babel-preset"), { ...preset, dev: false }]],
    plugins: [require.resolve("@babel/plugin-transform-unicode-property-regex")],
  });
  return code;
}
