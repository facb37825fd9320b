import { bee } from "./bee/program.ts";
import { type Availability, binaryAvailability, provideBinary } from "./binary.ts";
import type { GoProgram } from "./go-program.ts";
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
 * Sees to it that a server can be started at once, by building it where that is needed.
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
  /** Why; empty where it is there. */
  readonly reason: string;
}

/**
 * For test files: gets a server ready, building it where that is needed. Where it can't be had, that is said in one
 * line on standard error and the tests are to be skipped; in CI it is an error, so that nothing is skipped unseen.
 *
 * Await it at the top of the file, where no time limit of a test or hook applies to the build:
 *
 * ```ts
 * const minio = await serverOrSkip("minio");
 * describe.skipIf(minio.skip)("on MinIO", …);
 * ```
 *
 * @throws ServerError `ERR_SERVER_UNAVAILABLE` or `ERR_SERVER_BUILD`, where the variable `CI` is set
 */
export async function serverOrSkip(name: ProgramName): Promise<SkipVerdict> {
  try {
    await prepareServer(name);
    return { skip: false, reason: "" };
  } catch (error) {
    if (!(error instanceof ServerError) || isCi()) throw error;
    noticeOnStderr(`SKIPPED: nothing is tested on ${name}. ${error.message}`);
    return { skip: true, reason: error.message };
  }
}

/** Whether this runs in CI, where nothing may be skipped. */
export function isCi(): boolean {
  const ci = process.env["CI"];
  return ci !== undefined && ci !== "" && ci !== "false";
}
