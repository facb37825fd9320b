// Tables of inputs that are refused.

import type { DecodeFixture, Fixture, Input } from "./fixture.ts";

/** A name, why it is refused, the input, and the code if that is another than usual. */
export type Row = readonly [name: string, why: string, input: Input, code?: string];

/** Fixtures of one decoder, all of them refused. */
export function table(
  decode: string,
  rows: readonly Row[],
  usual = "ERR_MALFORMED",
  context?: DecodeFixture["with"],
): Fixture[] {
  return rows.map(
    ([name, why, input, code = usual]): Fixture => ({
      name,
      why,
      decode,
      input,
      ...(context && { with: context }),
      expect: "refused",
      code,
    }),
  );
}
