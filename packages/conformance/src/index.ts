export { ConformanceFailure } from "./assert.ts";
export type { CaseContext, ConformanceCase, Level, Requirement } from "./case.ts";
export { conformanceCases } from "./cases/index.ts";
export type { ConformanceFixture, ConformanceLimits, KnownFailure, Opened, OpenOptions } from "./fixture.ts";
export { breaksRun, type ConformanceReport, checkConformance, formatReport } from "./report.ts";
export { type CaseResult, type CaseStatus, checkKnown, runCase } from "./run.ts";
