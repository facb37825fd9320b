// Other runtimes than Node.js on this machine: Bun, Deno, workerd and Hermes.

import { dirname, join } from "node:path";
import { isRequired, isSmokeRun } from "./availability.ts";
import { cachedBuild, findCached } from "./cached-build.ts";
import { noticeOnStderr } from "./notice.ts";
import { npmInstallPlan } from "./npm-install.ts";
import { ServerError } from "./server-error.ts";

// Bun, Deno, workerd and Hermes are no servers: they are installed in the way in which servers are built, because each is as
// large as everything else that a clone of this repository installs.

/** Other runtimes than Node.js on this machine: paths of their programs. */
export interface Runtimes {
  readonly bun: string;
  readonly deno: string;
  readonly workerd: string;
  /** The shell of Hermes, the engine of React Native. */
  readonly hermes: string;
  /** The folder `node_modules` with the compiler that React Native's applications use. */
  readonly modules: string;
}

/** What {@link runtimesOrSkip} found. */
export type RuntimesVerdict =
  | { readonly skip: false; readonly runtimes: Runtimes }
  | { readonly skip: true; readonly reason: string; readonly runtimes?: never };

const runtimes = { name: "runtimes", folder: "runtimes", takes: "10 to 60 seconds and 520 MB" };

/**
 * Installs Bun, Deno, workerd and Hermes if they are not installed yet, into the user's cache folder. Nothing of the repository
 * changes.
 *
 * @throws ServerError `ERR_SERVER_UNAVAILABLE` on systems that they are not installed on, `ERR_SERVER_BUILD` if the
 * installation fails
 * @throws the reason of the signal
 */
export async function prepareRuntimes(options: { readonly signal?: AbortSignal } = {}): Promise<Runtimes> {
  if (!fitsMachine()) throw new ServerError("ERR_SERVER_UNAVAILABLE", NO_FIT);
  const modules = join(dirname(await cachedBuild(await npmInstallPlan(runtimes), options)), "node_modules");
  return {
    bun: join(modules, "@oven/bun-linux-x64/bin/bun"),
    deno: join(modules, "@deno/linux-x64-glibc/deno"),
    workerd: join(modules, "@cloudflare/workerd-linux-64/bin/workerd"),
    hermes: join(modules, "hermes-engine-cli/linux64-bin/hermes"),
    modules,
  };
}

/**
 * For test files: whether other runtimes can be used. As with a server, they are never installed here, and `pnpm test` never
 * uses them.
 *
 * @throws ServerError `ERR_SERVER_UNAVAILABLE` if they are required and not installed
 */
export async function runtimesOrSkip(): Promise<RuntimesVerdict> {
  if (isSmokeRun()) return { skip: true, reason: "other runtimes are tested by `pnpm test:servers`" };
  if ((await findCached(await npmInstallPlan(runtimes))) !== undefined)
    return { skip: false, runtimes: await prepareRuntimes() };
  const reason = fitsMachine() ? "they are not installed; run `pnpm servers --prepare`" : NO_FIT;
  if (isRequired()) {
    throw new ServerError(
      "ERR_SERVER_UNAVAILABLE",
      `There are no Bun, Deno, workerd and Hermes here: ${reason}.`,
    );
  }
  noticeOnStderr(`SKIPPED: nothing is tested on Bun, Deno, workerd and Hermes: ${reason}.`);
  return { skip: true, reason };
}

const NO_FIT = "Bun, Deno, workerd and Hermes are installed for tests only on Linux on x64.";

function fitsMachine(): boolean {
  return process.platform === "linux" && process.arch === "x64";
}
