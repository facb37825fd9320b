// Which servers this machine has, and which it could build.

import { bee } from "./bee/program.ts";
import { type Availability, binaryAvailability, provideBinary } from "./binary.ts";
import type { GoProgram } from "./go-program.ts";
import { goProblem } from "./go-toolchain.ts";
import { kubo } from "./kubo/program.ts";
import { minio } from "./minio.ts";
import { noticeOnStderr } from "./notice.ts";
import { ServerError } from "./server-error.ts";
import { versitygw } from "./versitygw.ts";

/** Name of a server that may have to be built. */
export type ProgramName = "minio" | "versitygw" | "kubo" | "bee";

/** The servers that may have to be built. */
export const programs: Readonly<Record<ProgramName, GoProgram>> = { minio, versitygw, kubo, bee };

/** Whether a server can be started on this machine; builds nothing. */
export function serverAvailability(name: ProgramName): Promise<Availability> {
  return binaryAvailability(programs[name]);
}

/**
 * Makes sure that a server can be started at once: builds it if needed.
 *
 * @returns the path of its binary
 * @throws ServerError `ERR_SERVER_UNAVAILABLE` or `ERR_SERVER_BUILD`
 * @throws the reason of the signal
 */
export async function prepareServer(
  name: ProgramName,
  options: { readonly signal?: AbortSignal } = {},
): Promise<string> {
  return (await provideBinary(programs[name], options)).path;
}

/** What {@link serverOrSkip} found. */
export interface SkipVerdict {
  /** Whether to skip what needs the server. */
  readonly skip: boolean;
  /** Why; empty if it is there. */
  readonly reason: string;
}

/** Options of {@link serverOrSkip}. */
export interface SkipOptions {
  /** Whether these tests are the smoke test of the server, which `pnpm test` runs if it is built. Default: no. */
  readonly smoke?: boolean;
}

/**
 * For test files: whether a server can be used. It is never built here: nobody who runs tests waits for a compiler.
 * What the verdict is about depends on the variable `TEST_SERVERS`:
 *
 * - not set: tests run if the server is built
 * - `smoke`, as in `pnpm test`: only tests with the option `smoke` do
 * - `required`, as in `pnpm test:servers`: a server that is not built is an error. The same holds if `CI` is set.
 *
 * ```ts
 * const minio = await serverOrSkip("minio");
 * describe.skipIf(minio.skip)("on MinIO", …);
 * ```
 *
 * @throws ServerError `ERR_SERVER_UNAVAILABLE` if the server is required and not built
 */
export async function serverOrSkip(
  name: ProgramName,
  { smoke = false }: SkipOptions = {},
): Promise<SkipVerdict> {
  if (isSmokeRun() && !smoke) return { skip: true, reason: `${name} is tested by \`pnpm test:servers\`` };
  const found = await serverAvailability(name);
  if (found.available && found.from !== "build") return { skip: false, reason: "" };
  const why = found.available ? `it is not built; run \`pnpm servers --prepare ${name}\`` : found.reason;
  const reason = `There is no ${name} here: ${why}.`;
  if (isRequired()) throw new ServerError("ERR_SERVER_UNAVAILABLE", reason);
  noticeOnStderr(`SKIPPED: nothing is tested on ${name}. ${reason}`);
  return { skip: true, reason };
}

/**
 * For test files: whether Go can be used. As with {@link serverOrSkip}, `pnpm test` never runs it.
 *
 * @param needed - the least version: `"1.25.0"`
 * @throws ServerError `ERR_SERVER_UNAVAILABLE` if it is required and not there
 */
export async function goOrSkip(needed = "1.21.0"): Promise<SkipVerdict> {
  if (isSmokeRun()) return { skip: true, reason: "what Go builds is tested by `pnpm test:servers`" };
  const reason = await goProblem(needed);
  if (reason === undefined) return { skip: false, reason: "" };
  if (isRequired()) throw new ServerError("ERR_SERVER_UNAVAILABLE", `Tests need Go: ${reason}.`);
  noticeOnStderr(`SKIPPED: what needs Go is not tested. ${reason}.`);
  return { skip: true, reason };
}

/** Whether only smoke tests use real servers: the variable `TEST_SERVERS` is `smoke`. */
export function isSmokeRun(): boolean {
  return process.env["TEST_SERVERS"] === "smoke";
}

/** Whether skipping is an error: in CI, and if `TEST_SERVERS` is `required`, but never in a run of smoke tests. */
export function isRequired(): boolean {
  if (isSmokeRun()) return false;
  const ci = process.env["CI"];
  return process.env["TEST_SERVERS"] === "required" || (ci !== undefined && ci !== "" && ci !== "false");
}
