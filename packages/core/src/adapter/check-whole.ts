// Whole numbers among the options of an adapter.

import { InvalidInputError } from "../errors/index.ts";
import { shown } from "../options/check-option-types.ts";

/** The range that a number of an option lies in, and what is being opened, for the error. */
export interface WholeRange {
  readonly operation: string;
  /** Default 1. */
  readonly least?: number;
  readonly largest: number;
}

/**
 * Checks numbers of options, by their names.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for one that is not whole, or lies out of the range
 */
export function checkWhole(
  options: Readonly<Record<string, number>>,
  { operation, least = 1, largest }: WholeRange,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isSafeInteger(value) && value >= least && value <= largest) continue;
    throw new InvalidInputError(
      `${name} must be a whole number from ${least} to ${largest}, not ${shown(value)}.`,
      {
        operation,
      },
    );
  }
}
