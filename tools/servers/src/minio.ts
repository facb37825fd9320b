// Starts MinIO for tests.

import { join } from "node:path";
import { type S3Program, type S3ProgramServer, type StartOptions, startS3 } from "./start-s3.ts";

/** MinIO: a test process alone, never part of a package (its licence is AGPL-3.0). */
export const minio: S3Program = {
  name: "minio",
  package: "github.com/minio/minio",
  module: "github.com/minio/minio",
  variable: "MINIO_BINARY",
  takes: "about 2 to 4 minutes on 2 cores, and 110 MB",
  plan: ({ folder, port }, { region, credentials }) => ({
    // A single folder is its quickest set-up.
    args: [
      "server",
      "--quiet",
      "--address",
      `127.0.0.1:${port}`,
      "--certs-dir",
      join(folder, "certs"),
      join(folder, "data"),
    ],
    env: {
      MINIO_ROOT_USER: credentials.accessKeyId,
      MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
      MINIO_SITE_REGION: region,
      MINIO_BROWSER: "off",
      MINIO_UPDATE: "off",
      MINIO_CALLHOME_ENABLE: "off",
    },
  }),
};

/**
 * Starts MinIO, whose conditional writes are atomic. Built first if this machine has none.
 *
 * @throws ServerError if it can't be had, built or started
 * @throws the reason of the signal
 */
export function startMinio(options: StartOptions = {}): Promise<S3ProgramServer> {
  return startS3(minio, options);
}
