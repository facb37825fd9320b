import { execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { interrupted } from "./interrupted.mjs";

/** The program. */
export const file = fileURLToPath(
  new URL("dist/bin.js", import.meta.resolve("@remote-log/cli/package.json")),
);

/** Runs rlog in a process of its own, to its end. */
export async function rlog(...options) {
  interrupted.throwIfAborted();
  const running = promisify(execFile)(process.execPath, [file, ...options], { maxBuffer: 2 ** 28 });
  endWithTheDemo(running.child);
  try {
    const { stdout, stderr } = await running;
    return { code: 0, stdout, stderr };
  } catch (error) {
    interrupted.throwIfAborted();
    if (typeof error.code !== "number") throw error;
    return { code: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

/** Starts rlog in a process of its own. */
export function startRlog(...options) {
  interrupted.throwIfAborted();
  const child = spawn(process.execPath, [file, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  endWithTheDemo(child);
  return child;
}

function endWithTheDemo(child) {
  const end = () => child.kill("SIGKILL");
  interrupted.addEventListener("abort", end);
  child.once("exit", () => interrupted.removeEventListener("abort", end));
}
