#!/usr/bin/env node
// The command `pnpm servers`.

import { parseArgs } from "node:util";
import { prepareHelia } from "./helia.ts";
import { prepareRuntimes } from "./runtimes.ts";
import { type S3Words, s3OptionsOf } from "./s3/for-person.ts";
import type { OwnS3Options } from "./s3/options.ts";
import { type ListedServer, serverTable } from "./server-table.ts";

const usage = `pnpm servers                     list the servers
pnpm servers <name>              start one, and end it with Ctrl-C
pnpm servers <name> --nodes <n>  start several of kubo or of bee, as a network
pnpm servers s3 [options]        start our own S3 server
    --port <port>                  where it listens on 127.0.0.1 (default: a free port)
    --data <folder>                keeps buckets, objects and the account there, for the next start (default: in memory)
    --cors <origin>                web pages of this origin may use it; * for all; may be given several times
pnpm servers --prepare [name…]   build what tests need and is missing, start nothing`;

/** Nodes of Kubo are connected each to each, so more would cost a machine more than they show. */
const NODES = /^[1-9]$/;

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

async function main(args: string[]): Promise<number> {
  let names: string[];
  let prepare: boolean;
  let help: boolean;
  let nodes: string | undefined;
  let words: S3Words;
  try {
    const options = {
      nodes: { type: "string" },
      port: { type: "string" },
      data: { type: "string" },
      cors: { type: "string", multiple: true },
      prepare: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    } as const;
    const parsed = parseArgs({ args, allowPositionals: true, options });
    names = parsed.positionals;
    ({ prepare, help, nodes, ...words } = parsed.values);
  } catch (error) {
    return misused((error as Error).message);
  }
  if (help) return say(usage);
  const unknown = names.find((name) => serverTable.every((server) => server.name !== name));
  if (unknown !== undefined) return misused(`There is no server called ${unknown}.`);
  const chosen = serverTable.filter(({ name }) => names.length === 0 || names.includes(name));
  if (nodes !== undefined && (prepare || names.length === 0)) {
    return misused("--nodes is for a server that is started: pnpm servers <name> --nodes <n>.");
  }
  const [given] = Object.entries(words).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`],
  );
  if (given !== undefined && (prepare || names.length !== 1 || chosen[0]?.own !== true)) {
    return misused(`${given} is for our own S3 server: pnpm servers s3 ${given} ….`);
  }
  const options = s3OptionsOf(words);
  if (typeof options === "string") return misused(options);
  if (prepare) return prepareAll(chosen, names.length === 0);
  if (names.length === 0) return list();
  const [only] = chosen;
  if (chosen.length > 1 || only === undefined) return misused("Start one at a time.");
  if (nodes !== undefined && only.network === undefined) {
    const networks = serverTable.filter(({ network }) => network).map(({ name }) => name);
    return misused(`${only.name} is always one server: --nodes is for ${networks.join(", ")}.`);
  }
  if (nodes !== undefined && !NODES.test(nodes)) {
    return misused(`--nodes takes a number from 1 to 9, not "${nodes}".`);
  }
  return runUntilInterrupted(only, Number(nodes ?? 1), options);
}

async function list(): Promise<number> {
  for (const server of serverTable) {
    say(`${server.name.padEnd(12)}${server.about}\n${"".padEnd(12)}${await server.state()}`);
  }
  return 0;
}

async function prepareAll(servers: readonly ListedServer[], all: boolean): Promise<number> {
  for (const server of servers) await server.prepare?.(interrupted.signal);
  // Helia is no server, but tests need it as they need servers.
  if (all) await prepareHelia({ signal: interrupted.signal });
  if (all && process.platform === "linux" && process.arch === "x64")
    await prepareRuntimes({ signal: interrupted.signal });
  return list();
}

async function runUntilInterrupted(
  server: ListedServer,
  nodes: number,
  options: OwnS3Options,
): Promise<number> {
  const started = await server.start(interrupted.signal, nodes, options);
  // A server does not keep this process from ending; a timer does.
  const awake = setInterval(() => undefined, 60_000);
  try {
    const end =
      started.kept === undefined
        ? "# Ctrl-C ends it, and removes all that was stored."
        : `# Ctrl-C ends it. What was stored stays in ${started.kept}`;
    say([...started.lines, end].join("\n"));
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
