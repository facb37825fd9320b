// The entry of the suite: run it, read its report, write cases of your own.

export { ConformanceFailure } from "./assert.ts";
export type { CaseContext, ConformanceCase, Level, Requirement } from "./case.ts";
export { conformanceCases } from "./cases/index.ts";
export type { Declared, DeclaredNames, DeclaredStorage } from "./declared.ts";
export type { EarlyStopOptions, Stopped } from "./early-stop.ts";
export type {
  ConformanceFixture,
  ConformanceLimits,
  Fault,
  FaultControl,
  KnownFailure,
  Opened,
  OpenOptions,
} from "./fixture.ts";
export type { LeftOpen } from "./left-open.ts";
export {
  type GetCall,
  type HasCall,
  type HonestAnswer,
  type LiarCall,
  type LiarHistory,
  type Lie,
  type LyingRemote,
  lies,
  lyingRemote,
  type PastUpdate,
  type PutCall,
  type PutManyCall,
  type ResolveCall,
  type UpdateCall,
} from "./liar/index.ts";
export type { ReaderStoreCase, ReaderStoreContext, ReaderStoreRequirement } from "./reader-store/case.ts";
export { readerStoreCases } from "./reader-store/cases/index.ts";
export type { OpenedReaderStore, ReaderStoreFixture } from "./reader-store/fixture.ts";
export {
  checkReaderStore,
  type ReaderStoreReport,
  type ReaderStoreRunOptions,
  runReaderStoreCase,
} from "./reader-store/run.ts";
export {
  type ConformanceReport,
  formatAdvice,
  formatFailures,
  formatReport,
  formatResult,
  formatSlowest,
  formatSums,
  type ReportedAdapter,
} from "./report.ts";
export { type ReportedCase, type ReportedError, type ReportJson, reportJson } from "./report-json.ts";
export { type CaseResult, type CaseStatus, checkKnown, type RunCaseOptions, runCase } from "./run.ts";
export type { Runtime } from "./runtime.ts";
export { type CheckOptions, checkConformance, type SuiteOptions } from "./suite-run.ts";
export { breaksRun } from "./verdict.ts";
export { suiteVersion } from "./version.ts";
