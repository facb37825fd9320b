// What the codes of the database mean (SQLSTATE; by class if the code itself is not here).

import { type FailureKind, failureOf, type OperationContext } from "@remote-log/core/adapter";
import { DatabaseError } from "./client.ts";

const kinds: Readonly<Record<string, FailureKind>> = {
  "28": "denied", // invalid authorization
  "42501": "denied", // insufficient privilege
  "42P01": "invalid", // no such table
  "3D000": "invalid", // no such database
  "53100": "quota", // disk full
  "53300": "busy", // too many connections
  "57014": "timeout", // the statement was cancelled
  "54000": "too-large", // program limit exceeded
};

/** The error that a failure of the client means. */
export function translate(cause: unknown, context: OperationContext): unknown {
  if (!(cause instanceof DatabaseError)) return failureOf("unreachable", context, { cause });
  const kind = kinds[cause.code] ?? kinds[cause.code.slice(0, 2)] ?? "unreachable";
  return failureOf(kind, context, { cause, detail: `code ${cause.code}` });
}
