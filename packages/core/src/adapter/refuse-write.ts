// The error of a remote that can only be read, for callers who try to write.

import { UnsupportedError } from "../errors/index.ts";
import type { OperationContext } from "./call.ts";

/** The refusal of a write, with the reason `"read-only"`. */
export function refuseWrite(readOnly: string, { operation, action }: OperationContext): UnsupportedError {
  const begin = `${action.charAt(0).toUpperCase()}${action.slice(1)}`;
  return new UnsupportedError(`${begin} is not possible: ${readOnly}`, { operation, reason: "read-only" });
}
