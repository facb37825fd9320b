#!/usr/bin/env node
import { parseArgs } from "node:util";
import { type ListedServer, serverTable } from "./server-table.ts";

const usage = `pnpm servers                     list the servers
pnpm servers <name>              start one, and end it with Ctrl-C
pnpm servers --prepare [name…]   build what is missing, start nothing`;

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => interrupted.abort(new Error(signal)));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error !== interrupted.signal.reason) process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error === interrupted.signal.reason ? 130 : 1;
}

async function main(words: string[]): Promise<number> {
  let names: string[];
  let prepare: boolean;
  let help: boolean;
  try {
    const options = {
      prepare: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    } as const;
    const parsed = parseArgs({ args: words, allowPositionals: true, options });
    names = parsed.positionals;
    ({ prepare, help } = parsed.values);
  } catch (error) {
    return misused((error as Error).message);
  }
  if (help) return say(usage);
  const unknown = names.find((name) => serverTable.every((server) => server.name !== name));
  if (unknown !== undefined) return misused(`There is no server called ${unknown}.`);
  const chosen = serverTable.filter(({ name }) => names.length === 0 || names.includes(name));
  if (prepare) return prepareAll(chosen);
  if (names.length === 0) return list();
  const [only] = chosen;
  if (chosen.length > 1 || only === undefined) return misused("Start one at a time.");
  return runUntilInterrupted(only);
}

async function list(): Promise<number> {
  for (const server of serverTable) {
    say(`${server.name.padEnd(12)}${server.about}\n${"".padEnd(12)}${await server.state()}`);
  }
  return 0;
}

async function prepareAll(servers: readonly ListedServer[]): Promise<number> {
  for (const server of servers) await server.prepare?.(interrupted.signal);
  return list();
}

async function runUntilInterrupted(server: ListedServer): Promise<number> {
  const started = await server.start(interrupted.signal);
  // A server does not keep this process from ending; a timer does.
  const awake = setInterval(() => undefined, 60_000);
  try {
    say([...started.lines, "# Ctrl-C ends it, and removes all that was stored."].join("\n"));
    await new Promise<void>((resolve) => {
      if (interrupted.signal.aborted) resolve();
      interrupted.signal.addEventListener("abort", () => resolve());
    });
    return 0;
  } finally {
    clearInterval(awake);
    await started.stop();
  }
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function misused(why: string): number {
  process.stderr.write(`${why}\n${usage}\n`);
  return 2;
}
