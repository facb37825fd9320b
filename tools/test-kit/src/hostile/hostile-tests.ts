// The table of a hostile server as a test of vitest.

import { expect, test } from "vitest";
import { sample, whole } from "../sample.ts";
import { type HostileAnswer, hostileAnswers } from "./answers.ts";
import { type HostileTableOptions, runHostileTable } from "./hostile-table.ts";

/**
 * By how much the memory of a client may grow, in bytes: what its operations may read, and what its runtime needs for a
 * thousand of them. With the SDK of S3 that is some 128 MiB; what is not bounded ends above 1 GiB.
 */
const MOST_GROWTH = 192 * 1024 * 1024;

/** Options of {@link hostileTable}. */
export interface HostileTestOptions extends Omit<HostileTableOptions, "answers"> {
  /** Which answers are of use. Default: all. */
  readonly among?: (answer: HostileAnswer) => boolean;
  /** How many answers are tried if not all are. Default: 3. */
  readonly size?: number;
  /** By how much the memory of the client may grow, in bytes, if the client itself needs more. Default: 192 MiB. */
  readonly mostGrowth?: number;
}

/**
 * A test that every operation of an adapter ends as it should, whatever a hostile service answers, and in little memory. The
 * whole table has more than a thousand cells; `pnpm test` tries a sample of its answers.
 */
export function hostileTable({
  among = () => true,
  size = 3,
  mostGrowth = MOST_GROWTH,
  ...options
}: HostileTestOptions): void {
  test("whatever a hostile service answers, every operation ends, in little memory", async ({ annotate }) => {
    const answers = sample(options.module, hostileAnswers.filter(among), size);
    const patienceMilliseconds = whole ? 1_000 : 300;
    const report = await runHostileTable({ patienceMilliseconds, ...options, answers });
    const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
    await annotate(
      `${report.cells} cells; memory grew by ${mebibytes(report.growth)}, and kept ${mebibytes(report.kept)}`,
    );
    expect(report.complaints).toEqual([]);
    expect(report.growth).toBeLessThan(mostGrowth);
  }, 1_800_000);
}
