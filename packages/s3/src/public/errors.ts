import { UnsupportedError } from "@remote-log/core";
import type { FaultContext } from "../errors.ts";

/** A write through plain HTTP, which nobody may do. */
export function readOnly({ operation, action }: FaultContext): UnsupportedError {
  return new UnsupportedError(
    `${action.charAt(0).toUpperCase()}${action.slice(1)} is not possible: a public remote can only be read. To write, ` +
      "use `s3Remote` of @remote-log/s3, with credentials.",
    { operation },
  );
}
