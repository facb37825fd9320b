// The errors of names. Each has a `reason` if its code stands for several cases (docs/errors.md).

import {
  DeniedError,
  IntegrityError,
  NameConflictError,
  NotPropagatedError,
  StaleError,
  TooLargeError,
  UnsupportedError,
} from "@remote-log/core";
import { byThisClock, type OperationContext } from "@remote-log/core/adapter";

/** An update of a name whose key is not known. */
export function withoutKey({ operation, action }: OperationContext): DeniedError {
  return new DeniedError(
    `While ${action}: its key is not known here, and nobody else can sign its records. Open the names with the ` +
      "`nameKey` of the log (`deriveKeys(seed).ipns`).",
    { operation, reason: "no-key" },
  );
}

/** No route can publish. */
export function withoutRoute({ operation, action }: OperationContext): UnsupportedError {
  return new UnsupportedError(
    `While ${action}: none of the routes can publish records, they can only read. Add one that can, such as \`kuboRoute\`.`,
    { operation, reason: "read-only" },
  );
}

/** The name holds another record, of the same number or of a higher one. */
export function conflict(
  sequence: bigint,
  held: bigint,
  { operation, action }: OperationContext,
): NameConflictError {
  return new NameConflictError(
    `While ${action}: the new record would have the sequence number ${sequence}, and the name holds another one, of ` +
      `number ${held}. That one was left as it is. Resolve the name to see what it holds.`,
    { operation },
  );
}

/** The routes show a record that is older than one that is known. */
export function older(shown: bigint, floor: bigint, { operation, action }: OperationContext): StaleError {
  return new StaleError(
    `While ${action}: the newest record that is shown has the sequence number ${shown}, and number ${floor} is known. ` +
      "Nothing of it was used. Try again later, or ask by further routes.",
    { operation, reason: "older" },
  );
}

/** The newest record has expired. */
export function expired(milliseconds: number, { operation, action }: OperationContext): StaleError {
  return new StaleError(
    `While ${action}: its newest record expired ${ageText(milliseconds)} ago, ${byThisClock()}. If the clock is right, the ` +
      "writer has to publish again. To read it all the same, set `acceptExpired`.",
    { operation, reason: "expired" },
  );
}

/** The head is not in its storage yet. */
export function headMissing(cause: unknown, { operation, action }: OperationContext): NotPropagatedError {
  return new NotPropagatedError(
    `While ${action}: its record points at a head that the storage does not show yet. Try again.`,
    { operation, cause },
  );
}

/** The head is larger than the caller, or the resolver, takes. */
export function headTooLarge(limit: number, { operation, action }: OperationContext): TooLargeError {
  const message = `While ${action}: the head has more than ${limit} bytes, which is the limit.`;
  return new TooLargeError(message, { operation, limit });
}

/** The storage keeps something other than it was given. */
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

/** A length of time, in the largest unit of which it has at least two. */
export function ageText(milliseconds: number): string {
  const units = [
    ["days", 86_400_000],
    ["hours", 3_600_000],
    ["minutes", 60_000],
  ] as const;
  const [name, size] = units.find(([, length]) => milliseconds >= 2 * length) ?? ["seconds", 1000];
  return `${Math.floor(milliseconds / size)} ${name}`;
}
