// Runs one program, and ends it when whoever asked for it is gone.
//
// A process that is killed can clean up nothing. So each program runs below a guard: a small process that the launcher
// talks to over a channel. The system closes that channel when the launcher ends, however it ends; then the guard ends
// the program and removes the temporary folder. Guard and program are in sessions of their own, so that Ctrl-C in a
// terminal, which goes to everybody in the foreground, reaches the launcher alone.
//
// Plain JavaScript, because the launcher starts it both from its sources and from what was built of them.
//
// The launcher sends { start: { command, args, env, cwd, log, folder, grace } } once, and { stop: { remove } }.
// The guard sends { pid }, or { failed } if the program can't be started, and { exited: { code, signal } }.

import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

let program;
let plan;
let ending = false;

process.on("message", (message) => {
  if (message.start !== undefined) start(message.start);
  if (message.stop !== undefined) void end(message.stop.remove);
});
process.on("disconnect", () => void end(plan === undefined ? [] : [plan.folder]));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => void end(plan === undefined ? [] : [plan.folder]));
}

function start(wanted) {
  plan = wanted;
  const output = openSync(plan.log, "a");
  program = spawn(plan.command, plan.args, {
    cwd: plan.cwd,
    env: plan.env,
    stdio: ["ignore", output, output],
    // Its own process group, so that what it started ends with it.
    detached: true,
  });
  program.on("error", (error) => tell({ failed: error.message }));
  program.on("exit", (code, signal) => tell({ exited: { code, signal } }));
  if (program.pid !== undefined) tell({ pid: program.pid });
}

function tell(message) {
  // A launcher that is gone hears nothing; "disconnect" deals with it.
  if (process.connected) process.send(message, () => undefined);
}

async function end(remove) {
  if (ending) return;
  ending = true;
  if (program?.pid !== undefined && program.exitCode === null && program.signalCode === null) {
    signalGroup(program.pid, "SIGTERM");
    if (!(await isGone(program.pid, plan.grace))) {
      signalGroup(program.pid, "SIGKILL");
      await isGone(program.pid, plan.grace);
    }
  }
  for (const path of remove)
    await rm(path, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  process.exit(0);
}

/** Whether the group had ended within this many milliseconds. */
async function isGone(group, milliseconds) {
  const deadline = performance.now() + milliseconds;
  while (signalGroup(group, 0)) {
    if (performance.now() > deadline) return false;
    await wait(10);
  }
  return true;
}

/** Sends a signal to a process group; `false` if there is none left. */
function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // macOS answers EPERM for a group of which only zombies are left.
    if (error.code === "ESRCH" || error.code === "EPERM") return false;
    throw error;
  }
}
