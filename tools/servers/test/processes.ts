import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, vi } from "vitest";

const run = promisify(execFile);

/** A folder of its own for one test, removed after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "servers-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder that takes the temporary files of one test, so that the test sees what is left of them. */
export async function ownTmpdir(): Promise<string> {
  const folder = await temporaryFolder();
  setVariable("TMPDIR", folder);
  return folder;
}

/** Sets or removes a variable of the environment for one test. */
export function setVariable(name: string, value: string | undefined): void {
  vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

/** Path of a program in `test/programs`. */
export function testProgram(name: string): string {
  return fileURLToPath(new URL(`programs/${name}`, import.meta.url));
}

/** A running script of node, killed if it outlives its test. */
export interface Script {
  readonly child: ChildProcess;
  /** What it has written to standard error so far. */
  readonly said: () => string;
  /** What it has written to standard output so far. */
  readonly printed: () => string;
  /** Its first line of standard output. */
  readonly line: Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

/** Starts a script with node. */
export function startScript(path: string, words: readonly string[] = []): Script {
  const child = spawn(process.execPath, [path, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let out = "";
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = new Promise<Awaited<Script["ended"]>>((resolve) => {
    child.on("close", (code) => resolve({ code, out, err }));
  });
  const line = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      if (out.includes("\n")) resolve(out.slice(0, out.indexOf("\n")));
    });
    child.on("close", () => reject(new Error(`${path} ended without a line: ${err}`)));
  });
  line.catch(() => undefined);
  return { child, said: () => err, printed: () => out, line, ended };
}

/** Whether a process runs; one that has ended and is yet to be reaped does not. */
export async function isRunning(pid: number): Promise<boolean> {
  const state = await run("ps", ["-o", "stat=", "-p", `${pid}`]).then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );
  return state !== "" && !state.startsWith("Z");
}

/** The parent of a process. */
export async function parentOf(pid: number): Promise<number> {
  const { stdout } = await run("ps", ["-o", "ppid=", "-p", `${pid}`]);
  return Number(stdout.trim());
}

/** Waits until a process is gone. */
export async function untilGone(pid: number): Promise<void> {
  await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false), { timeout: 60_000 });
}

/** Waits until a folder is empty. */
export async function untilEmpty(folder: string): Promise<void> {
  await vi.waitFor(async () => expect(await readdir(folder)).toEqual([]), { timeout: 60_000 });
}
