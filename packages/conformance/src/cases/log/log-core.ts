// What the cases use of a core, so that broken cores can be put in its place.

import {
  type ForkEvidence,
  type ForkVerdict,
  openReader,
  openWriter,
  type Reader,
  type ReaderOptions,
  verifyForkEvidence,
  type Writer,
  type WriterOptions,
} from "@remote-log/core";

/** What the cases use of a reader. */
export type LogReader = Pick<
  Reader,
  "size" | "checkpoint" | "sync" | "from" | "follow" | "latest" | "entry" | "close"
>;

/** What the cases use of a writer. */
export type LogWriter = Pick<
  Writer,
  "logId" | "size" | "status" | "append" | "appendAll" | "publish" | "recover" | "close"
>;

/**
 * What the cases about whole logs use of the core. They get it handed in, so that the tests of this suite can hand in a
 * core that is broken, and see that it is found out.
 */
export interface LogCore {
  openWriter(options: WriterOptions): Promise<LogWriter>;
  openReader(options: ReaderOptions): Promise<LogReader>;
  verifyForkEvidence(evidence: ForkEvidence): Promise<ForkVerdict | undefined>;
}

/** The core as it is. */
export const realCore: LogCore = { openWriter, openReader, verifyForkEvidence };
