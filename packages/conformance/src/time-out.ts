// The failure of a case that was not over in time, and what it waited for.

import { ConformanceFailure } from "./assert.ts";

/** The failure of a case that was not over in time. */
export class CaseTimeout extends ConformanceFailure {
  /** What was still running when the time was over, without order: `["names.resolve", "storage.get"]`. */
  readonly waitedFor: readonly string[];

  /** @param waitedFor - two cases that waited for the same thing name it in the same words */
  constructor(message: string, waitedFor: readonly string[]) {
    super(message);
    this.waitedFor = waitedFor;
  }
}
