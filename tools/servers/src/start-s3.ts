// Starts a program that speaks S3, with an account of its own.

import { randomBytes } from "node:crypto";
import { type Binary, provideBinary } from "./binary.ts";
import type { GoProgram } from "./go-program.ts";
import { launch, type Place } from "./launch.ts";
import type { RunPlan, ServerFiles } from "./launch-program.ts";
import type { Notice } from "./notice.ts";
import { answersS3, type S3Account } from "./s3-request.ts";
import type { S3Server } from "./s3-server.ts";

/** Settings of a server that speaks S3. */
export interface StartOptions {
  /** Default `us-east-1`. */
  readonly region?: string;
  /** How long it may take from start to answer, in milliseconds; a build does not count. Default 180,000. */
  readonly deadline?: number;
  /** Gives up building or starting. A server that is up stays up. */
  readonly signal?: AbortSignal;
  /** Told when a build begins, and when the server ends by itself. Default: a line on standard error. */
  readonly notice?: Notice;
}

/** A running program that speaks S3, and where it keeps its files. */
export type S3ProgramServer = S3Server & ServerFiles;

/** How one kind of server that speaks S3 is run. */
export interface S3Program extends GoProgram {
  readonly name: "minio" | "versitygw";
  plan(place: Place, account: S3Account): RunPlan | Promise<RunPlan>;
}

/**
 * Starts a server that speaks S3, with an account that is made up for this start.
 *
 * @throws ServerError if it can't be had, built or started
 * @throws the reason of the signal
 */
export async function startS3(program: S3Program, options: StartOptions = {}): Promise<S3ProgramServer> {
  const binary: Binary = await provideBinary(program, options);
  const region = options.region ?? "us-east-1";
  // Within the limits of all: MinIO takes keys of 3 to 20 and secrets of 8 to 40 characters.
  const credentials = {
    accessKeyId: `RLOG${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString("hex"),
  };
  const accountAt = ({ port }: Place): S3Account => ({
    endpoint: `http://127.0.0.1:${port}`,
    region,
    credentials,
  });
  const running = await launch({
    name: program.name,
    command: binary.path,
    plan: (place) => program.plan(place, accountAt(place)),
    ready: (place, signal) => answersS3(accountAt(place), signal),
    signal: options.signal,
    notice: options.notice,
    deadline: options.deadline,
  });
  return {
    name: program.name,
    version: binary.version,
    ...accountAt(running),
    folder: running.folder,
    log: running.log,
    stop: () => running.stop(),
  };
}
