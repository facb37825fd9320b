// What the refusals of the service mean.

import type { FailureKind } from "@remote-log/core/adapter";
import { ServiceError } from "./client.ts";

/** One that is not here means that no usable answer came: `"unreachable"`, which is always right. */
const meanings: Readonly<Record<string, FailureKind | "absent" | "conflict">> = {
  KEY_NOT_FOUND: "absent",
  WRONG_REVISION: "conflict",
  FORBIDDEN: "denied",
  NO_SPACE: "quota",
  VALUE_TOO_LONG: "too-large",
  TIMED_OUT: "timeout",
};

/** What an error of the client means. Decide by codes and classes, never by the text of a message. */
export function meaningOf(error: unknown): FailureKind | "absent" | "conflict" | undefined {
  return error instanceof ServiceError ? meanings[error.code] : undefined;
}
