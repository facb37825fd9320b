// Starts versitygw for tests.

import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ServerError } from "./server-error.ts";
import { type S3Program, type S3ProgramServer, type StartOptions, startS3 } from "./start-s3.ts";

/** versitygw, which keeps objects as files of a folder. */
export const versitygw: S3Program = programWith("attributes");

function programWith(metadata: "attributes" | "files"): S3Program {
  return {
    name: "versitygw",
    package: "github.com/versity/versitygw/cmd/versitygw",
    module: "github.com/versity/versitygw",
    variable: "VERSITYGW_BINARY",
    takes: "about 1 minute on 2 cores, and 40 MB",
    async plan({ folder, port }, { region, credentials }) {
      const data = join(folder, "data");
      const sidecar = join(folder, "metadata");
      await mkdir(data);
      await mkdir(sidecar);
      return {
        args: [
          "--port",
          `127.0.0.1:${port}`,
          "--region",
          region,
          // By default it closes the connection after each request.
          "--keep-alive",
          "posix",
          ...(metadata === "files" ? ["--sidecar", sidecar] : []),
          data,
        ],
        env: { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
      };
    },
  };
}

/**
 * Starts versitygw, a maintained server that looks at a condition first and writes then: its conditional writes
 * are not atomic. Built first if this machine has none.
 *
 * It keeps metadata in extended attributes; if the temporary folder has none, in files beside the data.
 *
 * @throws ServerError if it can't be had, built or started
 * @throws the reason of the signal
 */
export async function startVersitygw(options: StartOptions = {}): Promise<S3ProgramServer> {
  try {
    return await startS3(versitygw, options);
  } catch (error) {
    if (!(error instanceof ServerError && error.log !== undefined && /xattr/i.test(error.output)))
      throw error;
    await rm(dirname(error.log), { recursive: true, force: true });
    return startS3(programWith("files"), options);
  }
}
