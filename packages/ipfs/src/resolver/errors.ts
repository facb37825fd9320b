import {
  DeniedError,
  IntegrityError,
  NameConflictError,
  NotPropagatedError,
  StaleError,
  TooLargeError,
  UnsupportedError,
} from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";

/** Whoever would update a name does not have its key. */
export function withoutKey({ operation, action }: OperationContext): DeniedError {
  return new DeniedError(
    `While ${action}: its key is not known here, and nobody else can sign its records. Open the names with the ` +
      "`nameKey` of the log (`deriveKeys(seed).ipns`).",
    { operation },
  );
}

/** No route can publish. */
export function withoutRoute({ operation, action }: OperationContext): UnsupportedError {
  return new UnsupportedError(
    `While ${action}: none of the routes can publish records, they can only read. Add one that can, such as \`kuboRoute\`.`,
    { operation },
  );
}

/** Another record of the same number, or of a higher one, stands under the name. */
export function conflict(
  sequence: bigint,
  held: bigint,
  { operation, action }: OperationContext,
): NameConflictError {
  return new NameConflictError(
    `While ${action}: the new record would have the sequence number ${sequence}, and another one, of number ${held}, ` +
      "stands under the name. That one was left. Resolve the name to see what it holds.",
    { operation },
  );
}

/** The routes show a record that is older than one that is known. */
export function older(shown: bigint, floor: bigint, { operation, action }: OperationContext): StaleError {
  return new StaleError(
    `While ${action}: the newest record that is shown has the sequence number ${shown}, and number ${floor} is known. ` +
      "Nothing of it was used. Try again later, or ask by further routes.",
    { operation },
  );
}

/** The newest record has expired. */
export function expired(milliseconds: number, { operation, action }: OperationContext): StaleError {
  return new StaleError(
    `While ${action}: its newest record expired ${ageText(milliseconds)} ago. The writer has to publish again. To read ` +
      "it all the same, set `acceptExpired`.",
    { operation },
  );
}

/** The head is not in its storage yet. */
export function headMissing(cause: unknown, { operation, action }: OperationContext): NotPropagatedError {
  return new NotPropagatedError(
    `While ${action}: its record points at a head that the storage does not show yet. Try again.`,
    { operation, cause },
  );
}

/** A content is more than is allowed. */
export function tooLarge(
  bytes: number,
  limit: number,
  { operation, action }: OperationContext,
): TooLargeError {
  return new TooLargeError(
    `While ${action}: the head has ${bytes} bytes or more, and the limit is ${limit}.`,
    {
      operation,
      limit,
    },
  );
}

/** The storage keeps something else than it was given. */
export function wrongAddress(
  answered: string,
  expected: string,
  { operation, action }: OperationContext,
): IntegrityError {
  return new IntegrityError(
    `While ${action}: the storage answered with the address ${answered}, and the head is ${expected}.`,
    { operation },
  );
}

/** A time span in the largest unit that it has at least two of. */
export function ageText(milliseconds: number): string {
  const units = [
    ["days", 86_400_000],
    ["hours", 3_600_000],
    ["minutes", 60_000],
  ] as const;
  const [name, size] = units.find(([, length]) => milliseconds >= 2 * length) ?? ["seconds", 1000];
  return `${Math.floor(milliseconds / size)} ${name}`;
}
