// The entry of the servers, for tests and tools.

export {
  goOrSkip,
  type ProgramName,
  prepareServer,
  type SkipOptions,
  type SkipVerdict,
  serverAvailability,
  serverOrSkip,
} from "./availability.ts";
export type { BeeFaults } from "./bee/control.ts";
export { type BatchOptions, type BeeOptions, type BeeServer, startBee } from "./bee/server.ts";
export type { Availability } from "./binary.ts";
export { type Helia, type HeliaVerdict, heliaOrSkip, prepareHelia } from "./helia.ts";
export { type KuboNetwork, type KuboNetworkOptions, startKuboNetwork } from "./kubo/network.ts";
export type { KuboConfig } from "./kubo/repository.ts";
export { type KuboOptions, type KuboServer, startKubo } from "./kubo/server.ts";
export { type Launched, type LaunchOptions, launch, type Place } from "./launch.ts";
export type { LaunchSettings, RunPlan, ServerFiles } from "./launch-program.ts";
export { startMinio } from "./minio.ts";
export type { Notice } from "./notice.ts";
export { prepareRuntimes, type Runtimes, type RuntimesVerdict, runtimesOrSkip } from "./runtimes.ts";
export type { CorsRule } from "./s3/cors.ts";
export {
  conditionsNotImplemented,
  conflict,
  denied,
  type ErrorFault,
  expiredToken,
  internalError,
  minioQuotaExceeded,
  permanentRedirect,
  quotaExceeded,
  type S3Fault,
  slowDown,
} from "./s3/fault.ts";
export type { AddedFault, FaultScope, FaultTarget, S3Faults } from "./s3/faults.ts";
export type { OwnS3Options } from "./s3/options.ts";
export type { S3Operation } from "./s3/request.ts";
export type { LoggedRequest, RequestFilter, RequestLog } from "./s3/request-log.ts";
export { type OwnS3, startOwnS3 } from "./s3/server.ts";
export { createBucket, type S3Account } from "./s3-request.ts";
export type { S3Server } from "./s3-server.ts";
export { ServerError, type ServerErrorCode, type ServerErrorOptions } from "./server-error.ts";
export type { S3ProgramServer, StartOptions } from "./start-s3.ts";
export { startVersitygw } from "./versitygw.ts";
